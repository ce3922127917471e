"""How often each value is in a picture, and which of them become black and white."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from tldesk.ui.theme import tokens
from tldesk.ui.widgets.deep_look import DeepLook
from tldesk.ui.widgets.rendering_words import number, span

_ROOM = 18  # px below the bars, for the ends' values


class Histogram(QWidget):
    """Bars on a scale of their own (the square root, or air would hide all else); a ramp for the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look: DeepLook | None = None
        self.setFixedHeight(84)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Histogram of the picture's values"))

    def show_look(self, look: DeepLook | None) -> None:
        """Show a picture's values; None: nothing."""
        self._look = look
        if look is not None and look.window is not None:
            shown = span(look.window.low, look.window.high, look.unit)
            self.setAccessibleDescription(self.tr("From black to white: {0}").format(shown))
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough to see two heaps."""
        return QSize(320, 84)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Bars, the window's ramp, the ends' values."""
        look = self._look
        if look is None or look.counts is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRectF(self.rect()).adjusted(0, 4, 0, -_ROOM)
        low, high = self._ends(look)
        self._draw_bars(painter, place, look, low, high)
        self._draw_ramp(painter, place, look, low, high)
        painter.setPen(QColor(tokens().muted))
        ends = self.rect().adjusted(0, self.height() - _ROOM, 0, 0)
        painter.drawText(ends, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, number(low))
        painter.drawText(ends, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, number(high))
        painter.end()

    def _ends(self, look: DeepLook) -> tuple[float, float]:
        """The scale holds the values and the window."""
        window = look.window
        low = look.low if window is None else min(look.low, window.low)
        high = look.high if window is None else max(look.high, window.high)
        return (low, high) if high > low else (low - 1, high + 1)

    def _draw_bars(self, painter: QPainter, place: QRectF, look: DeepLook, low: float, high: float) -> None:
        assert look.counts is not None
        heights = np.sqrt(look.counts / max(1, int(look.counts.max())))
        first = place.width() * (look.low - low) / (high - low)
        step = place.width() * (look.high - look.low) / (high - low) / len(heights)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens().field_border))
        for at, height in enumerate(heights.tolist()):
            tall = height * place.height()
            bar = QRectF(place.left() + first + at * step, place.bottom() - tall, max(step, 1.0), tall)
            painter.drawRect(bar)

    def _draw_ramp(self, painter: QPainter, place: QRectF, look: DeepLook, low: float, high: float) -> None:
        if look.window is None:
            return
        left, right = (
            place.left() + place.width() * (end - low) / (high - low)
            for end in (look.window.low, look.window.high)
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens().accent), 2))
        corners = (
            QPointF(place.left(), place.bottom()),
            QPointF(left, place.bottom()),
            QPointF(right, place.top()),
            QPointF(place.right(), place.top()),
        )
        painter.drawPolyline(QPolygonF(list(corners)))
