"""A line above a page that reports a change, with buttons for what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from tldesk.ui.theme import set_icon

Deed = tuple[str, Callable[[], object]]


class Banner(QFrame):
    """Hidden until there is a message. Icon and text show the state, not only the colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._icon = QLabel(self)
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)  # names of files and folders may look like markup
        self.buttons: list[QPushButton] = []
        self._deeds: list[Callable[[], object]] = []
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(12, 6, 8, 6)
        self._layout.setSpacing(8)
        self._layout.addWidget(self._icon)
        self._layout.addWidget(self.words, 1)
        self.hide()

    def tell(self, icon: str, words: str, deeds: Sequence[Deed] = ()) -> None:
        """Show a message with one button per action (its text and its function)."""
        set_icon(self._icon, icon, "warn")
        self.words.setText(words)
        self.setAccessibleName(words)
        self._deeds = [do for _, do in deeds]
        for place in range(len(self.buttons), len(deeds)):
            self._add_button(place)
        for place, button in enumerate(self.buttons):
            button.setVisible(place < len(deeds))
        for button, (title, _) in zip(self.buttons, deeds, strict=False):
            button.setText(title)
        self.show()

    def _add_button(self, place: int) -> None:
        button = QPushButton(self)
        button.clicked.connect(partial(self._press, place))
        self._layout.addWidget(button)
        self.buttons.append(button)

    def _press(self, place: int, _checked: bool = False) -> None:
        self._deeds[place]()
