"""The virtual grid: any number of images, thumbnails for what is on the screen, keys that label."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from tldesk.ui.tasks import Tasks
from tldesk.ui.widgets.image_delegate import ImageDelegate, cell_size
from tldesk.ui.widgets.image_model import ImageModel
from tldesk.ui.widgets.thumbnails import Thumbnails

_CLEAR = (Qt.Key.Key_0, Qt.Key.Key_Backspace)


class ImageGrid(QListView):
    """Arrows, Home, End and pages move; digits judge. Shift and Ctrl+A select."""

    judged = Signal(int)  # class position, -1 takes the label away

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("imageGrid")
        self.setAccessibleName(self.tr("Images"))
        self.images = ImageModel(tasks, self)
        self.thumbnails = Thumbnails(tasks, self)
        self.painter = ImageDelegate(self.thumbnails, self)
        self.setModel(self.images)
        self.setItemDelegate(self.painter)
        self._set_up_view()
        self._look_again = QTimer(self)
        self._look_again.setSingleShot(True)
        self._look_again.setInterval(30)
        self._look_again.timeout.connect(self._want_what_is_near)
        self.verticalScrollBar().valueChanged.connect(self._look)
        self.images.modelReset.connect(self._look)
        self.images.dataChanged.connect(self._look)
        self.thumbnails.arrived.connect(self._repaint)

    def _set_up_view(self) -> None:
        # Qt's list mode with wrapping lays 100,000 cells out by arithmetic; icon mode keeps an object each.
        self.setViewMode(QListView.ViewMode.ListMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setUniformItemSizes(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.set_side(self.painter.side)

    def set_side(self, side: int) -> None:
        """The side of the pictures in px; what is current stays in sight."""
        self.painter.side = side
        self.thumbnails.set_side(round(side * self.devicePixelRatioF()))
        self._fit_columns()
        self.verticalScrollBar().setSingleStep(cell_size(side).height() // 4)
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())
        if hasattr(self, "_look_again"):
            self._look()

    def selected_ids(self) -> tuple[int, ...]:
        """The ids of the selected images, in their order."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return tuple(self.images.id_at(row) for row in rows)

    def go_to(self, row: int) -> None:
        """Make one image the current one and the only selected one."""
        if 0 <= row < self.images.rowCount():
            index = self.images.index(row)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(index)

    def advance(self) -> None:
        """Go to the image after the last selected one; at the end stay."""
        rows = [index.row() for index in self.selectionModel().selectedIndexes()]
        if rows:
            self.go_to(min(max(rows) + 1, self.images.rowCount() - 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits judge; everything else is Qt's."""
        plain = event.modifiers() in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}
        if plain and event.key() in _CLEAR:
            self.judged.emit(-1)
        elif plain and Qt.Key.Key_1 <= event.key() <= Qt.Key.Key_9:
            self.judged.emit(event.key() - Qt.Key.Key_1)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, _search: str) -> None:
        """Letters do not jump about: they would fetch every record to compare its name."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other images come into sight."""
        super().resizeEvent(event)
        self._fit_columns()
        self._look()

    def _fit_columns(self) -> None:
        """Share what a row leaves over among its cells."""
        cell = cell_size(self.painter.side)
        # One less: Qt begins a new row where cells would end exactly at the edge.
        width = (self.viewport().width() - 1) // self._columns()
        if self.gridSize().width() != width or self.gridSize().height() != cell.height():
            self.setGridSize(QSize(width, cell.height()))

    def _columns(self) -> int:
        return max(1, (self.viewport().width() - 1) // cell_size(self.painter.side).width())

    def _look(self) -> None:
        if not self._look_again.isActive():
            self._look_again.start()

    def rows_in_sight(self) -> tuple[int, int]:
        """The first and the last row on the screen; (0, -1) when there is none."""
        count = self.images.rowCount()
        if not count:
            return 0, -1
        cell = cell_size(self.painter.side)
        columns = self._columns()
        top = self.verticalScrollBar().value()
        first = min(top // cell.height() * columns, count - 1)
        last = min(((top + self.viewport().height()) // cell.height() + 1) * columns - 1, count - 1)
        return first, last

    def _want_what_is_near(self) -> None:
        first, last = self.rows_in_sight()
        page = last - first + 1
        after = range(last + 1, min(last + 1 + page, self.images.rowCount()))
        before = range(first - 1, max(first - 1 - page, -1), -1)
        wishes = []
        for row in (*range(first, last + 1), *after, *before):
            record = self.images.record(row)
            if record is not None and record.reason is None:
                wishes.append((record.content, record.path))
        self.thumbnails.want(wishes)

    def _repaint(self, _content: str) -> None:
        self.viewport().update()

    def index_in_view(self, row: int) -> QPoint:
        """The middle of an image's cell in the viewport."""
        return self.visualRect(self.images.index(row)).center()

    def current_id(self) -> int | None:
        """The id of the current image."""
        index: QModelIndex = self.currentIndex()
        return self.images.id_at(index.row()) if index.isValid() else None
