"""A titled card: every part of a page is in one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget


class Panel(QFrame):
    """A frame with a heading; ``header`` takes buttons beside the heading, ``body`` the contents."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(title)
        self._title = QLabel(title, self)
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
        """Change the heading."""
        self._title.setText(title)
        self.setAccessibleName(title)


class UncutPanel(Panel):
    """A panel whose minimum height is the height of its wrapped text at the current width.

    Qt squeezes stacked panels with wrapped text below that height as soon as not every part gets its
    preferred height; lines of text would then overlap.
    """

    def hasHeightForWidth(self) -> bool:
        """Return False for the layout around this panel: the minimum height is enough."""
        return False

    def event(self, event: QEvent) -> bool:
        """Update the minimum height when the contents or the width change."""
        done = super().event(event)
        layout = self.layout()
        if layout is not None and event.type() in {QEvent.Type.LayoutRequest, QEvent.Type.Resize}:
            self.setMinimumHeight(max(0, layout.minimumHeightForWidth(self.width())))
        return done


def scroll_area(parent: QWidget) -> QScrollArea:
    """Return a scroll area around an empty widget, so that small screens do not squeeze its contents.

    Create the contents as children of ``widget()``.
    """
    area = QScrollArea(parent)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its contents take the focus
    area.setWidget(QWidget(area.viewport()))
    return area


def label(text: str = "", role: str = "", *, wrap: bool = False, parent: QWidget | None = None) -> QLabel:
    """Return a label in one of the theme's roles: muted, number, heading, good, warn, bad."""
    made = QLabel(text, parent)
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wrap)
    return made


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget another role of the theme's style sheet, and redraw it."""
    if widget.property("role") == role:
        return
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
