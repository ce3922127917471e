"""Selecting a table row from code."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QTableView


def select_row(table: QTableView, row: int) -> None:
    """Make ``row`` the only one selected, and the current one.

    ``QTableView.selectRow`` obeys modifier keys that happen to be held, as a click would: with Ctrl it adds
    the row to the selection, or removes it.
    """
    how = QItemSelectionModel.SelectionFlag
    table.selectionModel().setCurrentIndex(table.model().index(row, 0), how.ClearAndSelect | how.Rows)
