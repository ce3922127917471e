"""Small pictures for grids and lists."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tldesk.imaging.decode import read_picture
from tldesk.imaging.pixels import Pixels
from tldesk.imaging.prepared_cache import PreparedCache
from tldesk.imaging.rendering import AS_STORED, Rendering


def thumbnail(path: Path | str, side: int, rendering: Rendering = AS_STORED) -> Pixels:
    """Return the picture reduced to fit ``side`` x ``side`` px, same aspect ratio: (h, w, 3) uint8 RGB.

    Raises:
        UnreadableImage: the file cannot be read; the reason says why.
    """
    return fit_within(read_picture(path, min_side=side, rendering=rendering).pixels, side)


def prepared_thumbnail(cache: PreparedCache, path: Path, content: str, side: int) -> Pixels:
    """Return the same as ``thumbnail``, made from the prepared picture if that is large enough.

    Slow originals are added to the cache.

    Raises:
        UnreadableImage: as ``PreparedCache.read``.
    """
    if side > cache.side:
        return thumbnail(path, side, cache.rendering)
    kept = cache.kept(content)
    if kept is None and cache.passed_over(path, content):
        return thumbnail(
            path, side, cache.rendering
        )  # quick to decode: read it directly at the requested size
    return fit_within(cache.read(path, content) if kept is None else kept, side)


def fit_within(pixels: Pixels, side: int) -> Pixels:
    """Shrink (H, W, 3) pixels with a bicubic filter until the long side is at most ``side`` pixels."""
    height, width = pixels.shape[:2]
    long = max(height, width)
    if long <= side:
        return pixels
    size = (max(1, round(width * side / long)), max(1, round(height * side / long)))
    return np.array(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))
