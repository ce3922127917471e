"""The freeze lines of several phases as a staircase: epochs to the right, stages from the head downwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tldesk.ui.theme import tokens

_HEIGHT = 48
_MARGIN = 12.0
_GAP = 2.0
_BESIDE = 4  # px on either side of a phase's text
_HEAD = 0.16  # share of the height for the head, which is always trained


@dataclass(frozen=True, slots=True)
class StairStep:
    """One phase.

    Attributes:
        title: what is trained, and for how many epochs.
        epochs: maximum number of epochs.
        frozen: share of the stages before its freeze line, 0 to 1.
        tip: one line for the tool tip.
        short: a shorter title for narrow columns.
    """

    title: str
    epochs: int
    frozen: float
    tip: str = ""
    short: str = ""


class PhaseStairs(QWidget):
    """Cool colours are frozen, warm ones trained; hidden if there is only one phase."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: tuple[StairStep, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Freeze line of each phase"))
        self.hide()

    @property
    def steps(self) -> tuple[StairStep, ...]:
        """The phases shown."""
        return self._steps

    def show_steps(self, steps: Sequence[StairStep]) -> None:
        """Show the phases in order."""
        self._steps = tuple(steps)
        self.setAccessibleDescription(". ".join(step.title for step in self._steps))
        self.setVisible(len(self._steps) > 1)
        self.update()

    def sizeHint(self) -> QSize:
        """A small height, because it is below the strip."""
        return QSize(300, _HEIGHT)

    def event(self, event: QEvent) -> bool:
        """Show a tool tip for the phase under the mouse."""
        if isinstance(event, QHelpEvent):
            places = zip(self._steps, self._places(), strict=True)
            tips = [step.tip or step.title for step, place in places if place.contains(event.pos())]
            QToolTip.showText(event.globalPos(), tips[0] if tips else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw one column per phase: frozen above, trained below."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for step, place in zip(self._steps, self._places(), strict=True):
            self._paint(painter, step, place)

    def _places(self) -> list[QRectF]:
        """Return columns as wide as their share of all epochs, but never too narrow for text."""
        if not self._steps:
            return []
        space = self.width() - 2 * _MARGIN - _GAP * (len(self._steps) - 1)
        words = max(self._needs(step.short or step.title) for step in self._steps)
        least = min(words, space / len(self._steps))
        spare, epochs = space - least * len(self._steps), sum(step.epochs for step in self._steps)
        places, x = [], _MARGIN
        for step in self._steps:
            width = least + spare * step.epochs / epochs
            places.append(QRectF(x, 2, width, self.height() - 4))
            x += width + _GAP
        return places

    def _needs(self, words: str) -> float:
        return self.fontMetrics().horizontalAdvance(words) + 2.0 * _BESIDE

    def _paint(self, painter: QPainter, step: StairStep, place: QRectF) -> None:
        theme = tokens()
        border = place.top() + place.height() * (1 - _HEAD) * step.frozen
        for top, bottom, fill, edge in (
            (place.top(), border, theme.frozen_fill, theme.frozen_edge),
            (border, place.bottom(), theme.trained_fill, theme.trained_edge),
        ):
            if bottom - top >= 1:
                painter.setPen(QPen(QColor(edge), 1))
                painter.setBrush(QColor(fill))
                painter.drawRoundedRect(QRectF(place.left(), top, place.width(), bottom - top), 3, 3)
        mostly_frozen = step.frozen > 0.5
        painter.setPen(QColor(theme.frozen_text if mostly_frozen else theme.trained_text))
        half = QRectF(place.left(), place.top(), place.width(), border - place.top())
        if not mostly_frozen:
            half = QRectF(place.left(), border, place.width(), place.bottom() - border)
        inner = half.adjusted(_BESIDE, 0, -_BESIDE, 0)
        words = step.title if self._needs(step.title) <= place.width() else step.short or step.title
        shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(inner.width()))
        painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, shown)
