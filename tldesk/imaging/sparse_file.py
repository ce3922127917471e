"""Recognises files whose room was reserved but never filled, by a copy or download that broke off."""

from __future__ import annotations

import os
from typing import BinaryIO

_LEAST = 16 * 1024 * 1024  # bytes; smaller files are decoded, or given up by their decoder, in no time
_PLACES, _BLOCK = 64, 4096
_END = 16  # the part of a file, 1/16, that compressed pictures never fill with zeros alone


def holds_only_zeros(file: BinaryIO) -> bool:
    """Return whether a large file (16 MiB or more) has zeros at all of 64 places behind its beginning."""
    size = os.fstat(file.fileno()).st_size
    if size < _LEAST:
        return False
    for place in range(1, _PLACES + 1):
        file.seek(size * place // _PLACES - _BLOCK)
        if any(file.read(_BLOCK)):
            return False
    return True


def ends_in_zeros(file: BinaryIO) -> bool:
    """Return whether the last sixteenth of a file, and at least 4,096 bytes, are zeros."""
    size = os.fstat(file.fileno()).st_size
    length = max(size // _END, _BLOCK)
    if size <= length:
        return False
    file.seek(size - length)
    return not any(file.read(length))
