"""Shown in place of a page's content while it is empty: the reason, and a button that helps."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from tldesk.ui.theme import set_icon


class StatePanel(QWidget):
    """An icon, a title, a sentence and at most one button, centred."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action: Callable[[], object] | None = None
        self.icon = QLabel(self)
        self.title = QLabel(self)
        self.title.setProperty("role", "title")
        self.words = QLabel(self)
        self.words.setProperty("role", "muted")
        self.words.setWordWrap(True)
        self.words.setMaximumWidth(440)
        self.button = QPushButton(self)
        self.button.clicked.connect(self._pressed)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addStretch(2)
        for widget in (self.icon, self.title, self.words, self.button):
            if isinstance(widget, QLabel):
                widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)

    def tell(
        self,
        icon: str,
        title: str,
        words: str,
        action: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        """Set the content; ``action`` is the button's text and its function."""
        set_icon(self.icon, icon, "muted", 48)
        self.title.setText(title)
        self.words.setText(words)
        self.words.setVisible(bool(words))
        # Otherwise the word-wrapped label would be as narrow as possible in a centred cell, or be cut off.
        width = min(self.words.maximumWidth(), self.words.fontMetrics().horizontalAdvance(words) + 8)
        self.words.setMinimumWidth(width)
        self.words.setMinimumHeight(max(self.words.heightForWidth(width), 0))  # -1 for no words
        self.button.setVisible(action is not None)
        self._action = action[1] if action else None
        if action:
            self.button.setText(action[0])

    def _pressed(self) -> None:
        if self._action is not None:
            self._action()
