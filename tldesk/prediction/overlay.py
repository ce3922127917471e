"""Draws a saliency map over its picture: the higher the value, the stronger the colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# 33 points of "inferno" (Stéfan van der Walt and Nathaniel Smith, CC0). It is perceptually uniform and its
# lightness increases throughout, so it also works in grey and for people with colour blindness.
_POINTS = (
    "000004 040312 0b0724 150b37 210c4a 2e0a5a 3c0965 4a0c6b 57106d 63146e 70196e 7d1e6d 89226a 962766 "
    "a32b61 af315c bb3755 c63e4d d14644 db4f3b e35932 eb6528 f1711e f67f14 f98d0a fb9c06 fcab0f fbba1f "
    "f9ca32 f5d949 f2e865 f3f586 fcffa4"
)


def _table() -> NDArray[np.float32]:
    points = np.array([list(bytes.fromhex(point)) for point in _POINTS.split()], dtype=np.float32)
    at = np.linspace(0, 255, len(points))
    columns = [np.interp(np.arange(256), at, points[:, channel]) for channel in range(3)]
    return np.stack(columns, axis=1).astype(np.float32)


COLOURS: NDArray[np.float32] = _table()
"""(256, 3) RGB, 0..255: the colours of map values from 0 to 1 in equal steps."""


def overlay(pixels: NDArray[np.uint8], marks: NDArray[np.float32], opacity: float = 0.6) -> NDArray[np.uint8]:
    """Draw the map ``marks`` over ``pixels``.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        marks: (H, W) float32, 0..1; where it is 0, the picture is unchanged.
        opacity: 0..1, the opacity of the colour where the map is 1.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        ValueError: the sizes differ.
    """
    if pixels.shape[:2] != marks.shape:
        raise ValueError(f"the picture is {pixels.shape[:2]}, its map {marks.shape}")
    strength = np.clip(marks, 0.0, 1.0)
    colour = COLOURS[np.rint(strength * 255).astype(np.uint8)]
    share = (strength * np.float32(opacity))[..., None]
    mixed = pixels * (1 - share) + colour * share
    laid: NDArray[np.uint8] = np.rint(mixed).astype(np.uint8)
    return laid
