"""Finds JPEGs that end before their picture does, although an end marker closes them or zeros fill them up.

libjpeg fills what is missing with one grey and only warns of it, and Pillow hides the warning.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, JpegImagePlugin

from tldesk.imaging.pixels import Pixels

_START_OF_SCAN, _RESTART_INTERVAL, _PROGRESSIVE = 0xDA, 0xDD, (0xC2, 0xC6, 0xCA, 0xCE)
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # SOF0 to SOF15 (ITU-T T.81, table B.1)
_NEXT_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")  # the end of a scan: neither stuffing nor RSTn
_END = 0xD9
_SCALE = 8
_ZEROS = 64  # bytes; entropy-coded data end in the end marker, not in this many zeros
_FILLING = bytes(1 + (73 * at + 41) % 251 for at in range(4096))  # any code words; none of them a marker
_MID_GREY = (127, 128)  # a block without data; inverted in CMYK files of Adobe's programs


@dataclass(frozen=True, slots=True)
class _Scan:
    """One scan: its components, first and last coefficient, and how many low bits of them it leaves out."""

    components: tuple[int, ...]
    first: int
    last: int
    low_bits: int


@dataclass(frozen=True, slots=True)
class _Layout:
    """The parts of a JPEG that say what must be in it; ``end``: offset of its end marker, if any."""

    components: tuple[int, ...]
    progressive: bool
    restarts: bool
    scans: tuple[_Scan, ...]
    end: int | None

    @property
    def in_one_scan(self) -> bool:
        return not self.progressive and len(self.scans) == 1


def may_end_early(image: Image.Image) -> bool:
    """Return whether a decoded JPEG ends in the grey that stands for missing blocks, or has no colour there.

    Complete pictures may do so too; ``ends_early`` decides.
    """
    return is_mid_grey(image.getpixel((image.width - 1, image.height - 1)))


def is_mid_grey(sample: object) -> bool:
    """Return whether a pixel, a number or several, is the grey that stands for missing blocks."""
    return bool(np.isin(np.asarray(sample), _MID_GREY).all())


def grey_share(image: Image.Image) -> float:
    """Return the share of a decoded JPEG, 0 to 1, that are rows at its end in the grey of missing blocks."""
    samples = np.asarray(image)
    grey = ((samples == _MID_GREY[0]) | (samples == _MID_GREY[1])).reshape(len(samples), -1).all(axis=1)
    return float(np.logical_and.accumulate(grey[::-1]).mean())


def ends_early(data: bytes, *, grey_end: bool | None = None) -> bool:
    """Return whether data are missing from a whole JPEG file; ``grey_end`` is what ``may_end_early`` said.

    Missing are a scan, bits of coefficients, or the data of the last blocks: then other data put before
    the end marker change the picture. A part missing from the last scan of a progressive file, which only
    sharpens the picture, is not noticed. Data of unknown structure count as complete.
    """
    try:
        layout = _layout(data)
    except (struct.error, IndexError, ValueError):
        return False
    if not layout.scans or not layout.components:
        return False
    if not _all_is_coded(layout) or (layout.end is None and not any(data[-_ZEROS:])):
        return True
    if layout.progressive or (grey_end is False and layout.in_one_scan):
        return False
    return _changes_with_other_data(data, layout)


def _layout(data: bytes) -> _Layout:
    components: tuple[int, ...] = ()
    progressive = restarts = False
    end = None
    scans: list[_Scan] = []
    for marker, body, at in _segments(data):
        if marker in _FRAMES and not components:
            components = tuple(body[6 + 3 * index] for index in range(body[5]))
            progressive = marker in _PROGRESSIVE
        elif marker == _RESTART_INTERVAL:
            restarts = restarts or any(body[:2])
        elif marker == _START_OF_SCAN:
            scans.append(_scan(body))
            if not progressive and set(scans[0].components) >= set(components):
                found = data.find(b"\xff\xd9", at)  # the usual kind: its data need no closer look
                end = None if found < 0 else found
                break
        elif marker == _END:
            end = at - 2
    return _Layout(components, progressive, restarts, tuple(scans), end)


def _segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Yield marker, content and the offset behind it of each segment, up to the end marker."""
    at = 2
    while found := _NEXT_MARKER.search(data, at):
        marker, at = data[found.end() - 1], found.end()
        if marker == _END:
            yield marker, b"", at
            return
        (length,) = struct.unpack_from(">H", data, at)
        body, at = data[at + 2 : at + length], at + max(length, 2)
        yield marker, body, at


def _scan(body: bytes) -> _Scan:
    count = body[0]
    first, last, bits = body[1 + 2 * count : 4 + 2 * count]
    return _Scan(tuple(body[1 + 2 * index] for index in range(count)), first, last, bits & 15)


def _all_is_coded(layout: _Layout) -> bool:
    """Return whether the scans give each coefficient of each component down to its last bit."""
    if not layout.progressive:
        return set(layout.components) <= {name for scan in layout.scans for name in scan.components}
    coded = {name: np.full(64, -1) for name in layout.components}
    for scan in layout.scans:
        for name in scan.components:
            if name in coded:
                coded[name][scan.first : scan.last + 1] = scan.low_bits
    return all((bits == 0).all() for bits in coded.values())


def _changes_with_other_data(data: bytes, layout: _Layout) -> bool:
    """Return whether data put behind the last scan are used for the picture, so that it lacked them."""
    end = len(data) if layout.end is None else layout.end
    filling = _FILLING
    if layout.restarts:  # the missing part may begin with any of the eight markers
        filling += b"".join(bytes((0xFF, 0xD0 + at % 8)) + _FILLING for at in range(16))
    try:
        return not np.array_equal(_decoded(data), _decoded(data[:end] + filling + b"\xff\xd9"))
    except Exception:  # noqa: BLE001 - the decoder cannot be asked
        return False


def _decoded(data: bytes) -> Pixels:
    with JpegImagePlugin.JpegImageFile(io.BytesIO(data)) as image:
        image.draft(None, (image.width // _SCALE, image.height // _SCALE))
        image.load()
        return np.asarray(image)
