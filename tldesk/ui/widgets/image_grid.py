"""The virtual grid: any number of images, thumbnails for what is on the screen, keys that label."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from tldesk.ui.tasks import Tasks
from tldesk.ui.widgets.cell_view import CellView
from tldesk.ui.widgets.image_delegate import ImageDelegate, cell_size
from tldesk.ui.widgets.image_model import ImageModel
from tldesk.ui.widgets.thumbnails import Thumbnails

_CLEAR = (Qt.Key.Key_0, Qt.Key.Key_Backspace)


class ImageGrid(CellView):
    """Arrows, Home, End and pages move; digits judge. Shift and Ctrl+A select."""

    judged = Signal(int)  # class position, -1 takes the label away

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
        self._look()

    def _look(self) -> None:
        if not self._look_again.isActive():
            self._look_again.start()

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

    def current_id(self) -> int | None:
        """The id of the current image."""
        index = self.currentIndex()
        return self.images.id_at(index.row()) if index.isValid() else None
