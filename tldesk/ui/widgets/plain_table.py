"""A read-only table of texts; some columns are numbers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QTableView, QWidget

from tldesk.ui.widgets.table_columns import TableColumn, header_data, show_as_rows

Index = QModelIndex | QPersistentModelIndex
ROW_HEIGHT = 26  # pixels


class WordsModel(QAbstractTableModel):
    """Rows of texts."""

    def __init__(self, titles: Sequence[str], numbers: Sequence[int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(TableColumn(title, place in numbers) for place, title in enumerate(titles))
        self.rows: tuple[tuple[str, ...], ...] = ()

    def set_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Show new rows."""
        self.beginResetModel()
        self.rows = tuple(tuple(row) for row in rows)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """Number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the text of a cell; numbers are right-aligned."""
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return self.rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._columns[index.column()].alignment
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the heading of a column."""
        return header_data(self._columns, section, orientation, role)


class PlainTable(QTableView):
    """A read-only table; the column ``wide`` takes the remaining width."""

    def __init__(
        self,
        name: str,
        titles: Sequence[str],
        *,
        numbers: Sequence[int] = (),
        wide: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = WordsModel(titles, numbers, self)
        self.setModel(self._model)
        self.setAccessibleName(name)
        show_as_rows(self, wide, row_height=ROW_HEIGHT)

    def set_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Show new rows."""
        self._model.set_rows(rows)

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The rows shown."""
        return self._model.rows
