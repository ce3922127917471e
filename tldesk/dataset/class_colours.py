"""Class colours that people with colour blindness can distinguish.

From Okabe and Ito, "Color Universal Design" (2008), with black replaced by grey, because black is invisible
on a dark background.
"""

from __future__ import annotations

OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#f0e442", "#999999")


def class_colour(position: int) -> str:
    """Return the colour, "#rrggbb", of the class at ``position`` (from 0); it repeats after eight classes."""
    return OKABE_ITO[position % len(OKABE_ITO)]
