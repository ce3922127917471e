"""A box for a whole number, with its text as far from the border as in all other fields."""

from __future__ import annotations

from PySide6.QtWidgets import QSpinBox, QWidget

_MARGIN = 9  # px; the style sheet's padding does not reach the line inside the box


def number_box(parent: QWidget | None = None) -> QSpinBox:
    """A new box."""
    box = QSpinBox(parent)
    box.lineEdit().setTextMargins(_MARGIN, 0, 0, 0)
    return box
