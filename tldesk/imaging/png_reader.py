"""Reads PNGs with 16-bit colour or 16-bit grey and alpha, which Pillow would reduce to 8 bits.

Of all PNGs, it checks the sums of the picture's data, which Pillow ignores: a hole of zeros would go unseen.
"""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

import numpy as np
from PIL import Image

from tldesk.imaging.colour_profile import pixels_to_srgb
from tldesk.imaging.pixels import Pixels
from tldesk.imaging.rendering import Rendering
from tldesk.imaging.unreadable import UnreadableImage, damaged
from tldesk.imaging.windowing import Samples, WindowedValues, on_white, own_range, to_bytes, to_rgb

_DEPTH_AT, _COLOUR_TYPE_AT = 24, 25  # in IHDR, which comes first (PNG specification, 11.2.2)
_FIRST_CHUNK_AT, _DATA = 8, b"IDAT"
_CHUNK = struct.Struct(">I4s")  # length of the content, kind; behind the content, its CRC-32
_PART = 1 << 22  # bytes
_COLOUR, _GREY_ALPHA, _COLOUR_ALPHA = 2, 4, 6


def is_deep(head: bytes) -> bool:
    """Return whether ``head`` is the start of a PNG that Pillow would reduce to 8 bits."""
    if not head.startswith(b"\x89PNG") or len(head) <= _COLOUR_TYPE_AT:
        return False
    return head[_DEPTH_AT] == 16 and head[_COLOUR_TYPE_AT] in {_COLOUR, _GREY_ALPHA, _COLOUR_ALPHA}


def check_sums(file: BinaryIO) -> None:
    """Check the sum of each chunk of the picture's data that the file does not cut off.

    Raises:
        UnreadableImage: a sum is wrong.
    """
    place = file.tell()
    at = _FIRST_CHUNK_AT
    while True:
        file.seek(at)
        head = file.read(_CHUNK.size)
        if len(head) < _CHUNK.size:
            break
        length, kind = _CHUNK.unpack(head)
        if kind == _DATA and not _sum_is_right(file, length):
            raise UnreadableImage(damaged("its check sums are wrong"))
        at += length + _CHUNK.size + 4
    file.seek(place)


def _sum_is_right(file: BinaryIO, left: int) -> bool:
    found = zlib.crc32(_DATA)
    while left:
        part = file.read(min(left, _PART))
        if not part:
            return True
        found, left = zlib.crc32(part, found), left - len(part)
    said = file.read(4)
    return len(said) < 4 or int.from_bytes(said, "big") == found


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
