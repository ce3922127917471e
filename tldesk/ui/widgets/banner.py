"""A line above a page that says what has changed, with buttons for what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from tldesk.ui.theme import set_icon

Deed = tuple[str, Callable[[], object]]


class Banner(QFrame):
    """Hidden until there is something to say. Icon and words tell the state, not the colour alone."""

    def __init__(self, parent: QWidget | None = None, *, most: int = 3) -> None:
        """``most``: buttons."""
        super().__init__(parent)
        self.setObjectName("banner")
        self._icon = QLabel(self)
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.buttons = [QPushButton(self) for _ in range(most)]
        self._deeds: list[Callable[[], object]] = []
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.setSpacing(8)
        layout.addWidget(self._icon)
        layout.addWidget(self.words, 1)
        for place, button in enumerate(self.buttons):
            button.clicked.connect(lambda _checked=False, place=place: self._deeds[place]())
            layout.addWidget(button)
        self.hide()

    def tell(self, icon: str, words: str, deeds: Sequence[Deed] = ()) -> None:
        """Show words and a button for each deed (its text, and what it does)."""
        set_icon(self._icon, icon, "warn")
        self.words.setText(words)
        self.setAccessibleName(words)
        self._deeds = [do for _, do in deeds]
        for place, button in enumerate(self.buttons):
            button.setVisible(place < len(deeds))
            button.setText(deeds[place][0] if place < len(deeds) else "")
        self.show()
