"""Reliability diagram: accuracy over predicted probability. A calibrated model is on the diagonal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tldesk.ui.theme import tokens


@dataclass(frozen=True, slots=True)
class DiagramBin:
    """Images predicted with about the same probability.

    Attributes:
        said: mean probability of the predictions, 0 to 1.
        right: their accuracy, 0 to 1.
        count: number of images.
    """

    said: float
    right: float
    count: int


class ReliabilityView(QWidget):
    """A square diagram; the area of a dot shows the number of images."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bins: tuple[DiagramBin, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Reliability diagram"))

    def set_bins(self, bins: Sequence[DiagramBin]) -> None:
        """Show new bins; empty ones are omitted."""
        self._bins = tuple(one for one in bins if one.count)
        sentence = self.tr("confidence {0} %, accuracy {1} %, {2} images")
        self.setAccessibleDescription(
            "; ".join(
                sentence.format(f"{b.said * 100:.0f}", f"{b.right * 100:.0f}", b.count) for b in self._bins
            )
        )
        self.update()

    @property
    def bins(self) -> tuple[DiagramBin, ...]:
        """The bins shown."""
        return self._bins

    def sizeHint(self) -> QSize:
        """A square with room for the axis labels."""
        return QSize(280, 280)

    def minimumSizeHint(self) -> QSize:
        """The smallest size at which the dots can be distinguished."""
        return QSize(180, 180)

    def point(self, said: float, right: float) -> QPointF:
        """Return the position of a dot in pixels of this widget."""
        area = self._area()
        return QPointF(area.left() + area.width() * said, area.bottom() - area.height() * right)

    def event(self, event: QEvent) -> bool:
        """Show a tool tip for the dot under the mouse."""
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._tip(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw frame, diagonal and dots."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter)
        self._paint_dots(painter)

    def _area(self) -> QRectF:
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance("100 %") + 8
        below = 2 * metrics.height() + 8
        right, top = metrics.horizontalAdvance("100 %") / 2 + 4, 12
        side = max(min(self.width() - left - right, self.height() - below - top), 40)
        across = max((self.width() - left - right - side) / 2, 0)
        down = max((self.height() - below - top - side) / 2, 0)
        return QRectF(left + across, top + down, side, side)

    def _paint_frame(self, painter: QPainter) -> None:
        theme = tokens()
        area = self._area()
        metrics = painter.fontMetrics()
        painter.setPen(QPen(QColor(theme.border), 1))
        for at in (0.0, 0.25, 0.5, 0.75, 1.0):
            painter.drawLine(self.point(at, 0), self.point(at, 1))
            painter.drawLine(self.point(0, at), self.point(1, at))
        painter.setPen(QPen(QColor(theme.muted), 1.2, Qt.PenStyle.DashLine))
        painter.drawLine(self.point(0, 0), self.point(1, 1))
        painter.setPen(QColor(theme.muted))
        height = metrics.height()
        for at in (0.0, 0.5, 1.0):
            text = f"{at * 100:.0f} %"
            x, y = self.point(at, 0).x(), self.point(0, at).y()
            painter.drawText(
                QRectF(x - 30, area.bottom() + 4, 60, height), Qt.AlignmentFlag.AlignCenter, text
            )
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(area.left() - 70, y - height / 2, 64, height), flags, text)
        below = QRectF(area.left() - 60, area.bottom() + 4 + height, area.width() + 120, height)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self.tr("confidence  →  (up: accuracy)"))

    def _paint_dots(self, painter: QPainter) -> None:
        if not self._bins:
            return
        theme = tokens()
        ink = QColor(theme.accent)
        points = [self.point(one.said, one.right) for one in self._bins]
        painter.setPen(QPen(ink, 1.5))
        painter.drawPolyline(points)
        most = max(one.count for one in self._bins)
        painter.setPen(QPen(QColor(theme.surface), 1))
        painter.setBrush(ink)
        for one, place in zip(self._bins, points, strict=True):
            radius = 3.5 + 6.5 * (one.count / most) ** 0.5
            painter.drawEllipse(place, radius, radius)

    def _tip(self, at: QPointF) -> str:
        for one in self._bins:
            if (self.point(one.said, one.right) - at).manhattanLength() < 12:
                return self.tr("{0} images: mean confidence {1} %, accuracy {2} %").format(
                    one.count, f"{one.said * 100:.0f}", f"{one.right * 100:.0f}"
                )
        return self.tr("Dots below the dashed line: overconfident; above: underconfident")
