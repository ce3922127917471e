"""The virtual grid: any number of images, thumbnails for the visible ones, and keys for labelling."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QPoint, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from tldesk.ui.images.grid.cell_view import CellView
from tldesk.ui.images.grid.image_delegate import ImageDelegate, cell_size
from tldesk.ui.images.grid.image_model import ImageModel
from tldesk.ui.images.grid.thumbnail_store import Thumbnails
from tldesk.ui.images.image_keys import ImageAction, action_of
from tldesk.ui.lane.tasks import Tasks


class ImageGrid(CellView):
    """Arrow keys, Home, End and Page keys move; digits and letters label. Shift and Ctrl+A select."""

    judged = Signal(int)  # class position, -1 removes the label
    marked = Signal(str)  # "unsure" or "excluded": set or remove the mark
    opened = Signal()  # show the current image large
    menuAsked = Signal(QPoint)  # position on the screen

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("imageGrid")
        self.setAccessibleName(self.tr("Images"))
        self.images = ImageModel(tasks, self)
        self.thumbnails = Thumbnails(tasks, self)
        self.painter = ImageDelegate(self.thumbnails, self)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(30)
        self._soon.timeout.connect(self._want_what_is_near)
        self._last_offset = 0  # scroll position in px
        self.setModel(self.images)
        self.setItemDelegate(self.painter)
        self.set_side(self.painter.side)
        self.verticalScrollBar().valueChanged.connect(self._want_soon)
        self.images.modelReset.connect(self._want_soon)
        self.images.dataChanged.connect(self._want_soon)
        self.thumbnails.arrived.connect(self._repaint)

    def set_side(self, side: int) -> None:
        """Set the side of the pictures in px; the current image stays in view."""
        self.painter.side = side
        self.thumbnails.set_side(round(side * self.devicePixelRatioF()))
        self.set_cell_size(cell_size(side))
        self.scrollTo(self.currentIndex())
        self._want_soon()

    def selected_ids(self) -> tuple[int, ...]:
        """Return the ids of the selected images, in order."""
        ids = self.images.ids()
        return tuple(each for rows in self.selected_rows() for each in ids[rows.start : rows.stop])

    def go_to(self, row: int) -> None:
        """Make one image the current one and the only selected one."""
        if 0 <= row < self.images.rowCount():
            index = self.images.index(row)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(index)

    def advance(self) -> None:
        """Go to the image after the last selected one; at the end, stay."""
        rows = self.selected_rows()
        if rows:
            self.go_to(min(rows[-1].stop, self.images.rowCount() - 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Label, mark or open; Qt handles moving and selecting."""
        match action_of(event):
            case (ImageAction.OPEN_OR_CLOSE, _, _) if not event.modifiers():
                self.opened.emit()
            case (ImageAction.MARK, str(mark), _):
                self.marked.emit(mark)
            case (ImageAction.LABEL, int(place), _):
                self.judged.emit(place)
            case _:
                super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the picture under a double click."""
        if self.indexAt(event.position().toPoint()).isValid():
            self.opened.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Request a menu for the selected images; an image outside the selection is selected first."""
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
        """Do nothing: letters label, and comparing names would read every record."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Request the images that have become visible."""
        super().resizeEvent(event)
        self._want_soon()

    def _want_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _want_what_is_near(self) -> None:
        jumped = abs(self.verticalOffset() - self._last_offset) > self.viewport().height()
        self._last_offset = self.verticalOffset()
        if jumped:  # the scroll bar is still being dragged
            self._want_soon()
            return
        first, last = self.rows_in_sight()
        page = last - first + 1
        after = range(last + 1, min(last + 1 + page, self.images.rowCount()))
        before = range(first - 1, max(first - 1 - page, -1), -1)
        nearest = (*range(first, last + 1), *after, *before)
        records = {
            row: self.images.record(row) for row in reversed(nearest)
        }  # the one requested last is read first
        near = [record for row in nearest if (record := records[row]) is not None and record.reason is None]
        self.thumbnails.want((record.picture, record.path) for record in near)

    def _repaint(self, picture: str) -> None:
        """Repaint the cells of a picture whose thumbnail has arrived."""
        first, last = self.rows_in_sight()
        for row in range(first, last + 1):
            record = self.images.record(row)
            if record is not None and record.picture == picture:
                self.update_row(row)

    def current_id(self) -> int | None:
        """The id of the current image."""
        index = self.currentIndex()
        return self.images.id_at(index.row()) if index.isValid() else None
