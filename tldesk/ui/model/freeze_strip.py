"""The freeze line: a strip of stages with a line to drag; stages before it are frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QToolTip, QWidget

from tldesk.ui.theme import tokens

_GAP = 4.0
_KNOB = 9.0
_HEAD_WIDTH = 92.0
_MARGIN = 12.0


@dataclass(frozen=True, slots=True)
class StageBlock:
    """One stage as shown in the strip.

    Attributes:
        name: name of the stage, and of the freeze line before it.
        share: its share of the whole network's parameters or operations, 0 to 1.
        tip: one line for the tool tip.
    """

    name: str
    share: float
    tip: str = ""


class FreezeStrip(QAbstractSlider):
    """Stages from the input (left) to the head (right); its value is the number of frozen stages.

    For the keyboard and for screen readers it is a slider: arrow keys, Home and End move the line.
    """

    lineChanged = Signal(str)  # "all", "none" or the name of the first trained stage

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stages: tuple[StageBlock, ...] = ()
        self._head_text = ""
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMaximumHeight(160)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Freeze line"))
        self.setPageStep(1)
        self.valueChanged.connect(self._tell)

    def set_stages(self, stages: Sequence[StageBlock], line: str, head_text: str) -> None:
        """Show new stages with the line at ``line`` ("all", "none" or a stage's name); emits no signal."""
        self._stages = tuple(stages)
        self._head_text = head_text
        self.blockSignals(True)
        self.setRange(0, len(self._stages))
        self.setValue(self._value_of(line))
        self.blockSignals(False)
        self._describe()
        self.update()

    @property
    def head_text(self) -> str:
        """The text in the head."""
        return self._head_text

    def set_line(self, line: str) -> None:
        """Move the line without emitting a signal."""
        self.blockSignals(True)
        self.setValue(self._value_of(line))
        self.blockSignals(False)
        self._describe()
        self.update()

    @property
    def stages(self) -> tuple[StageBlock, ...]:
        """The stages shown."""
        return self._stages

    @property
    def line(self) -> str:
        """The position of the line: "all" (only the head is trained), "none", or the first trained stage."""
        if self.value() >= len(self._stages):
            return "all"
        return self._stages[self.value()].name if self.value() else "none"

    def sizeHint(self) -> QSize:
        """A size with room for names in the blocks."""
        return QSize(480, 88)

    def minimumSizeHint(self) -> QSize:
        """If it were narrower, the stage names of a deep network would not be readable."""
        return QSize(280, 76)

    def boundary_x(self, value: int) -> float:
        """Return the position of the line in pixels from the left if ``value`` stages are frozen."""
        blocks = self._block_rects()
        if not blocks:
            return _MARGIN
        if value < len(blocks):
            return blocks[value].left() - _GAP / 2
        return blocks[-1].right() + _GAP / 2 + 4

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Move the line to where the mouse is pressed."""
        if event.button() == Qt.MouseButton.LeftButton and self._stages:
            self.setSliderDown(True)
            self.setValue(self._nearest(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the line."""
        near = abs(event.position().x() - self.boundary_x(self.value())) < 12
        self.setCursor(
            Qt.CursorShape.SplitHCursor if near or self.isSliderDown() else Qt.CursorShape.ArrowCursor
        )
        if self.isSliderDown():
            self.setValue(self._nearest(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End dragging."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)

    def event(self, event: QEvent) -> bool:
        """Show a tool tip for the block under the mouse."""
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._tip_at(event.pos().x()), self)
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring around the knob."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the ring around the knob."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw blocks, head and line."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_blocks(painter)
        self._paint_head(painter)
        if self._stages:
            self._paint_line(painter)

    def _tell(self) -> None:
        self._describe()
        self.update()
        self.lineChanged.emit(self.line)

    def _describe(self) -> None:
        names = [stage.name for stage in self._stages]
        frozen, trained = names[: self.value()], names[self.value() :]
        nothing = self.tr("nothing")
        self.setAccessibleDescription(
            self.tr("Frozen: {0}. Trained: {1}.").format(
                ", ".join(frozen) or nothing, ", ".join([*trained, self.tr("head")])
            )
        )

    def _value_of(self, line: str) -> int:
        if line == "all":
            return len(self._stages)
        names = [stage.name for stage in self._stages]
        return names.index(line) if line in names else 0

    def _nearest(self, x: float) -> int:
        return min(range(len(self._stages) + 1), key=lambda value: abs(self.boundary_x(value) - x))

    def _block_rects(self) -> list[QRectF]:
        if not self._stages:
            return []
        space = self.width() - 2 * _MARGIN - _HEAD_WIDTH - 16 - _GAP * len(self._stages)
        weights = [max(stage.share, 0.0) ** 0.5 for stage in self._stages]
        least = min(self._widest_name() + 10.0, space / len(self._stages))
        spare, total = space - least * len(weights), sum(weights) or 1.0
        rects, x = [], _MARGIN
        for weight in weights:
            width = least + spare * weight / total
            rects.append(QRectF(x, 24, width, self.height() - 24 - 10))
            x += width + _GAP
        return rects

    def _widest_name(self) -> int:
        font = self.font()
        font.setBold(True)
        metrics = QFontMetrics(font)
        return max(metrics.horizontalAdvance(stage.name) for stage in self._stages)

    def _tip_at(self, x: float) -> str:
        for stage, rect in zip(self._stages, self._block_rects(), strict=True):
            if rect.left() <= x <= rect.right():
                return stage.tip or stage.name
        return ""

    def _paint_blocks(self, painter: QPainter) -> None:
        theme = tokens()
        for index, (stage, rect) in enumerate(zip(self._stages, self._block_rects(), strict=True)):
            frozen = index < self.value()
            fill, edge, ink = (
                (theme.frozen_fill, theme.frozen_edge, theme.frozen_text)
                if frozen
                else (theme.trained_fill, theme.trained_edge, theme.trained_text)
            )
            painter.setPen(QPen(QColor(edge), 1))
            painter.setBrush(QColor(fill))
            painter.drawRoundedRect(rect, 4, 4)
            self._text(painter, rect.adjusted(2, 0, -2, 0), stage.name, ink, bold=True)

    def _paint_head(self, painter: QPainter) -> None:
        theme = tokens()
        rect = QRectF(self.width() - _MARGIN - _HEAD_WIDTH, 24, _HEAD_WIDTH, self.height() - 34)
        painter.setPen(QPen(QColor(theme.good_edge), 1))
        painter.setBrush(QColor(theme.good_fill))
        painter.drawRoundedRect(rect, 4, 4)
        middle = rect.center().y()
        self._text(
            painter,
            QRectF(rect.left(), middle - 20, rect.width(), 20),
            self.tr("head"),
            theme.good,
            bold=True,
        )
        self._text(
            painter, QRectF(rect.left(), middle, rect.width(), 18), self._head_text, theme.good, bold=False
        )

    def _paint_line(self, painter: QPainter) -> None:
        theme = tokens()
        x = self.boundary_x(self.value())
        ink = QColor(theme.text)
        painter.setPen(QPen(ink, 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(x, 14), QPointF(x, self.height() - 4))
        knob = QPointF(x, 12)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(knob, _KNOB + 2, _KNOB + 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(knob, _KNOB, _KNOB)
        painter.setPen(QPen(QColor(theme.surface), 1.5))
        painter.drawLine(QPointF(x - 5, 12), QPointF(x + 5, 12))
        for side in (-1, 1):
            painter.drawLine(QPointF(x + side * 5, 12), QPointF(x + side * 2, 9))
            painter.drawLine(QPointF(x + side * 5, 12), QPointF(x + side * 2, 15))

    def _text(self, painter: QPainter, rect: QRectF, text: str, ink: str, *, bold: bool) -> None:
        font = self.font()
        font.setBold(bold)
        painter.setFont(font)
        painter.setPen(QColor(ink))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, shown)
