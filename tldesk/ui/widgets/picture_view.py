"""A picture as large as the space allows, with a heat map of adjustable opacity over it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tldesk.ui.theme import tokens


def image_of(pixels: NDArray[np.uint8]) -> QImage:
    """Return a QImage with a copy of the pixels: (H, W, 3) RGB or (H, W, 4) RGBA, uint8."""
    rows = np.ascontiguousarray(pixels)
    height, width, channels = rows.shape
    form = QImage.Format.Format_RGB888 if channels == 3 else QImage.Format.Format_RGBA8888
    return QImage(rows.data, width, height, channels * width, form).copy()


class PictureView(QWidget):
    """Shows a picture, or text if there is none. The overlay is an RGBA picture of any size."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._overlay = QImage()
        self._overlay_shown = True
        self._strength = 0.6
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Picture"))

    def set_words(self, words: str) -> None:
        """Show text instead of a picture ("Reading…", or a reason)."""
        self._words = words
        self._image = QImage()
        self._overlay = QImage()
        self.setAccessibleDescription(words)
        self.update()

    def set_picture(self, image: QImage, description: str = "") -> None:
        """Show another picture, without an overlay at first."""
        self._image = image
        self._overlay = QImage()
        self._words = ""
        self.setAccessibleDescription(description)
        self.update()

    def set_overlay(self, overlay: QImage) -> None:
        """Show an RGBA picture over the picture; it is stretched to the picture's size."""
        self._overlay = overlay
        self.update()

    def set_overlay_shown(self, shown: bool) -> None:
        """Show or hide the overlay."""
        self._overlay_shown = shown
        self.update()

    def set_strength(self, strength: float) -> None:
        """Set the opacity of the overlay, 0 to 1."""
        self._strength = strength
        self.update()

    @property
    def has_picture(self) -> bool:
        """Whether a picture is shown."""
        return not self._image.isNull()

    @property
    def has_overlay(self) -> bool:
        """Whether there is an overlay, shown or not."""
        return not self._overlay.isNull()

    @property
    def words(self) -> str:
        """The text shown instead of a picture."""
        return self._words

    def sizeHint(self) -> QSize:
        """A size that suits a small screen."""
        return QSize(480, 400)

    def minimumSizeHint(self) -> QSize:
        """In a smaller picture nothing could be recognised."""
        return QSize(200, 160)

    def picture_rect(self) -> QRectF:
        """Return the rectangle of the picture in pixels of this widget."""
        if self._image.isNull():
            return QRectF()
        scale = min(self.width() / self._image.width(), self.height() / self._image.height())
        width, height = self._image.width() * scale, self._image.height() * scale
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture and the overlay, or the text."""
        del event
        painter = QPainter(self)
        if self._image.isNull():
            painter.setPen(QColor(tokens().muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(24, 24, -24, -24), int(flags), self._words)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = self.picture_rect()
        painter.drawImage(place, self._image)
        if self._overlay_shown and not self._overlay.isNull():
            painter.setOpacity(self._strength)
            painter.drawImage(place, self._overlay)
