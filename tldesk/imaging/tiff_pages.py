"""Which pages of a TIFF are pictures of their own, and which only smaller copies or masks of another.

The chain of pages is walked here: the libraries count them with the square of their number.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from tldesk.imaging.unreadable import TRUNCATED, UnreadableImage, damaged

_HEADER = 16  # bytes of a BigTIFF's; no other TIFF is shorter, with its directory
_MOST_PAGES = 100_000
_KIND, _OLD_KIND, _WIDTH, _HEIGHT, _PHOTOMETRIC, _DESCRIPTION, _INNER = 254, 255, 256, 257, 262, 270, 330
_REDUCED, _MASK, _OLD_REDUCED = 1, 4, 2  # bits of NewSubfileType; a value of SubfileType
_SHOWN = (0, 1, 2, 3, 5, 6, 8)  # kinds of colour; those of RAW pictures are not among them
_NUMBERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}  # types of entries that hold whole numbers
_SLIDE_SCANNER = b"Aperio"  # its files: the slide, then a thumbnail, smaller copies, label and overview


@dataclass(frozen=True, slots=True)
class TiffPageAt:
    """A page: the offset of its directory, its place in the chain (None: inside another page), its size."""

    offset: int
    place: int | None
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PicturePages:
    """The pages that are pictures, at least one, and in words which larger one is not the first."""

    pages: tuple[TiffPageAt, ...]
    hidden: str = ""


@dataclass(frozen=True, slots=True)
class _Layout:
    """How numbers and directories are written: byte order; sizes of counts, entries and offsets in bytes."""

    order: str
    big: bool

    @property
    def counts(self) -> struct.Struct:
        return struct.Struct(self.order + ("Q" if self.big else "H"))

    @property
    def offsets(self) -> struct.Struct:
        return struct.Struct(self.order + ("Q" if self.big else "I"))

    @property
    def entries(self) -> struct.Struct:
        return struct.Struct(self.order + ("HHQ8s" if self.big else "HHI4s"))


@dataclass(frozen=True, slots=True)
class _Directory:
    page: TiffPageAt
    kind: int
    shown: bool
    inner: tuple[int, ...]
    by_slide_scanner: bool


def pages_of(file: BinaryIO) -> PicturePages:
    """Return the pages of a TIFF that are pictures.

    Pages marked as reduced are left out, even the first, if there is a full one: behind it or inside it.

    Raises:
        UnreadableImage: there are no pages, or more than 100,000.
        struct.error: a directory ends early.
    """
    file.seek(0)
    head = file.read(_HEADER)
    if len(head) < _HEADER:
        raise UnreadableImage(TRUNCATED)
    layout = _Layout("<" if head.startswith(b"II") else ">", head[2:4] in (b"+\0", b"\0+"))
    chain = list(_chain(file, layout, int(layout.offsets.unpack_from(head, 8 if layout.big else 4)[0])))
    if not chain:
        raise UnreadableImage(TRUNCATED)
    if chain[0].by_slide_scanner:
        return PicturePages((chain[0].page,))
    full = [one.page for one in chain if one.kind == 0]
    if chain[0].kind:
        full = _inner_pictures(file, layout, chain[0]) + full
    pages = tuple(full or [chain[0].page])
    return PicturePages(pages, _larger(pages))


def _chain(file: BinaryIO, layout: _Layout, offset: int) -> Iterator[_Directory]:
    seen: set[int] = set()
    while offset and offset not in seen:
        if len(seen) == _MOST_PAGES:
            raise UnreadableImage(damaged(f"it has more than {_MOST_PAGES:,} pages"))
        seen.add(offset)
        directory, offset = _directory(file, layout, offset, len(seen) - 1)
        if directory is None:
            return
        yield directory


def _directory(
    file: BinaryIO, layout: _Layout, offset: int, place: int | None
) -> tuple[_Directory | None, int]:
    """Return a directory and the offset of the next one; None and 0 if the file ends before it."""
    file.seek(offset)
    count = file.read(layout.counts.size)
    if len(count) < layout.counts.size:
        return None, 0
    size = min(layout.counts.unpack(count)[0], 65535) * layout.entries.size
    data = file.read(size + layout.offsets.size)
    whole = data[: min(size, len(data)) // layout.entries.size * layout.entries.size]
    listed = reversed(list(layout.entries.iter_unpack(whole)))  # of a tag given twice, the first counts
    entries = {tag: (kind, number, value) for tag, kind, number, value in listed}
    following = data[size:]
    after = int(layout.offsets.unpack(following)[0]) if len(following) == layout.offsets.size else 0
    return (_read(file, layout, entries, TiffPageAt(offset, place, 0, 0)) if entries else None), after


def _read(
    file: BinaryIO, layout: _Layout, entries: dict[int, tuple[int, int, bytes]], page: TiffPageAt
) -> _Directory:
    def first(tag: int, absent: int) -> int:
        kind, number, value = entries.get(tag, (0, 0, b""))
        form = _NUMBERS.get(kind)
        room = layout.offsets.size
        if form is None or number < 1 or number * struct.calcsize(layout.order + form) > room:
            return absent
        return int(struct.unpack_from(layout.order + form, value)[0])

    reduced = first(_KIND, 0) & _REDUCED or first(_OLD_KIND, 0) == _OLD_REDUCED
    return _Directory(
        TiffPageAt(page.offset, page.place, first(_WIDTH, 0), first(_HEIGHT, 0)),
        (_REDUCED if reduced else 0) | first(_KIND, 0) & _MASK,
        first(_PHOTOMETRIC, 1) in _SHOWN,
        tuple(_offsets(file, layout, entries.get(_INNER))),
        _starts_with(file, layout, entries.get(_DESCRIPTION), _SLIDE_SCANNER),
    )


def _offsets(file: BinaryIO, layout: _Layout, entry: tuple[int, int, bytes] | None) -> list[int]:
    if entry is None or entry[0] not in _NUMBERS or not 0 < entry[1] <= _MOST_PAGES:
        return []
    form = struct.Struct(f"{layout.order}{entry[1]}{_NUMBERS[entry[0]]}")
    data = _value(file, layout, entry[2], form.size)
    return [int(offset) for offset in form.unpack(data)] if len(data) == form.size else []


def _starts_with(file: BinaryIO, layout: _Layout, entry: tuple[int, int, bytes] | None, words: bytes) -> bool:
    return (
        entry is not None
        and entry[1] > len(words)
        and _value(file, layout, entry[2], max(entry[1], 16)).startswith(words)
    )


def _value(file: BinaryIO, layout: _Layout, inline: bytes, size: int) -> bytes:
    """Return the value of an entry, of ``size`` bytes, which lies elsewhere if it has no room inline."""
    if size <= len(inline):
        return inline[:size]
    file.seek(int(layout.offsets.unpack(inline)[0]))
    return file.read(min(size, 8 * _MOST_PAGES))


def _inner_pictures(file: BinaryIO, layout: _Layout, thumbnail: _Directory) -> list[TiffPageAt]:
    found = (_directory(file, layout, offset, None)[0] for offset in thumbnail.inner)
    return [one.page for one in found if one is not None and one.kind == 0 and one.shown]


def _larger(pages: tuple[TiffPageAt, ...]) -> str:
    first = pages[0]
    largest = max(pages, key=lambda page: page.width * page.height)
    alike = abs(largest.width * first.height - largest.height * first.width) <= max(
        largest.width, largest.height
    )
    if not alike or largest.width < 2 * first.width:
        return ""
    return f"page {pages.index(largest) + 1}, the same shape and larger ({largest.width} x {largest.height})"
