"""A card with one metric, its interval and its meaning."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QSizePolicy, QWidget


class MetricCard(QFrame):
    """A large value, its name beside it, and a line below (interval, remark).

    Without a name, the line below says what the value is; ``spoken`` then names it for screen readers.
    """

    def __init__(self, name: str, spoken: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._name = name
        self._value = QLabel("–", self)
        self._value.setProperty("role", "number")
        label = QLabel(name, self)
        label.setProperty("role", "muted")
        label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
        self._below = QLabel("", self)
        self._below.setProperty("role", "muted")
        self._below.setWordWrap(True)
        self._below.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 12, 8)
        grid.setVerticalSpacing(2)
        grid.setHorizontalSpacing(8)
        grid.addWidget(self._value, 0, 0)
        grid.addWidget(label, 0, 1)
        grid.addWidget(self._below, 1, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(120)
        self.setAccessibleName(spoken or name)

    def show_value(self, value: str, below: str, tip: str = "") -> None:
        """Show a value as text; ``tip`` says how it was computed."""
        self._value.setText(value)
        self._below.setText(below)
        self.setToolTip(tip)
        self.setAccessibleDescription(f"{value}. {below}")
