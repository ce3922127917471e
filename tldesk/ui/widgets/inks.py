"""Colours computed from other colours."""

from __future__ import annotations

from PySide6.QtGui import QColor

from tldesk.ui.theme import contrast, tokens


def mixed(ground: str, ink: str, share: float) -> QColor:
    """Return ``ground`` blended with ``share`` (0 to 1) of ``ink``; both "#rrggbb"."""
    low, high = QColor(ground), QColor(ink)
    red, green, blue = (
        round(a + (b - a) * share)
        for a, b in ((low.red(), high.red()), (low.green(), high.green()), (low.blue(), high.blue()))
    )
    return QColor(red, green, blue)


def readable_on(fill: QColor) -> QColor:
    """Return white or nearly black, whichever has more contrast to ``fill``."""
    inks = ("#ffffff", "#10161d")
    return QColor(max(inks, key=lambda ink: contrast(ink, fill.name())))


def line_colour(colour: str) -> QColor:
    """Return a class or run colour for thin lines: lighter in the dark theme, to keep blue visible."""
    return mixed(colour, "#ffffff", 0.35) if tokens().dark else QColor(colour)
