"""The histogram of a picture's values, with the intensity window drawn over it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from tldesk.imaging import IntensityWindow
from tldesk.ui.images.deep.deep_preview import ValueFacts
from tldesk.ui.images.deep.rendering_words import number, span
from tldesk.ui.theme import tokens

_ROOM = 18  # px below the bars, for the smallest and largest value
_REACH = 12  # px around an end of the ramp within which it can be grabbed
_LEAST = 1e-3  # smallest width of a window, as a share of the scale


class Histogram(QWidget):
    """Bars, and a ramp for the window.

    The heights are square roots of the counts; otherwise air would dwarf the rest.

    The ramp can be dragged: either end, or the whole.
    """

    dragged = Signal(float, float)  # the values that become black and white

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: ValueFacts | None = None
        self._window: IntensityWindow | None = None
        self._scale = (0.0, 1.0)
        # Part being dragged, start value, initial window
        self._held: tuple[str, float, IntensityWindow] | None = None
        self.setFixedHeight(84)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Histogram of the image's pixel values"))

    def show_facts(self, facts: ValueFacts | None) -> None:
        """Show the values of a picture; None clears the histogram."""
        self._facts = facts
        if self._held is None:  # do not move the window while it is being dragged
            self._window = None if facts is None else facts.window
            self._scale = (0.0, 1.0) if facts is None else _scale(facts)
        if facts is not None and facts.window is not None:
            shown = span(facts.window.low, facts.window.high, facts.unit)
            self.setAccessibleDescription(self.tr("From black to white: {0}").format(shown))
            self.setToolTip(self.tr("Drag the line, or one of its ends, to change the window"))
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough to show two peaks."""
        return QSize(320, 84)

    # --- dragging -------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start dragging an end of the ramp, or all of it."""
        window, at = self._window, event.position().x()
        if window is not None and event.button() == Qt.MouseButton.LeftButton:
            far = {"low": abs(at - self._x(window.low)), "high": abs(at - self._x(window.high))}
            near = min(far, key=lambda end: far[end])
            self._held = (near if far[near] <= _REACH else "both", self._value(at), window)
            self.setCursor(Qt.CursorShape.SizeHorCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag."""
        if self._held is not None:
            part, start, before = self._held
            self._window = self._moved(part, self._value(event.position().x()) - start, before)
            self.dragged.emit(self._window.low, self._window.high)
            self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """End dragging."""
        self._held = None
        self.unsetCursor()

    def _moved(self, part: str, by: float, before: IntensityWindow) -> IntensityWindow:
        least = _LEAST * (self._scale[1] - self._scale[0])
        low, high = before.low, before.high
        low += by if part in {"low", "both"} else 0.0
        high += by if part in {"high", "both"} else 0.0
        if high - low < least:
            low, high = (high - least, high) if part == "low" else (low, low + least)
        return IntensityWindow(self._rounded(low), self._rounded(high))

    def _rounded(self, value: float) -> float:
        """Return the value rounded to a thousandth of the scale: finer steps are not visible."""
        step = 10.0 ** np.floor(np.log10((self._scale[1] - self._scale[0]) / 1000))
        return float(round(value / step) * step) if step < 1 else float(round(value))

    def _x(self, value: float) -> float:
        low, high = self._scale
        return self.width() * (value - low) / (high - low)

    def _value(self, x: float) -> float:
        low, high = self._scale
        return low + (high - low) * x / self.width()

    # --- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bars, the ramp of the window and the end values."""
        facts = self._facts
        if facts is None or facts.counts is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRectF(self.rect()).adjusted(0, 4, 0, -_ROOM)
        self._draw_bars(painter, place, facts)
        self._draw_ramp(painter, place)
        painter.setPen(QColor(tokens().muted))
        ends = self.rect().adjusted(0, self.height() - _ROOM, 0, 0)
        low, high = map(number, self._scale)
        painter.drawText(ends, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, low)
        painter.drawText(ends, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, high)
        painter.end()

    def _draw_bars(self, painter: QPainter, place: QRectF, facts: ValueFacts) -> None:
        assert facts.counts is not None
        heights = np.sqrt(facts.counts / max(1, int(facts.counts.max())))
        first, last = self._x(facts.low), self._x(facts.high)
        step = (last - first) / len(heights)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens().field_border))
        for at, height in enumerate(heights.tolist()):
            tall = height * place.height()
            painter.drawRect(QRectF(first + at * step, place.bottom() - tall, max(step, 1.0), tall))

    def _draw_ramp(self, painter: QPainter, place: QRectF) -> None:
        if self._window is None:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens().accent), 2))
        corners = (
            QPointF(place.left(), place.bottom()),
            QPointF(self._x(self._window.low), place.bottom()),
            QPointF(self._x(self._window.high), place.top()),
            QPointF(place.right(), place.top()),
        )
        painter.drawPolyline(QPolygonF(list(corners)))
        painter.setBrush(QColor(tokens().accent))
        for corner in corners[1:3]:
            painter.drawEllipse(corner, 3, 3)


def _scale(facts: ValueFacts) -> tuple[float, float]:
    """Return a range that contains the values and the window."""
    window = facts.window
    low = facts.low if window is None else min(facts.low, window.low)
    high = facts.high if window is None else max(facts.high, window.high)
    return (low, high) if high > low else (low - 1, high + 1)
