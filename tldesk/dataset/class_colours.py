"""Class colours that people with colour blindness can tell apart.

Okabe and Ito, "Color Universal Design" (2008); their black is left out, since it vanishes on a dark page, and
grey takes its place.
"""

from __future__ import annotations

OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#f0e442", "#999999")


def class_colour(position: int) -> str:
    """The colour of the class at ``position`` (from 0), "#rrggbb"; after eight classes the colours repeat."""
    return OKABE_ITO[position % len(OKABE_ITO)]
