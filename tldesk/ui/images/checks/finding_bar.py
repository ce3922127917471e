"""The bar above the grid while a finding is shown: its title, why it matters, and buttons to resolve it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget


@dataclass(frozen=True, slots=True)
class Offer:
    """One button.

    Attributes:
        words: text of the button.
        tip: what it does, as a sentence.
        keys: its shortcut in Qt's notation; "" if none.
        do: called when it is clicked.
    """

    words: str
    tip: str
    keys: str
    do: Callable[[], object]


class FindingBar(QFrame):
    """Hidden while no finding is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.title = QLabel(self)
        self.title.setProperty("role", "heading")
        self.words = _Words(self)
        self.buttons: list[QPushButton] = []
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self.title)
        texts.addWidget(self.words)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.setSpacing(16)
        layout.addLayout(texts, 1)
        layout.addLayout(self._row)
        self.hide()

    def show_finding(self, title: str, words: str, offers: Sequence[Offer]) -> None:
        """Show a finding with one button per possible action."""
        self.title.setText(title)
        self.words.setText(words)
        self.setAccessibleName(f"{title}. {words}")
        while len(self.buttons) > len(offers):
            self.buttons.pop().deleteLater()
        while len(self.buttons) < len(offers):
            self._add_button(len(self.buttons))
        self._offers = list(offers)
        for button, offer in zip(self.buttons, offers, strict=True):
            button.setText(offer.words)
            # After setting the text, because that removes the shortcut
            button.setShortcut(QKeySequence(offer.keys))
            keys = QKeySequence(offer.keys).toString(QKeySequence.SequenceFormat.NativeText)
            button.setToolTip(f"{offer.tip} ({keys})" if keys else offer.tip)
        self.show()

    def _add_button(self, place: int) -> None:
        button = QPushButton(self)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # clicking leaves the keyboard focus on the grid
        button.clicked.connect(partial(self._take, place))
        self.buttons.append(button)
        self._row.addWidget(button)

    def _take(self, place: int, _checked: bool = False) -> None:
        self._offers[place].do()


class _Words(QLabel):
    """A label that wraps its text and never widens the window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setProperty("role", "muted")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        """A small width, and the height of the wrapped lines."""
        return QSize(0, super().minimumSizeHint().height())
