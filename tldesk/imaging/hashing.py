"""The content hash of a picture file: the same bytes have the same hash wherever the file is."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tldesk.imaging.unreadable import UnreadableImage, cannot_open


def content_hash(path: Path | str) -> str:
    """BLAKE2b (RFC 7693) with 128 bits over the bytes of a file, as 32 hex digits.

    Raises:
        UnreadableImage: the file cannot be opened or read.
    """
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, _blake2b_128).hexdigest()
    except OSError as error:
        raise UnreadableImage(cannot_open(error)) from error


def _blake2b_128() -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=16)
