"""The picture decoder: all code reads pictures with ``read_picture``, so that it sees the same pixels."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import BinaryIO, TypedDict

from PIL import Image, UnidentifiedImageError

from tldesk.base.file_names import on_disk
from tldesk.base.regular_files import open_regular
from tldesk.imaging import dicom_file, dicom_reader, pillow_reader, tiff_pages, tiff_reader, tiff_stack
from tldesk.imaging.candidates import has_dicom_magic
from tldesk.imaging.picture import Picture
from tldesk.imaging.quiet_decoders import hush_decoders
from tldesk.imaging.rendering import AS_STORED, Rendering
from tldesk.imaging.sparse_file import ends_in_zeros, holds_only_zeros
from tldesk.imaging.unreadable import (
    EMPTY,
    NO_MEMORY,
    NOT_A_PICTURE,
    TRUNCATED,
    ZEROS,
    UnreadableImage,
    cannot_open,
    damaged,
)

log = logging.getLogger(__name__)

_HEAD = 264
_KNOWN = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"8BPS")


class _ReadOptions(TypedDict):
    """The options passed on to the readers of the formats."""

    min_side: int | None
    rendering: Rendering


def read_picture(
    path: Path | str, *, min_side: int | None = None, rendering: Rendering = AS_STORED
) -> Picture:
    """Read a picture of any supported format as upright RGB. Thread-safe.

    Colour profiles are applied: the pixels are sRGB. Transparent pixels are composed onto white. Samples with
    more than 8 bits are windowed: as set by ``rendering``, else by the file's own window (DICOM), else from
    the smallest to the largest value.

    Args:
        path: the file, as text (``base.file_names``). Pipes, devices and sockets are refused unopened.
        min_side: if given, the picture may be reduced by a factor of 2, 4 or 8, as long as its short side
            keeps at least this many pixels; JPEGs then decode several times faster.
        rendering: which frame of an animation, a stack or a multi-page file to read, and which values become
            black and white.

    Raises:
        UnreadableImage: with the reason in plain words. No file causes any other exception.
    """
    hush_decoders()
    path = Path(path)
    try:
        file = open_regular(on_disk(path))
    except OSError as error:
        raise UnreadableImage(cannot_open(error)) from error
    with file:
        return _read_or_say_why(file, path, {"min_side": min_side, "rendering": rendering})


def _read_or_say_why(file: BinaryIO, path: Path, how: _ReadOptions) -> Picture:
    try:
        return _read(file, how)
    except UnreadableImage:
        raise
    except MemoryError as error:
        raise UnreadableImage(NO_MEMORY) from error
    except Exception as error:  # on damaged bytes the libraries raise all kinds of exceptions
        log.debug("%s cannot be read", path, exc_info=True)
        raise UnreadableImage(_reason(error)) from error


def _read(file: BinaryIO, how: _ReadOptions) -> Picture:
    head = file.read(_HEAD)
    if not head:
        raise UnreadableImage(EMPTY)
    if (_is_compressed(head) and holds_only_zeros(file)) or (_has_no_end(head) and ends_in_zeros(file)):
        raise UnreadableImage(ZEROS)
    if has_dicom_magic(head):
        return dicom_reader.read(file, start=None, **how)
    if head.startswith(tiff_reader.MAGIC):
        return _read_tiff(file, head, how)
    try:
        image = pillow_reader.open_image(file, head)
    except UnidentifiedImageError as error:
        return _read_without_header(file, head, how, error)
    with image:
        return pillow_reader.read(image, file, head, **how)


def _is_compressed(head: bytes) -> bool:
    """Return whether a format never stores long runs of zeros, and its decoder would read through all."""
    return head.startswith((b"\xff\xd8\xff", b"GIF8", b"RIFF")) or head[4:8] == b"ftyp"


def _has_no_end(head: bytes) -> bool:
    """Return whether a format has nothing behind its data that tells where they end: WebP, AVIF, HEIC."""
    return head.startswith(b"RIFF") or head[4:8] == b"ftyp"


def _read_tiff(file: BinaryIO, head: bytes, how: _ReadOptions) -> Picture:
    """Read with Pillow if it decodes the file at full depth, else (deep, stacks, errors) with tifffile."""
    found = tiff_pages.pages_of(file)
    try:
        with pillow_reader.open_image(file, head) as image:
            if not tiff_stack.is_described(image, len(found.pages)):
                picture = _by_pillow(image, file, head, how, found)
                if picture is not None:
                    return picture
    except UnreadableImage:
        raise
    except Exception:  # tifffile reads TIFFs that Pillow cannot, or raises the final error
        log.debug("Pillow cannot read this TIFF", exc_info=True)
    return tiff_reader.read(file, found, **how)


def _by_pillow(
    image: Image.Image, file: BinaryIO, head: bytes, how: _ReadOptions, found: tiff_pages.PicturePages
) -> Picture | None:
    frame = how["rendering"].frame_of(len(found.pages))
    place = found.pages[frame].place
    if place is None:
        return None
    if place:
        image.seek(place)
    if tiff_reader.is_deep(image):
        return None
    return pillow_reader.read(image, file, head, pages=found, **how)


def _read_without_header(
    file: BinaryIO, head: bytes, how: _ReadOptions, error: UnidentifiedImageError
) -> Picture:
    start = dicom_file.start_of(head)
    if start is not None:
        return dicom_reader.read(file, start=start, **how)
    if not any(head):
        raise UnreadableImage(ZEROS) from error
    reason = damaged("its header makes no sense") if head.startswith(_KNOWN) else NOT_A_PICTURE
    raise UnreadableImage(reason) from error


def _reason(error: Exception) -> str:
    return TRUNCATED if "truncated" in str(error).lower() else damaged(error)
