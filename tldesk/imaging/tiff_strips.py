"""Checks that all strips or tiles of a TIFF's page are there and whole before a library fills the gaps."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from tldesk.imaging.jpeg_end import fault_of
from tldesk.imaging.unreadable import TRUNCATED, UnreadableImage, damaged

_COMPRESSION, _OFFSETS, _COUNTS, _TABLES = 259, (273, 324), (279, 325), 347
_TILE_WIDTH, _NO_DATA, _GEO = 322, 42113, 34735
TAGS = (_COMPRESSION, *_OFFSETS, *_COUNTS, _TABLES, _TILE_WIDTH, _NO_DATA, _GEO)
"""The tags that ``check`` looks at."""

_JPEG, _UNCOMPRESSED, _END = 7, 1, b"\xff\xd9"


def check(file: BinaryIO, tags: Mapping[int, Any]) -> None:
    """Check the strips or tiles of a page with these ``tags``: value or values by number.

    A missing tile is "nothing here" in pathology and maps, and a missing strip in maps; elsewhere a strip
    is missing because the program that wrote the file was interrupted.

    Raises:
        UnreadableImage: a strip or tile is missing, ends early, or lies behind the end of the file.
    """
    offsets, counts = (_several(tags, pair) for pair in (_OFFSETS, _COUNTS))
    if not offsets or (len(offsets) != len(counts) and counts):
        raise UnreadableImage(damaged("its list of strips is incomplete"))
    size = os.fstat(file.fileno()).st_size
    if any(at + count > size for at, count in zip(offsets, counts, strict=False)):
        raise UnreadableImage(TRUNCATED)
    may_lack = _TILE_WIDTH in tags or _GEO in tags or _NO_DATA in tags
    if any(count == 0 and (at or not may_lack) for at, count in zip(offsets, counts, strict=False)):
        raise UnreadableImage(TRUNCATED)
    if _first(tags.get(_COMPRESSION)) == _JPEG:
        _check_jpegs(_read(file, zip(offsets, counts, strict=False)), tags.get(_TABLES))


def _several(tags: Mapping[int, Any], names: tuple[int, ...]) -> tuple[int, ...]:
    value = next((tags[name] for name in names if name in tags), ())
    return tuple(value) if isinstance(value, (tuple, list)) else (int(value),)


def _first(value: Any) -> Any:  # noqa: ANN401 - a tag of any kind
    return value[0] if isinstance(value, (tuple, list)) and value else value


def _read(file: BinaryIO, places: Iterator[tuple[int, int]]) -> Iterator[bytes]:
    for at, count in places:
        file.seek(at)
        yield file.read(count)


def _check_jpegs(strips: Iterator[bytes], tables: object) -> None:
    """Check JPEGs whose tables are kept once for all of them (abbreviated format, ITU-T T.81, B.4)."""
    head = tables.removesuffix(_END) if isinstance(tables, bytes) else b""
    for strip in strips:
        whole = head + strip[2:] if head else strip
        if strip and (fault := fault_of(whole + _END)):
            raise UnreadableImage(fault)
