"""Selecting a row of a table by the program rather than by hand."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QTableView


def select_row(table: QTableView, row: int) -> None:
    """Make ``row`` the only one selected, and the current one.

    ``QTableView.selectRow`` heeds the keys that happen to be held, as a click would: after Ctrl and a letter
    it adds the row to the others, or takes it away.
    """
    how = QItemSelectionModel.SelectionFlag
    table.selectionModel().setCurrentIndex(table.model().index(row, 0), how.ClearAndSelect | how.Rows)
