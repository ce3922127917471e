"""A box for a whole number, with the same distance between text and border as in all other fields."""

from __future__ import annotations

from PySide6.QtWidgets import QSpinBox, QWidget

_MARGIN = 9  # px; the style sheet's padding does not affect the line edit inside the box


def number_box(parent: QWidget | None = None) -> QSpinBox:
    """Return a new box."""
    box = QSpinBox(parent)
    box.lineEdit().setTextMargins(_MARGIN, 0, 0, 0)
    return box
