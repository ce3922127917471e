"""The columns of a table: titles, tool tips and alignment; and the common look of all tables of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column: its title, whether it holds numbers (right-aligned), and its tool tip."""

    title: str
    number: bool = False
    tip: str = ""

    @property
    def alignment(self) -> Qt.AlignmentFlag:
        """The alignment of the title and of the cells."""
        side = Qt.AlignmentFlag.AlignRight if self.number else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter


def header_data(
    columns: Sequence[TableColumn], section: int, orientation: Qt.Orientation, role: int
) -> object:
    """Return the result of a table model's ``headerData``; rows have no headers."""
    if orientation == Qt.Orientation.Vertical:
        return None
    column = columns[section]
    if role == Qt.ItemDataRole.DisplayRole:
        return column.title
    if role == Qt.ItemDataRole.ToolTipRole:
        return column.tip or None
    return column.alignment if role == Qt.ItemDataRole.TextAlignmentRole else None


def show_as_rows(table: QTableView, wide: int, *, row_height: int = 28) -> None:
    """Make a table show whole rows to read: no grid, no row headers, not editable.

    The column ``wide`` takes the remaining width; ``row_height`` is in pixels.
    """
    table.setObjectName("plain")
    table.setShowGrid(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(row_height)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionsClickable(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)
