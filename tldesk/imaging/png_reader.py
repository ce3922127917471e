"""Reads PNGs with 16-bit colour or 16-bit grey and alpha, which Pillow would reduce to 8 bits."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from PIL import Image

from tldesk.imaging.colour_profile import pixels_to_srgb
from tldesk.imaging.pixels import Pixels
from tldesk.imaging.rendering import Rendering
from tldesk.imaging.windowing import Samples, WindowedValues, on_white, own_range, to_bytes, to_rgb

_DEPTH_AT, _COLOUR_TYPE_AT = 24, 25  # in IHDR, which comes first (PNG specification, 11.2.2)
_COLOUR, _GREY_ALPHA, _COLOUR_ALPHA = 2, 4, 6


def is_deep(head: bytes) -> bool:
    """Return whether ``head`` is the start of a PNG that Pillow would reduce to 8 bits."""
    if not head.startswith(b"\x89PNG") or len(head) <= _COLOUR_TYPE_AT:
        return False
    return head[_DEPTH_AT] == 16 and head[_COLOUR_TYPE_AT] in {_COLOUR, _GREY_ALPHA, _COLOUR_ALPHA}


def to_pixels(file: BinaryIO, image: Image.Image, rendering: Rendering) -> tuple[Pixels, WindowedValues]:
    """Decode the file of an already loaded (hence complete) ``image`` at full depth, not turned upright."""
    import imagecodecs

    file.seek(0)
    samples: Samples = imagecodecs.png_decode(file.read())
    colours, alpha = _split_alpha(samples, image)
    seen = None if alpha is None else alpha > 0
    window = rendering.window_of(colours, seen) or own_range(colours, seen)
    pixels = to_rgb(to_bytes(colours, window))
    if colours.shape[2] == 3:
        pixels = pixels_to_srgb(pixels, image.info.get("icc_profile"))
    return pixels if alpha is None else on_white(pixels, alpha), WindowedValues(colours, window, valid=seen)


def _split_alpha(samples: Samples, image: Image.Image) -> tuple[Samples, Samples | None]:
    if samples.shape[2] in {2, 4}:
        return samples[:, :, :-1], samples[:, :, -1].astype(np.float32) / 65535.0
    key = image.info.get("transparency")
    if not isinstance(key, tuple):
        return samples, None
    return samples, (samples != np.array(key, dtype=samples.dtype)).any(axis=2).astype(np.float32)
