"""The file format of a prepared picture: a short header, then the raw pixels. Damaged files are detected.

docs/adr/0010-prepared-images.md explains why the pixels are not compressed.
"""

from __future__ import annotations

import contextlib
import functools
import os
import struct
import time
import uuid
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
import PIL
from PIL import features

from tldesk.imaging.pixels import Pixels

SUFFIX = ".rgb"
TEMPORARY = ".tmp"

_MAGIC = b"tlp1"
_HEADER = struct.Struct("<4sIII")  # magic, height, width, checksum
_RULES = 4  # increase it when a change of the code makes different pixels from the same file
_USED_EVERY = 24 * 3600.0  # seconds; updating the time of use more often would add a write to every read


def read_kept(path: Path, name: str) -> Pixels | None:
    """Return the writable pixels (h, w, 3) uint8 stored as ``name``, or None; damaged files are deleted.

    Files made by another version of the decoders count as damaged, so that results never depend on the cache.
    """
    try:
        with path.open("rb", buffering=0) as file:
            pixels = _checked(file, name)
            used = os.fstat(file.fileno()).st_mtime
    except OSError:
        return None
    if pixels is None:
        with contextlib.suppress(OSError):
            path.unlink()
    elif abs(time.time() - used) > _USED_EVERY:
        with contextlib.suppress(OSError):  # a cache on a read-only share can still be read
            os.utime(path)
    return pixels


def write_kept(path: Path, name: str, pixels: Pixels) -> int:
    """Store (h, w, 3) uint8 pixels as a whole or not at all; return the size of the file in bytes.

    The file is not flushed to disk: the checksum detects a file that a crash left half written.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    height, width = pixels.shape[:2]
    data = np.ascontiguousarray(pixels).data.cast("B")
    header = _HEADER.pack(_MAGIC, height, width, _checksum(name, height, width, data))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{uuid.uuid4().hex}{TEMPORARY}")
    try:
        with temporary.open("xb", buffering=0) as file:
            _write_all(file, header)
            _write_all(file, data)
        _put_in_place(temporary, path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    return len(header) + len(data)


def _checked(file: BinaryIO, name: str) -> Pixels | None:
    head = file.read(_HEADER.size)
    if len(head) < _HEADER.size:
        return None
    magic, height, width, checksum = _HEADER.unpack(head)
    size = 3 * height * width
    if magic != _MAGIC or size == 0 or os.fstat(file.fileno()).st_size != _HEADER.size + size:
        return None
    pixels: Pixels = np.empty((height, width, 3), np.uint8)
    data = pixels.data.cast("B")
    if not _read_all(file, data) or _checksum(name, height, width, data) != checksum:
        return None
    return pixels


def _checksum(name: str, height: int, width: int, data: memoryview) -> int:
    """Return the CRC-32 of the pixels, name, size and decoder versions; it also detects a wrong file name."""
    return zlib.crc32(data, zlib.crc32(f"{_makers()} {name} {height} {width}".encode()))


@functools.cache
def _makers() -> str:
    """Return the decoder versions; another version may decode the same file to different pixels."""
    return f"{_RULES} {PIL.__version__} {features.version('libjpeg_turbo')}"


def _read_all(file: BinaryIO, into: memoryview) -> bool:
    """Fill ``into``; return False if the file is too short. A loop, as one read returns at most 2 GiB."""
    done = 0
    while done < len(into):
        count = file.readinto(into[done:])  # type: ignore[attr-defined]
        if not count:
            return False
        done += count
    return True


def _write_all(file: BinaryIO, data: bytes | memoryview) -> None:
    done = 0
    while done < len(data):
        done += file.write(data[done:])


def _put_in_place(temporary: Path, path: Path) -> None:
    try:
        temporary.replace(path)
    except PermissionError:
        if not path.exists():  # Windows: if another thread has the same picture open, it is already stored
            raise
