"""Finds JPEGs of which a part is missing, although an end marker closes them or zeros fill the gap.

libjpeg fills what is missing with one grey and only warns of it, and Pillow hides the warning.
"""

from __future__ import annotations

import io
import struct

import numpy as np
from PIL import Image, JpegImagePlugin

from tldesk.imaging.jpeg_layout import JpegLayout, has_hole, layout_of, restarts_in_order
from tldesk.imaging.pixels import Pixels
from tldesk.imaging.unreadable import TRUNCATED, ZEROS, UnreadableImage, damaged
from tldesk.imaging.windowing import Samples

_SMALL, _HALF = 8, 2  # blocks that are missing show at 1/8; at 1/2 also what would only sharpen them
_ZEROS = 64  # bytes; entropy-coded data end in the end marker, not in this many zeros
_FILLING = bytes(1 + (73 * at + 41) % 251 for at in range(4096))  # any code words; none of them a marker
_MID_GREY = (127, 128)  # a block without data; inverted in CMYK files of Adobe's programs
_MOST_SCANS, _USUAL_SCANS, _MOST_WORK = 100, 20, 4_000_000_000  # pixels times scans take about 4 seconds
_DISTURBED = "what lies between its parts makes no sense"


def may_end_early(image: Image.Image) -> bool:
    """Return whether a decoded JPEG ends in the grey that stands for missing blocks, or has no colour there.

    Complete pictures may do so too; ``fault_of`` decides.
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


def check_scans(data: bytes, pixels: int) -> None:
    """Refuse a progressive JPEG with so many scans that decoding it would take minutes.

    Raises:
        UnreadableImage: it has them.
    """
    layout = _known_layout(data)
    count = 0 if layout is None else len(layout.scans)
    if count > _MOST_SCANS or (count > _USUAL_SCANS and count * pixels > _MOST_WORK):
        raise UnreadableImage(damaged(f"it has {count} scans"))


def fault_of(data: bytes, *, grey_end: bool | None = None) -> str:
    """Return the reason why a whole JPEG file is not complete, "" if it is.

    Missing may be a scan, bits of coefficients, or data, at the end or where zeros lie. If data are missing
    at the end, then others put there change the picture. Data of unknown structure count as complete.
    ``grey_end`` is what ``may_end_early`` said, None if it was not asked.
    """
    layout = _known_layout(data)
    if layout is None or not layout.scans or not layout.components:
        return ""
    if not _all_is_coded(layout) or (layout.end is None and not any(data[-_ZEROS:])):
        return TRUNCATED
    if _has_gap(data, layout):
        return ZEROS
    if _is_disturbed(data, layout):
        return damaged(_DISTURBED)
    if grey_end is False and layout.in_one_scan:
        return ""
    return TRUNCATED if _changes_with_other_data(data, layout) else ""


def _known_layout(data: bytes) -> JpegLayout | None:
    try:
        return layout_of(data)
    except (struct.error, IndexError, ValueError):
        return None


def _all_is_coded(layout: JpegLayout) -> bool:
    """Return whether the scans give each coefficient of each component down to its last bit."""
    if not layout.progressive:
        return set(layout.components) <= {name for scan in layout.scans for name in scan.components}
    coded = {name: np.full(64, -1) for name in layout.components}
    for scan in layout.scans:
        for name in scan.components:
            if name in coded:
                coded[name][scan.first : scan.last + 1] = scan.low_bits
    return all((bits == 0).all() for bits in coded.values())


def _has_gap(data: bytes, layout: JpegLayout) -> bool:
    return any(not scan.zeros_fit and has_hole(data, scan) for scan in layout.scans)


def _is_disturbed(data: bytes, layout: JpegLayout) -> bool:
    """Return whether there are markers, as in foreign data, at which libjpeg passes over a part."""
    return layout.stray or (
        layout.restarts and not all(restarts_in_order(data, scan) for scan in layout.scans)
    )


def _changes_with_other_data(data: bytes, layout: JpegLayout) -> bool:
    """Return whether data put behind the last scan are used for the picture, so that it lacked them."""
    end = len(data) if layout.end is None else layout.end
    filling = _FILLING
    if layout.restarts:  # the missing part may begin with any of the eight markers
        filling += b"".join(bytes((0xFF, 0xD0 + at % 8)) + _FILLING for at in range(16))
    filled = data[:end] + filling + b"\xff\xd9"
    try:
        if layout.lossless:
            return not np.array_equal(_decoded_lossless(data), _decoded_lossless(filled))
        scale = _HALF if layout.progressive else _SMALL
        return not np.array_equal(_decoded(data, scale), _decoded(filled, scale))
    except Exception:  # noqa: BLE001 - the decoder cannot be asked
        return False


def _decoded(data: bytes, scale: int) -> Pixels:
    with JpegImagePlugin.JpegImageFile(io.BytesIO(data)) as image:
        image.draft(None, (image.width // scale, image.height // scale))
        image.load()
        return np.asarray(image)


def _decoded_lossless(data: bytes) -> Samples:
    import imagecodecs

    samples: Samples = imagecodecs.jpeg8_decode(data)
    return samples
