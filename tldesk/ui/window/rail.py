"""The rail on the left: the pages in the order of the work, each with a line about its state."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QPushButton, QVBoxLayout, QWidget

from tldesk.ui.theme import pixmap, set_icon, tokens

WIDTH = 208


class RailButton(QAbstractButton):
    """One page: icon, name and state. The current one has a bar and bold text, not only another colour."""

    def __init__(self, icon: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._state = ""
        self._hovered = False
        self.setText(title)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(title)

    def set_state(self, line: str) -> None:
        """Show the state below the name."""
        self._state = line
        self.setToolTip(line)
        self.setAccessibleDescription(line)
        self.update()

    def sizeHint(self) -> QSize:
        """A size for two lines of text with a margin."""
        return QSize(WIDTH - 16, 56)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Highlight it under the pointer."""
        self._hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """End the highlight."""
        self._hovered = False
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it in the colours of the current theme."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_ground(painter)
        self._draw_content(painter)
        painter.end()

    def _draw_ground(self, painter: QPainter) -> None:
        worn = tokens()
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or (self._hovered and self.isEnabled()):
            painter.setBrush(QColor(worn.surface if self.isChecked() else worn.hover))
            painter.drawRoundedRect(self.rect(), 6, 6)
        if self.isChecked():
            painter.setBrush(QColor(worn.accent))
            painter.drawRoundedRect(QRect(0, 8, 4, self.height() - 16), 2, 2)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QColor(worn.accent))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 5, 5)

    def _draw_content(self, painter: QPainter) -> None:
        worn = tokens()
        strong = worn.field_border if not self.isEnabled() else worn.text
        paint = worn.accent if self.isChecked() else strong
        painter.drawPixmap(14, 11, pixmap(self._icon, 20, paint, self.devicePixelRatioF()))
        font = self.font()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(strong))
        width = self.width() - 46 - 4
        painter.drawText(QRect(46, 8, width, 22), Qt.AlignmentFlag.AlignVCenter, self.text())
        font.setBold(False)
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(QColor(worn.muted if self.isEnabled() else worn.field_border))
        line = shortened(self._state, painter.fontMetrics(), width)
        painter.drawText(QRect(46, 29, width, 18), Qt.AlignmentFlag.AlignVCenter, line)


def shortened(line: str, metrics: QFontMetrics, width: int) -> str:
    """Shorten a state line to ``width`` px: its first part is elided, the part after the dot is kept."""
    if metrics.horizontalAdvance(line) <= width:
        return line
    first, dot, rest = line.partition(" · ")
    left = width - metrics.horizontalAdvance(dot + rest)
    if dot and left >= metrics.horizontalAdvance("mmm…"):
        return metrics.elidedText(first, Qt.TextElideMode.ElideRight, left) + dot + rest
    return metrics.elidedText(line, Qt.TextElideMode.ElideRight, width)


class Rail(QWidget):
    """The buttons of the pages above, the weights library below."""

    chosen = Signal(int)
    weightsAsked = Signal()

    def __init__(self, pages: list[tuple[str, str]], parent: QWidget | None = None) -> None:
        """``pages``: icon and title of each page."""
        super().__init__(parent)
        self.setObjectName("rail")
        # Without it, a subclass of QWidget ignores the style sheet's background.
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDTH)
        self._group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 12, 8, 16)
        layout.setSpacing(8)
        for number, (icon, title) in enumerate(pages):
            button = RailButton(icon, title, self)
            self._group.addButton(button, number)
            layout.addWidget(button)
        layout.addStretch(1)
        weights = QPushButton(self.tr("Weights library…"), self)
        weights.setAccessibleDescription(self.tr("Shows the pretrained networks and imports new ones"))
        set_icon(weights, "weights")
        weights.clicked.connect(self.weightsAsked)
        layout.addWidget(weights)
        self._group.idClicked.connect(self.chosen)

    def button(self, number: int) -> RailButton:
        """Return the button of a page."""
        found = self._group.button(number)
        assert isinstance(found, RailButton)
        return found

    def choose(self, number: int | None) -> None:
        """Mark a page as the one shown; None marks none."""
        if number is not None:
            self.button(number).setChecked(True)
            return
        self._group.setExclusive(False)
        for button in self._group.buttons():
            button.setChecked(False)
        self._group.setExclusive(True)
