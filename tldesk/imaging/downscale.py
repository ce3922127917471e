"""Reduces pictures by whole factors: JPEGs while decoding, others by averaging squares, to the same size."""

from __future__ import annotations

import numpy as np
from PIL import Image

from tldesk.imaging.pixels import Pixels

FACTORS = (8, 4, 2)
"""The factors by which libjpeg can reduce; the same factors are used for all formats."""


def reduction(width: int, height: int, min_side: int | None) -> int:
    """Return the largest factor of 8, 4, 2, 1 that leaves the short side at least ``min_side`` pixels."""
    if min_side is None:
        return 1
    short = min(width, height)
    return next((factor for factor in FACTORS if short // factor >= min_side), 1)


def reduce_by(pixels: Pixels, factor: int) -> Pixels:
    """Average squares of ``factor`` x ``factor`` pixels; a side of n becomes ceil(n / factor)."""
    if factor == 1:
        return pixels
    return np.array(Image.fromarray(pixels).reduce(factor))
