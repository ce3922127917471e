"""The probability of each class as a bar in the class's colour, highest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tldesk.ui.theme import tokens

_ROW = 32
_MOST = 8


@dataclass(frozen=True, slots=True)
class ClassShare:
    """A class with its probability (0 to 1) and its colour ("#rrggbb")."""

    name: str
    probability: float
    colour: str


class ProbabilityBars(QWidget):
    """Bars of at most eight classes; the rest is summarised in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shares: tuple[ClassShare, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Probabilities"))

    def set_shares(self, shares: Sequence[ClassShare]) -> None:
        """Show these probabilities, sorted."""
        self._shares = tuple(sorted(shares, key=lambda share: -share.probability))
        self.setAccessibleDescription(
            ", ".join(f"{s.name} {percent_words(s.probability)}" for s in self._shares)
        )
        self.updateGeometry()
        self.update()

    @property
    def shares(self) -> tuple[ClassShare, ...]:
        """The probabilities shown, highest first."""
        return self._shares

    def sizeHint(self) -> QSize:
        """A size with one row per class."""
        rows = min(len(self._shares), _MOST) + (len(self._shares) > _MOST)
        return QSize(260, max(rows, 1) * _ROW)

    def minimumSizeHint(self) -> QSize:
        """The minimum size: narrower bars would not be readable."""
        return QSize(180, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw name, bar and number of each class."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        names = [share.name for share in self._shares[:_MOST]]
        widest = max((self._text_width(name) for name in names), default=0)
        column = min(widest + 12, self.width() * 0.42)
        for row, share in enumerate(self._shares[:_MOST]):
            self._paint_row(painter, row, share, column)
        if len(self._shares) > _MOST:
            self._paint_rest(painter)

    def _text_width(self, text: str) -> int:
        font = self.font()
        font.setBold(True)
        return QFontMetrics(font).horizontalAdvance(text)

    def _paint_row(self, painter: QPainter, row: int, share: ClassShare, column: float) -> None:
        theme = tokens()
        top = row * _ROW
        font = self.font()
        font.setBold(row == 0)
        painter.setFont(font)
        painter.setPen(QColor(theme.text))
        name = painter.fontMetrics().elidedText(share.name, Qt.TextElideMode.ElideRight, int(column - 8))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, top, column - 8, _ROW), middle | Qt.AlignmentFlag.AlignLeft, name)
        number_width = painter.fontMetrics().horizontalAdvance("100 %") + 8
        number = QRectF(self.width() - number_width, top, number_width, _ROW)
        painter.drawText(number, middle | Qt.AlignmentFlag.AlignRight, percent_words(share.probability))
        bar = QRectF(column, top + 7, max(self.width() - column - number_width - 8, 8), _ROW - 14)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.track))
        painter.drawRoundedRect(bar, 3, 3)
        bar.setWidth(max(bar.width() * share.probability, 3))
        painter.setBrush(QColor(share.colour))
        painter.drawRoundedRect(bar, 3, 3)

    def _paint_rest(self, painter: QPainter) -> None:
        rest = self._shares[_MOST:]
        text = self.tr("{0} more classes: {1} together").format(
            len(rest), percent_words(sum(share.probability for share in rest))
        )
        painter.setFont(self.font())
        painter.setPen(QColor(tokens().muted))
        painter.drawText(QRectF(0, _MOST * _ROW, self.width(), _ROW), Qt.AlignmentFlag.AlignVCenter, text)


def percent_words(share: float) -> str:
    """Format without decimals, because a probability is not more precise; "100 %" and "0 %" only if exact."""
    if 0.995 <= share < 1:
        return "> 99 %"
    if 0 < share < 0.005:
        return "< 1 %"
    return f"{share * 100:.0f} %"
