"""One picture as large as the window allows: zoom, pan, and the same keys for labels as in the grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from tldesk.imaging import AS_STORED
from tldesk.ui.images.grid.thumbnail_store import read_large
from tldesk.ui.images.image_keys import ImageAction, action_of
from tldesk.ui.lane.tasks import Tasks, Ticket
from tldesk.ui.theme import tokens

if TYPE_CHECKING:
    from tldesk.dataset import ImageRecord

_STEP = 1.25
_MOST = 16.0  # largest zoom: screen pixels per picture pixel


class LargePicture(QWidget):
    """Fits the picture at first; the wheel, + and - zoom, dragging pans, a double click shows it 1:1."""

    judged = Signal(int)
    marked = Signal(str)
    stepped = Signal(int)  # by how many images: 1 or -1
    closed = Signal()

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("largePicture")
        self.setAccessibleName(self.tr("Large image"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.rendering = AS_STORED  # how deep pictures and stacks are read
        self._tasks = tasks
        self._ticket: Ticket | None = None
        self._shown = ""  # ImageRecord.picture
        self._image = QImage()
        self._caption = ""
        self._words = ""
        self._scale: float | None = None  # None: fitted to the window
        self._centre = QPointF()  # centre of the view in picture pixels
        self._grabbed: QPointF | None = None

    # --- display --------------------------------------------------------------------------------------------

    def show_image(self, record: ImageRecord | None, caption: str) -> None:
        """Show an image; the previous picture stays until it is read."""
        self._caption = caption
        self.setAccessibleDescription(caption)
        if record is not None and self._shown == str(record.path):
            self._shown = record.picture  # its content hash became known: keep picture and zoom
        elif record is not None and record.picture != self._shown:
            if self._ticket is not None:
                self._ticket.cancel()
            self._shown, rendering = record.picture, self.rendering
            self._ticket = self._tasks.read(
                lambda: record.reason or read_large(record.path, rendering), on_done=self._take, priority=5
            )
        self.update()

    def forget(self) -> None:
        """Clear the picture."""
        if self._ticket is not None:
            self._ticket.cancel()
        self._shown, self._image, self._words = "", QImage(), ""

    def _take(self, read: QImage | str) -> None:
        self._image = QImage() if isinstance(read, str) else read
        self._words = read if isinstance(read, str) else ""
        self.fit()

    @property
    def has_picture(self) -> bool:
        """Whether a picture is shown."""
        return not self._image.isNull()

    # --- zoom and pan ---------------------------------------------------------------------------------------

    @property
    def scale(self) -> float:
        """Screen pixels per picture pixel."""
        return self._fitting() if self._scale is None else self._scale

    def fit(self) -> None:
        """Fit the whole picture into the window."""
        self._scale = None
        self._centre = QPointF(self._image.width() / 2, self._image.height() / 2)
        self.update()

    def zoom(self, steps: float, at: QPointF | None = None) -> None:
        """Zoom in (above 0) or out; the point ``at`` in widget coordinates stays in place."""
        if self._image.isNull():
            return
        place = at or self._room().center()
        kept, fitting = self._in_picture(place), self._fitting()
        scale = min(max(self.scale * _STEP**steps, fitting), max(_MOST, fitting))
        self._scale = None if scale <= fitting else scale
        self._centre = self._within(kept - (place - self._room().center()) / scale)
        self.update()

    def _fitting(self) -> float:
        room = self._room()
        if self._image.isNull():
            return 1.0
        return min(room.width() / self._image.width(), room.height() / self._image.height())

    def _room(self) -> QRectF:
        return QRectF(0, 0, self.width(), max(1, self.height() - 32))

    def _in_picture(self, place: QPointF) -> QPointF:
        return self._centre + (place - self._room().center()) / self.scale

    def _within(self, centre: QPointF) -> QPointF:
        """Return the nearest centre that leaves no margin the picture could fill."""
        scale = self.scale
        half_x = min(self._image.width() / 2, self._room().width() / 2 / scale)
        half_y = min(self._image.height() / 2, self._room().height() / 2 / scale)
        return QPointF(
            min(max(centre.x(), half_x), self._image.width() - half_x),
            min(max(centre.y(), half_y), self._image.height() - half_y),
        )

    # --- events ---------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Label, mark, step, zoom, or close."""
        match action_of(event):
            case (ImageAction.CLOSE | ImageAction.OPEN_OR_CLOSE, _, _):
                self.closed.emit()
            case (ImageAction.STEP, int(by), _):
                self.stepped.emit(by)
            case (ImageAction.ZOOM, int(by), _):
                self.zoom(by)
            case (ImageAction.MARK, str(mark), _):
                self.marked.emit(mark)
            case (ImageAction.LABEL, int(place), _):
                self.judged.emit(place)
            case _:
                super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        self.zoom(event.angleDelta().y() / 120, event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start dragging the picture."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan."""
        if self._grabbed is not None:
            self._centre = self._within(self._centre - (event.position() - self._grabbed) / self.scale)
            self._grabbed = event.position()
            self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """End dragging."""
        self._grabbed = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Toggle between 1:1 and fitted."""
        if self._scale is None and self._fitting() < 1:
            kept = self._in_picture(event.position())
            self._scale = 1.0
            self._centre = self._within(kept - (event.position() - self._room().center()))
            self.update()
        else:
            self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the centre."""
        super().resizeEvent(event)
        self._centre = self._within(self._centre)

    def sizeHint(self) -> QSize:
        """A size that suits a small screen."""
        return QSize(640, 480)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the picture on its mat, and a line below with its name and label."""
        theme, painter = tokens(), QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.mat))
        if self._image.isNull():
            painter.setPen(QColor(theme.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(
                self.rect().adjusted(24, 24, -24, -56), int(flags), self._words or self.tr("Reading…")
            )
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.scale < 2)
            painter.drawImage(self._place(), self._image)
        line = self.rect().adjusted(0, self.height() - 32, 0, 0)
        painter.fillRect(line, QColor(theme.surface))
        painter.setPen(QColor(theme.text))
        words = painter.fontMetrics().elidedText(
            self._caption, Qt.TextElideMode.ElideMiddle, line.width() - 24
        )
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, words)
        painter.end()

    def _place(self) -> QRectF:
        scale = self.scale
        middle = self._room().center() - self._centre * scale
        return QRectF(middle.x(), middle.y(), self._image.width() * scale, self._image.height() * scale)
