"""The texts that a part of the window shows."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget


def shown_texts(widget: QWidget) -> list[str]:
    """The texts of the labels in a widget, in the order of its layout: a metric card's number, name, rest."""
    layout = widget.layout()
    items = [layout.itemAt(place).widget() for place in range(layout.count())]
    return [item.text() for item in items if isinstance(item, QLabel)]
