"""A box for a whole number whose text stands as far from the border as in every other field."""

from __future__ import annotations

from PySide6.QtWidgets import QSpinBox, QWidget

_MARGIN = 9  # px; the style sheet's padding does not reach the line inside the box


def number_box(parent: QWidget | None = None) -> QSpinBox:
    """A new box."""
    box = QSpinBox(parent)
    box.lineEdit().setTextMargins(_MARGIN, 0, 0, 0)
    return box
