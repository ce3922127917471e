"""Selecting a table row from code."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QTableView


def select_row(table: QTableView, row: int) -> None:
    """Make ``row`` the only selected row, and the current one.

    ``QTableView.selectRow`` takes modifier keys into account, like a click: with Ctrl pressed it would add
    the row to the selection, or remove it.
    """
    how = QItemSelectionModel.SelectionFlag
    table.selectionModel().setCurrentIndex(table.model().index(row, 0), how.ClearAndSelect | how.Rows)
