"""The virtual grid: any number of images, thumbnails for what is on the screen, keys that label."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from tldesk.ui.images.grid.cell_view import CellView
from tldesk.ui.images.grid.image_delegate import ImageDelegate, cell_size
from tldesk.ui.images.grid.image_model import ImageModel
from tldesk.ui.images.grid.thumbnail_store import Thumbnails
from tldesk.ui.images.label_keys import class_of, mark_of
from tldesk.ui.lane.tasks import Tasks

_OPEN = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class ImageGrid(CellView):
    """Arrows, Home, End and pages move; digits and letters judge. Shift and Ctrl+A select."""

    judged = Signal(int)  # class position, -1 takes the label away
    marked = Signal(str)  # "unsure" or "excluded": set it, or take it away
    opened = Signal()  # the current image is to be seen large
    menuAsked = Signal(QPoint)  # on the screen

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("imageGrid")
        self.setAccessibleName(self.tr("Images"))
        self.images = ImageModel(tasks, self)
        self.thumbnails = Thumbnails(tasks, self)
        self.painter = ImageDelegate(self.thumbnails, self)
        self._look_again = QTimer(self)
        self._look_again.setSingleShot(True)
        self._look_again.setInterval(30)
        self._look_again.timeout.connect(self._want_what_is_near)
        self._looked_at = 0  # px scrolled
        self.setModel(self.images)
        self.setItemDelegate(self.painter)
        self.set_side(self.painter.side)
        self.verticalScrollBar().valueChanged.connect(self._look)
        self.images.modelReset.connect(self._look)
        self.images.dataChanged.connect(self._look)
        self.thumbnails.arrived.connect(self._repaint)

    def set_side(self, side: int) -> None:
        """The side of the pictures in px; what is current stays in sight."""
        self.painter.side = side
        self.thumbnails.set_side(round(side * self.devicePixelRatioF()))
        self.set_cell_size(cell_size(side))
        self.scrollTo(self.currentIndex())
        self._look()

    def selected_ids(self) -> tuple[int, ...]:
        """The ids of the selected images, in their order."""
        ids = self.images.ids()
        return tuple(each for rows in self.selected_rows() for each in ids[rows.start : rows.stop])

    def go_to(self, row: int) -> None:
        """Make one image the current one and the only selected one."""
        if 0 <= row < self.images.rowCount():
            index = self.images.index(row)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(index)

    def advance(self) -> None:
        """Go to the image after the last selected one; at the end stay."""
        rows = self.selected_rows()
        if rows:
            self.go_to(min(rows[-1].stop, self.images.rowCount() - 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits, letters and marks judge; everything else is Qt's."""
        place, mark = class_of(event), mark_of(event)
        if event.key() in _OPEN and not event.modifiers():
            self.opened.emit()
        elif mark is not None:
            self.marked.emit(mark)
        elif place is not None:
            self.judged.emit(place)
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click opens the picture under it."""
        if self.indexAt(event.position().toPoint()).isValid():
            self.opened.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu is about what is selected; an image outside of that becomes it."""
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if index.isValid():
            if not self.selectionModel().isSelected(index):
                self.go_to(index.row())
            place = (
                event.globalPos()
                if by_mouse
                else self.viewport().mapToGlobal(self.visualRect(index).center())
            )
            self.menuAsked.emit(place)

    def keyboardSearch(self, _search: str) -> None:
        """Letters do not jump about: they would fetch every record to compare its name."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other images come into sight."""
        super().resizeEvent(event)
        self._look()

    def _look(self) -> None:
        if not self._look_again.isActive():
            self._look_again.start()

    def _want_what_is_near(self) -> None:
        jumped = abs(self.verticalOffset() - self._looked_at) > self.viewport().height()
        self._looked_at = self.verticalOffset()
        if jumped:  # whoever drags the bar is not there yet
            self._look()
            return
        first, last = self.rows_in_sight()
        page = last - first + 1
        after = range(last + 1, min(last + 1 + page, self.images.rowCount()))
        before = range(first - 1, max(first - 1 - page, -1), -1)
        nearest = (*range(first, last + 1), *after, *before)
        records = {row: self.images.record(row) for row in reversed(nearest)}  # the last wish is read first
        near = [record for row in nearest if (record := records[row]) is not None and record.reason is None]
        self.thumbnails.want((record.picture, record.path) for record in near)

    def _repaint(self, picture: str) -> None:
        """Paint the cells that show a picture which has arrived."""
        first, last = self.rows_in_sight()
        for row in range(first, last + 1):
            record = self.images.record(row)
            if record is not None and record.picture == picture:
                self.update_row(row)

    def current_id(self) -> int | None:
        """The id of the current image."""
        index = self.currentIndex()
        return self.images.id_at(index.row()) if index.isValid() else None
