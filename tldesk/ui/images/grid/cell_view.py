"""A view of equal cells in rows for any number of items: positions are computed, not stored.

Qt's QListView lays out its items one by one; with 100,000 items, a jump takes more than a second.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem, QWidget

Index = QModelIndex | QPersistentModelIndex
_Move = QAbstractItemView.CursorAction


class CellView(QAbstractItemView):
    """Rows of cells that fill the width; scrolls by pixels; selects in reading order."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least = QSize(120, 160)  # minimum size of a cell
        self._hovered = -1
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The scroll bar keeps its space, so that columns do not jump; if there is nothing to scroll, its
        # handle is hidden.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setMouseTracking(True)

    # --- geometry -------------------------------------------------------------------------------------------

    def set_cell_size(self, size: QSize) -> None:
        """Set the minimum size of a cell; the remaining width of a row is shared among its cells."""
        self._least = size
        self.updateGeometries()
        self.viewport().update()

    def columns(self) -> int:
        """The number of cells in a row."""
        return max(1, self.viewport().width() // self._least.width())

    def rows_in_sight(self) -> tuple[int, int]:
        """Return the first and the last visible item; (0, -1) if there is none."""
        return self._items_between(0, self.viewport().height())

    def _items_between(self, top: int, bottom: int) -> tuple[int, int]:
        count, columns, height = self._count(), self.columns(), self._least.height()
        first = max(0, (top + self.verticalOffset()) // height * columns)
        last = min(((bottom + self.verticalOffset()) // height + 1) * columns, count) - 1
        return (first, last) if first <= last else (0, -1)

    def _count(self) -> int:
        return self.model().rowCount() if self.model() is not None else 0

    def _rect(self, row: int) -> QRect:
        """Return the rectangle of an item in viewport coordinates."""
        columns, width = self.columns(), self.viewport().width()
        line, column = divmod(row, columns)
        left = width * column // columns
        right = width * (column + 1) // columns
        height = self._least.height()
        return QRect(left, line * height - self.verticalOffset(), right - left, height)

    def visualRect(self, index: Index) -> QRect:
        """Return the rectangle of an item in viewport coordinates."""
        return self._rect(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        """Return the item at a point of the viewport."""
        columns = self.columns()
        column = point.x() * columns // max(1, self.viewport().width())
        row = (point.y() + self.verticalOffset()) // self._least.height() * columns + column
        inside = 0 <= column < columns and 0 <= row < self._count()
        return self.model().index(row, 0) if inside else QModelIndex()

    def _nearest(self, point: QPoint) -> int:
        columns = self.columns()
        column = min(max(point.x() * columns // max(1, self.viewport().width()), 0), columns - 1)
        line = max((point.y() + self.verticalOffset()) // self._least.height(), 0)
        return min(line * columns + column, self._count() - 1)

    def updateGeometries(self) -> None:
        """Update the range of the scroll bar."""
        super().updateGeometries()
        lines = -(-self._count() // self.columns())
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, lines * self._least.height() - height))
        bar.setPageStep(height)
        bar.setSingleStep(self._least.height() // 4)
        bar.setEnabled(bar.maximum() > 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the top item at the top while the number of columns changes."""
        columns_before = max(1, event.oldSize().width() // self._least.width())
        first = self.verticalOffset() // self._least.height() * columns_before
        super().resizeEvent(event)
        self.updateGeometries()
        if event.oldSize().width() > 0 and columns_before != self.columns():
            self.verticalScrollBar().setValue(first // self.columns() * self._least.height())

    def scrollContentsBy(self, across: int, down: int) -> None:
        """Move the pixels already painted; only newly visible cells are painted."""
        self.viewport().scroll(across, down)

    # --- methods required by QAbstractItemView --------------------------------------------------------------

    def horizontalOffset(self) -> int:
        """There is no horizontal scrolling."""
        return 0

    def verticalOffset(self) -> int:
        """The scroll position in px."""
        return self.verticalScrollBar().value()

    def isIndexHidden(self, _index: Index) -> bool:
        """No item is hidden."""
        return False

    def scrollTo(
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Bring an item into view, scrolling as little as possible."""
        if not index.isValid():
            return
        place, bar, height = self._rect(index.row()), self.verticalScrollBar(), self.viewport().height()
        if hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(bar.value() + place.center().y() - height // 2)
        elif place.top() < 0 or place.height() > height:
            bar.setValue(bar.value() + place.top())
        elif place.bottom() > height:
            bar.setValue(bar.value() + place.bottom() + 1 - height)

    def moveCursor(self, action: _Move, _modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Move by one item or row (arrow keys), by a screen (Page keys), or to the ends (Home and End)."""
        count = self._count()
        if not count:
            return QModelIndex()
        current = self.currentIndex()
        if not current.isValid():
            return self.model().index(self.rows_in_sight()[0], 0)
        columns = self.columns()
        page = max(1, self.viewport().height() // self._least.height()) * columns
        step = {
            _Move.MoveLeft: -1,
            _Move.MovePrevious: -1,
            _Move.MoveRight: 1,
            _Move.MoveNext: 1,
            _Move.MoveUp: -columns,
            _Move.MoveDown: columns,
            _Move.MovePageUp: -page,
            _Move.MovePageDown: page,
            _Move.MoveHome: -count,
            _Move.MoveEnd: count,
        }[action]
        row = current.row() + step
        if abs(step) == columns and not 0 <= row < count:
            row = current.row()  # there is no row above or below
        return self.model().index(min(max(row, 0), count - 1), 0)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Select from one corner to the other in reading order."""
        if not self._count():
            return
        first, last = sorted((self._nearest(rect.topLeft()), self._nearest(rect.bottomRight())))
        model = self.model()
        nothing = rect.width() <= 1 and rect.height() <= 1 and not self.indexAt(rect.topLeft()).isValid()
        chosen = QItemSelection() if nothing else QItemSelection(model.index(first, 0), model.index(last, 0))
        self.selectionModel().select(chosen, command)

    def visualRegionForSelection(self, _selection: QItemSelection) -> QRegion:
        """The whole viewport: repainting all visible cells is cheaper than finding out which changed."""
        return QRegion(self.viewport().rect())

    # --- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Let the delegate draw the cells of the region to be painted."""
        first, last = self._items_between(event.rect().top(), event.rect().bottom())
        painter = QPainter(self.viewport())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        base = option.state & ~QStyle.StateFlag.State_HasFocus
        current = self.currentIndex().row() if self.hasFocus() else -1
        for row in range(first, last + 1):
            index = self.model().index(row, 0)
            state = base
            if self.selectionModel().isSelected(index):
                state |= QStyle.StateFlag.State_Selected
            if row == self._hovered:
                state |= QStyle.StateFlag.State_MouseOver
            if row == current:
                state |= QStyle.StateFlag.State_HasFocus
            option.rect = self._rect(row)
            option.state = state
            self.itemDelegate().paint(painter, option, index)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Track the item under the pointer."""
        self._hover(self.indexAt(event.position().toPoint()).row())
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the item under the pointer."""
        self._hover(-1)
        super().leaveEvent(event)

    def dataChanged(self, first: Index, last: Index, _roles: Sequence[int] = ()) -> None:
        """Repaint the changed items that are in view."""
        seen = self.rows_in_sight()
        rows = range(max(first.row(), seen[0]), min(last.row(), seen[1]) + 1)
        if rows:
            top, bottom = self._rect(rows[0]).top(), self._rect(rows[-1]).bottom()
            self.viewport().update(0, top, self.viewport().width(), bottom - top + 1)

    def update_row(self, row: int) -> None:
        """Repaint one cell."""
        self.viewport().update(self._rect(row))

    def _hover(self, row: int) -> None:
        before, self._hovered = self._hovered, row
        for each in {before, row} - {-1}:
            if before != row:
                self.viewport().update(self._rect(each))

    # --- selection ------------------------------------------------------------------------------------------

    def selected_rows(self) -> list[range]:
        """Return the selected rows as ranges in order.

        A hundred thousand selected items in a row are a single range.
        """
        chosen = self.selectionModel().selection()
        found = [chosen.at(number) for number in range(chosen.count())]
        rows = [range(each.top(), each.bottom() + 1) for each in found if each.isValid()]
        return sorted(rows, key=lambda each: each.start)
