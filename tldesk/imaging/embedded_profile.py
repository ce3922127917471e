"""Finds the colour profiles of files in which Pillow does not look for them: BMP and JPEG 2000."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image

_BMP_HEADER_AT = 14  # BITMAPV5HEADER
_BMP_V5, _BMP_KIND_AT, _BMP_EMBEDDED, _BMP_PROFILE_AT = 124, 56, b"DEBM", 112
_BOX = struct.Struct(">I4s")  # JPEG 2000 (ISO/IEC 15444-1, annex I): length and kind
_HEADER, _COLOUR, _CODES = b"jp2h", b"colr", b"jp2c"
_BY_PROFILE, _PROFILE_AT = (2, 3), 3  # a restricted and any profile, behind three bytes
_MOST = 1 << 24  # bytes


def add_profile(image: Image.Image, file: BinaryIO, head: bytes) -> None:
    """Put a profile in the file into ``image.info``, where Pillow puts those that it finds.

    ``head`` is the file's beginning. What cannot be understood is passed over.
    """
    if "icc_profile" in image.info or image.format not in {"BMP", "JPEG2000"}:
        return
    place = file.tell()
    try:
        profile = _of_bmp(file, head) if image.format == "BMP" else _of_jpeg_2000(file)
    except struct.error:
        profile = b""
    file.seek(place)
    if profile:
        image.info["icc_profile"] = profile


def _of_bmp(file: BinaryIO, head: bytes) -> bytes:
    header = head[_BMP_HEADER_AT:]
    (size,) = struct.unpack_from("<I", header)
    if size < _BMP_V5 or header[_BMP_KIND_AT : _BMP_KIND_AT + 4] != _BMP_EMBEDDED:
        return b""
    at, length = struct.unpack_from("<2I", header, _BMP_PROFILE_AT)
    file.seek(_BMP_HEADER_AT + at)
    data = file.read(min(length, _MOST))
    return data if len(data) == length else b""


def _of_jpeg_2000(file: BinaryIO) -> bytes:
    for kind, at, end in _boxes(file, 0, _MOST):
        if kind != _HEADER:
            continue
        for inner, start, stop in _boxes(file, at, end):
            file.seek(start)
            data = file.read(stop - start) if inner == _COLOUR else b""
            if data and data[0] in _BY_PROFILE:
                return data[_PROFILE_AT:]
    return b""


def _boxes(file: BinaryIO, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start and end of the content of each box, up to the code stream."""
    while at + _BOX.size <= end:
        file.seek(at)
        head = file.read(_BOX.size)
        if len(head) < _BOX.size:
            return
        length, kind = _BOX.unpack(head)
        if kind == _CODES or length < _BOX.size:  # 0 and 1 stand for lengths that only the code stream has
            return
        yield kind, at + _BOX.size, min(at + length, end)
        at += length
