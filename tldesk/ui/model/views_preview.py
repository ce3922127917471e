"""Eight augmented views of one picture, as the network sees them in training."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from tldesk.ui.model.work import VIEWS
from tldesk.ui.theme import tokens

_COLUMNS = 4
_GAP = 8
_CLICKS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class ViewsPreview(QWidget):
    """Pictures in two rows of four, as large as fits; a text while there are none.

    ``clicked`` is emitted on a click, Enter or Space if there are pictures.
    """

    clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: tuple[QImage, ...] = ()
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Eight views of an image"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_views(self, images: Sequence[QImage], description: str) -> None:
        """Show the views of a picture."""
        self._images = tuple(images)
        self._words = ""
        self.setAccessibleDescription(description)
        self.setToolTip(description)
        self.update()

    def set_words(self, words: str) -> None:
        """Show why there are no views."""
        self._images = ()
        self._words = words
        self.setAccessibleDescription(words)
        self.update()

    @property
    def views(self) -> tuple[QImage, ...]:
        """The views shown."""
        return self._images

    @property
    def words(self) -> str:
        """The text shown in place of views."""
        return self._words

    def sizeHint(self) -> QSize:
        """A size for two rows."""
        return QSize(480, 240)

    def minimumSizeHint(self) -> QSize:
        """Smaller views could not be distinguished; a click shows them large."""
        return QSize(260, 124)

    def places(self) -> list[QRect]:
        """Return the rectangles of the views."""
        rows = VIEWS // _COLUMNS
        side = min(
            (self.width() - (_COLUMNS - 1) * _GAP) // _COLUMNS, (self.height() - (rows - 1) * _GAP) // rows
        )
        gap = min((self.width() - _COLUMNS * side) // (_COLUMNS - 1), 3 * _GAP)
        left = (self.width() - _COLUMNS * side - (_COLUMNS - 1) * gap) // 2
        return [
            QRect(left + (at % _COLUMNS) * (side + gap), (at // _COLUMNS) * (side + _GAP), side, side)
            for at in range(VIEWS)
        ]

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Emit ``clicked``."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._click()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Treat Enter and Space as a click."""
        if event.key() in _CLICKS:
            self._click()
        else:
            super().keyPressEvent(event)

    def _click(self) -> None:
        if self._images:
            self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the views, or grey squares with text over them."""
        del event
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for at, place in enumerate(self.places()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.mat))
            painter.drawRoundedRect(place, 3, 3)
            if at < len(self._images):
                painter.drawImage(place, self._images[at])
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            around = self.places()[0].united(self.places()[-1]).adjusted(-3, -3, 3, 3)
            painter.drawRoundedRect(around.intersected(self.rect().adjusted(1, 1, -1, -1)), 4, 4)
        if self._words:
            box = self.rect().adjusted(24, 8, -24, -8)
            painter.setPen(QColor(theme.text))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(box, int(flags), self._words)
