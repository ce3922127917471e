"""The parts of a JPEG (ITU-T T.81) that tell whether all of its data are there."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_TABLES, _START_OF_SCAN, _RESTART_INTERVAL, _END = 0xC4, 0xDA, 0xDD, 0xD9
_PROGRESSIVE, _LOSSLESS = (0xC2, 0xC6, 0xCA, 0xCE), (0xC3, 0xC7, 0xCB, 0xCF)
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # SOF0 to SOF15 (table B.1)
_BETWEEN_SCANS = frozenset(
    {_TABLES, 0xDB, 0xDC, _RESTART_INTERVAL, _START_OF_SCAN, _END, 0xFE, *range(0xE0, 0xF0)}
)
_RESTARTS = (0xD0, 0xD7)  # they stand inside a scan, as does the stuffing 00; other markers end it
_CODE_LENGTHS = 16
_HOLE = bytes(512)  # a sector of a disk


@dataclass(frozen=True, slots=True)
class JpegScan:
    """One scan of the picture.

    Attributes:
        components: the components in it.
        first, last: its first and last coefficient; low_bits: how many low bits of them it leaves out.
        refines: whether it adds a bit to what an earlier scan gave.
        data: offsets of the first byte of its coded data and of the byte behind the last.
        zeros_fit: whether a flat picture may be coded as many zeros in a row.
    """

    components: tuple[int, ...]
    first: int
    last: int
    low_bits: int
    refines: bool
    data: tuple[int, int]
    zeros_fit: bool


@dataclass(frozen=True, slots=True)
class JpegLayout:
    """The parts of a JPEG that say what must be in it.

    Attributes:
        components: the components of the picture.
        progressive, lossless: the kind of coding.
        restarts: whether there are restart markers.
        scans: all scans up to the end marker.
        end: offset of the end marker; None if there is none.
        stray: whether a marker stands between the scans that cannot stand there.
    """

    components: tuple[int, ...]
    progressive: bool
    lossless: bool
    restarts: bool
    scans: tuple[JpegScan, ...]
    end: int | None
    stray: bool

    @property
    def in_one_scan(self) -> bool:
        """Whether it is of the usual kind, a single pass over the picture."""
        return not self.progressive and len(self.scans) == 1


def layout_of(data: bytes) -> JpegLayout:
    """Return the layout of a whole JPEG file.

    Raises:
        struct.error, IndexError, ValueError: its structure is unknown.
    """
    components: tuple[int, ...] = ()
    kind, restarts, stray, end = 0, False, False, None
    scans: list[JpegScan] = []
    first_codes: dict[int, int] = {}
    for marker, body, at, following in _segments(data):
        stray = stray or bool(scans and marker not in _BETWEEN_SCANS)
        if marker in _FRAMES and not components:
            components = tuple(body[6 + 3 * index] for index in range(body[5]))
            kind = marker
        elif marker == _TABLES:
            first_codes.update(_first_codes(body))
        elif marker == _RESTART_INTERVAL:
            restarts = restarts or any(body[:2])
        elif marker == _START_OF_SCAN:
            scans.append(_scan(body, (at, following), first_codes, kind))
        elif marker == _END:
            end = at - 2
    return JpegLayout(components, kind in _PROGRESSIVE, kind in _LOSSLESS, restarts, tuple(scans), end, stray)


def has_hole(data: bytes, scan: JpegScan) -> bool:
    """Return whether a sector of zeros or more lies in the coded data of a scan."""
    start, end = scan.data
    return data.find(_HOLE, start, end) >= 0


def restarts_in_order(data: bytes, scan: JpegScan) -> bool:
    """Return whether the restart markers of a scan count from 0 to 7 over and over."""
    coded = np.frombuffer(data, np.uint8)[slice(*scan.data)]
    if len(coded) < 2:
        return True
    after = coded[np.flatnonzero(coded[:-1] == 0xFF) + 1]
    numbers = after[(after >= _RESTARTS[0]) & (after <= _RESTARTS[1])].astype(int)
    return bool((np.diff(numbers) % 8 == 1).all())


def _markers(data: bytes) -> NDArray[np.intp]:
    """Return the offsets of all marker codes, behind their FF, that can end a scan."""
    values = np.frombuffer(data, np.uint8)
    behind = np.flatnonzero(values[:-1] == 0xFF) + 1
    codes = values[behind]
    inside = (codes == 0) | (codes == 0xFF) | ((codes >= _RESTARTS[0]) & (codes <= _RESTARTS[1]))
    return np.asarray(behind[~inside])


def _segments(data: bytes) -> Iterator[tuple[int, bytes, int, int]]:
    """Yield marker, content, the offset behind it and that of the next marker, up to the end marker."""
    markers = _markers(data)
    place = int(np.searchsorted(markers, 3))
    while place < len(markers):
        marker, at = data[markers[place]], int(markers[place]) + 1
        if marker == _END:
            yield marker, b"", at, len(data)
            return
        (length,) = struct.unpack_from(">H", data, at)
        body, at = data[at + 2 : at + length], at + max(length, 2)
        place = int(np.searchsorted(markers, at + 1))
        yield marker, body, at, int(markers[place]) - 1 if place < len(markers) else len(data)


def _first_codes(body: bytes) -> Iterator[tuple[int, int]]:
    """Yield class and number of each Huffman table in a segment, and what its code of zeros stands for."""
    at = 0
    while at + 1 + _CODE_LENGTHS < len(body):
        yield body[at], body[at + 1 + _CODE_LENGTHS]
        at += 1 + _CODE_LENGTHS + sum(body[at + 1 : at + 1 + _CODE_LENGTHS])


def _scan(body: bytes, data: tuple[int, int], first_codes: Mapping[int, int], kind: int) -> JpegScan:
    count = body[0]
    first, last, bits = body[1 + 2 * count : 4 + 2 * count]
    tables = [body[2 + 2 * index] for index in range(count)]
    refines = bits >> 4 > 0
    # Zeros fit if they are the code of "the same again" or "nothing more"; arithmetic coding has no tables.
    flat_dc = all(first_codes.get(table >> 4, 0) == 0 for table in tables)
    flat_ac = all(first_codes.get(0x10 | (table & 15), 0) == 0 for table in tables)
    if kind in _PROGRESSIVE:  # each scan has coefficients of one kind
        fit = refines or flat_dc if first == 0 else flat_ac
    else:
        fit = flat_dc and (flat_ac or kind in _LOSSLESS)
    return JpegScan(tuple(body[1 + 2 * i] for i in range(count)), first, last, bits & 15, refines, data, fit)
