"""Checks that a JPEG 2000 has all of its tiles, of which OpenJPEG makes up the missing ones."""

from __future__ import annotations

import math
import struct
from collections import Counter

from tldesk.imaging.unreadable import TRUNCATED, UnreadableImage

_START, _TILE_PART = b"\xff\x4f\xff\x51", b"\xff\x90"  # SOC and SIZ; SOT (ISO/IEC 15444-1, table A.2)
_SIZES = struct.Struct(">8I")  # of the picture, its offset, of a tile, its offset: width and height each
_SIZES_AT = 8  # bytes behind the start
_PART = struct.Struct(">HHIBB")  # Lsot, Isot, Psot, TPsot, TNsot


def check(data: bytes) -> None:
    """Check a JPEG 2000, a file or a code stream; one of unknown structure counts as complete.

    Raises:
        UnreadableImage: a tile, or a part of one, is missing or ends early.
    """
    start = data.find(_START)
    try:
        if start >= 0 and not _is_complete(data, start):
            raise UnreadableImage(TRUNCATED)
    except struct.error:
        return


def _is_complete(data: bytes, start: int) -> bool:
    at = data.find(_TILE_PART, start)
    found: Counter[int] = Counter()
    promised: dict[int, int] = {}
    while at >= 0 and data[at : at + 2] == _TILE_PART:
        _, tile, length, _, parts = _PART.unpack_from(data, at + 2)
        found[tile] += 1
        promised[tile] = max(promised.get(tile, 1), parts)
        if length == 0:  # up to the end
            break
        at += length
        if at > len(data):
            return False
    whole = all(found[tile] >= parts for tile, parts in promised.items())
    return not found or (whole and len(found) >= _tiles(data, start))


def _tiles(data: bytes, start: int) -> int:
    sizes: tuple[int, ...] = _SIZES.unpack_from(data, start + _SIZES_AT)
    (width, height), (tile_width, tile_height), (left, top) = sizes[:2], sizes[4:6], sizes[6:]
    if not tile_width or not tile_height:
        return 0
    return math.ceil((width - left) / tile_width) * math.ceil((height - top) / tile_height)
