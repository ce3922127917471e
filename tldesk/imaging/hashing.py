"""The content hash of a picture file: it depends only on the bytes, not on the file's name or folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tldesk.base.file_names import on_disk
from tldesk.base.regular_files import open_regular
from tldesk.imaging.unreadable import UnreadableImage, cannot_open


def content_hash(path: Path | str) -> str:
    """Return the 128-bit BLAKE2b hash (RFC 7693) of a file's bytes as 32 hex digits.

    Raises:
        UnreadableImage: the file cannot be opened or read.
    """
    try:
        with open_regular(on_disk(path)) as file:
            return hashlib.file_digest(file, _blake2b_128).hexdigest()
    except OSError as error:
        raise UnreadableImage(cannot_open(error)) from error


def _blake2b_128() -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=16)
