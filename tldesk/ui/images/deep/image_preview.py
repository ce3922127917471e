"""A preview of one image as large as the space allows, or a drawing for an unreadable picture."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from tldesk.ui.theme import colour, pixmap, tokens


class Preview(QWidget):
    """The picture scaled to the widget, keeping its aspect ratio."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawn: QPixmap | None = None
        self._broken = False
        self.setFixedHeight(200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Preview of the selected image"))

    def show_picture(self, preview: QImage | str | None) -> None:
        """Show an image; a string is the reason why it cannot be read, None clears the preview."""
        self._broken = isinstance(preview, str)
        self._drawn = QPixmap.fromImage(preview) if isinstance(preview, QImage) else None
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the picture in the middle of its mat."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("mat"))
        painter.drawRoundedRect(self.rect(), 4, 4)
        if self._broken:
            glyph = pixmap("broken", 48, tokens().bad, self.devicePixelRatioF())
            painter.drawPixmap(self.rect().center().x() - 24, self.rect().center().y() - 24, glyph)
        elif self._drawn is not None:
            size = self._drawn.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = self.rect()
            place.setSize(size)
            place.moveCenter(self.rect().center())
            painter.drawPixmap(place, self._drawn)
        painter.end()
