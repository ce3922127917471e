"""Reads DICOM files: any transfer syntax with an installed decoder, one frame at a time.

pydicom is imported when the first DICOM file is read.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from tldesk.imaging import dicom_window, identifying_tags
from tldesk.imaging.colour_profile import pixels_to_srgb
from tldesk.imaging.dicom_bits import all_bits, stored_bits
from tldesk.imaging.dicom_codecs import decoded
from tldesk.imaging.dicom_file import open_dataset
from tldesk.imaging.downscale import reduce_by, reduction
from tldesk.imaging.exif_tags import text
from tldesk.imaging.picture import Picture, PictureFacts
from tldesk.imaging.pixels import Pixels
from tldesk.imaging.rendering import Rendering
from tldesk.imaging.tag_names import DICOM_TAGS
from tldesk.imaging.unreadable import (
    TRUNCATED,
    UnreadableImage,
    check_size,
    damaged,
    dicom_without_picture,
    unsupported,
)
from tldesk.imaging.windowing import IntensityWindow, Samples, WindowedValues, own_range, to_bytes

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


def read(file: BinaryIO, *, start: int | None, min_side: int | None, rendering: Rendering) -> Picture:
    """Decode one frame.

    ``start`` is where the file begins if its first bytes are missing (see ``dicom_file.start_of``), else
    None; the other arguments are those of ``read_picture``.

    Raises:
        UnreadableImage: the file contains no picture, is truncated, or is too large.
        Exception: any exception of pydicom and its decoders on damaged data.
    """
    dataset = open_dataset(file, start)
    _check_has_pixels(dataset)
    facts = _facts(dataset)
    check_size(facts.width, facts.height)
    frame = rendering.frame_of(facts.frames)
    pixels, values = _shown(_stored(dataset, frame), dataset, frame, rendering)
    factor = reduction(facts.width, facts.height, min_side)
    return Picture(np.ascontiguousarray(reduce_by(pixels, factor)), facts, frame, values)


def _check_has_pixels(dataset: Dataset) -> None:
    if any(name in dataset for name in _PIXELS):
        return
    if len(dataset) == 0 or "Rows" in dataset:
        raise UnreadableImage(TRUNCATED)
    raise UnreadableImage(dicom_without_picture(getattr(dataset.get("SOPClassUID"), "name", "")))


def _facts(dataset: Dataset) -> PictureFacts:
    tags = {name: text(dataset.get(name)) for name in DICOM_TAGS}
    return PictureFacts(
        format="DICOM",
        width=int(dataset.Columns),
        height=int(dataset.Rows),
        mode=str(dataset.PhotometricInterpretation),
        bits=int(dataset.get("BitsStored") or dataset.BitsAllocated),
        frames=_frames(dataset),
        tags={name: value for name, value in tags.items() if value},
        traces=identifying_tags.of_dicom(dataset),
    )


def _frames(dataset: Dataset) -> int:
    value = dataset.get("NumberOfFrames") or 1
    try:
        return max(1, int(value))
    except ValueError as error:
        raise UnreadableImage(damaged(f"the number of frames is given as “{value}”")) from error


def _stored(dataset: Dataset, frame: int) -> Samples:
    """Return the stored values of one frame, (H, W) or (H, W, 3); YBR is converted to RGB."""
    with all_bits(dataset):
        samples = decoded(dataset, frame, _frames(dataset))
    return stored_bits(samples, dataset)


def _shown(
    stored: Samples, dataset: Dataset, frame: int, rendering: Rendering
) -> tuple[Pixels, WindowedValues | None]:
    kind = str(dataset.PhotometricInterpretation)
    if kind.startswith("MONOCHROME") and stored.ndim == 2:
        grey, values = dicom_window.grey(stored, dataset, frame, rendering)
        return np.repeat(grey[:, :, None], 3, axis=2), values
    if kind == "PALETTE COLOR":
        return pixels_to_srgb(_through_palette(stored, dataset), _profile(dataset)), None
    if stored.ndim != 3 or stored.shape[2] != 3:
        raise UnreadableImage(unsupported(f"the colours {kind}"))
    if stored.dtype == np.uint8:
        return pixels_to_srgb(stored, _profile(dataset)), None
    window = rendering.window_of(stored) or own_range(stored)
    return pixels_to_srgb(to_bytes(stored, window), _profile(dataset)), WindowedValues(stored, window)


def _profile(dataset: Dataset) -> object:
    """Return the colour profile (PS3.3, C.11.15), which slide scanners put into the optical path."""
    paths = dataset.get("OpticalPathSequence") or [dataset]
    return dataset.get("ICCProfile") or paths[0].get("ICCProfile")


def _through_palette(stored: Samples, dataset: Dataset) -> Pixels:
    from pydicom.pixels.processing import apply_color_lut

    _turn_palette(dataset)
    colours = np.asarray(apply_color_lut(stored, dataset))[:, :, :3]
    return to_bytes(colours, IntensityWindow(0, float(np.iinfo(colours.dtype).max)))


def _turn_palette(dataset: Dataset) -> None:
    """Turn the words of a palette into little-endian order, which pydicom expects whatever the file says."""
    _, little = dataset.original_encoding
    if little:
        return
    for colour, kind in itertools.product(("Red", "Green", "Blue", "Alpha"), ("", "Segmented")):
        name = f"{kind}{colour}PaletteColorLookupTableData"
        data = dataset.get(name)
        if isinstance(data, bytes) and len(data) % 2 == 0:
            dataset[name].value = np.frombuffer(data, ">u2").astype("<u2").tobytes()
