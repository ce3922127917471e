"""A titled card: what every part of a page stands in."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget


class Panel(QFrame):
    """A frame with a heading; ``header`` takes buttons beside the heading, ``body`` the contents."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(title)
        self._title = QLabel(title)
        self._title.setProperty("role", "heading")
        self._title.setMinimumWidth(40)
        self.header = QHBoxLayout()
        self.header.setSpacing(8)
        self.header.addWidget(self._title)
        self.header.addStretch(1)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 8, 12, 12)
        outer.setSpacing(8)
        outer.addLayout(self.header)
        outer.addLayout(self.body, 1)

    def set_title(self, title: str) -> None:
        """Another heading."""
        self._title.setText(title)
        self.setAccessibleName(title)


def label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """A label in one of the theme's roles: muted, number, heading, good, warn, bad."""
    made = QLabel(text)
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wrap)
    return made


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget another role of the theme's style sheet, and have it drawn so."""
    if widget.property("role") == role:
        return
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
