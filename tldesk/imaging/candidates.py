"""Decide which files of a folder are pictures: by name, and by content only where there is no suffix."""

from __future__ import annotations

from pathlib import Path

from tldesk.base.file_names import on_disk
from tldesk.base.regular_files import open_regular

DICOM_SUFFIXES = frozenset({".dcm", ".dicom", ".dic", ".ima"})

_COMMON_SUFFIXES = frozenset(
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".gif", ".bmp", ".dib", ".tif", ".tiff",
        ".webp", ".avif", ".avifs", ".heic", ".heif", ".hif", ".ppm", ".pgm", ".pbm", ".pnm", ".pfm", ".psd",
        ".ico", ".tga", ".jp2", ".j2k", ".j2c", ".jpx", ".jpf", ".pcx", ".sgi", ".qoi",
    }
)  # fmt: skip

IMAGE_SUFFIXES = DICOM_SUFFIXES | _COMMON_SUFFIXES
"""Lower-case suffixes, with the dot, of picture files."""

DICOM_MAGIC_AT = 128
DICOM_MAGIC = b"DICM"
_META_HEADER = (b"\x02\0\0\0UL\x04\0", b"DICM\x02\0")  # a file that lost its preamble


def has_dicom_magic(head: bytes) -> bool:
    """Return whether the first 132 bytes of a file are a DICOM header (DICOM PS3.10, section 7.1)."""
    return head[DICOM_MAGIC_AT : DICOM_MAGIC_AT + 4] == DICOM_MAGIC


def is_candidate(path: Path | str) -> bool:
    """Return whether a file counts as a picture: by its suffix, or without one by the DICOM magic bytes.

    Hidden files do not count: macOS leaves ``._photo.jpg`` on USB sticks. Digits after the last dot are not a
    suffix, because scanners name files ``1.2.840.113619.2.5``. Only files without a suffix are opened.
    """
    path = Path(path)
    if path.name.startswith("."):
        return False
    suffix = path.suffix.lower()
    if suffix and not suffix[1:].isdigit():
        return suffix in IMAGE_SUFFIXES
    return _is_dicom_file(path)


def _is_dicom_file(path: Path) -> bool:
    try:
        with open_regular(on_disk(path)) as file:
            head = file.read(DICOM_MAGIC_AT + 4)
            return has_dicom_magic(head) or head.startswith(_META_HEADER)
    except OSError:
        return False
