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
from tldesk.imaging.dicom_file import open_dataset
from tldesk.imaging.downscale import reduce_by, reduction
from tldesk.imaging.exif_tags import text
from tldesk.imaging.jpeg_end import ends_early, is_mid_grey
from tldesk.imaging.picture import Picture, PictureFacts
from tldesk.imaging.pixels import Pixels
from tldesk.imaging.rendering import Rendering
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

_TAGS = (
    "PatientID", "PatientSex", "PatientAge", "StudyDate", "Modality", "Manufacturer", "ManufacturerModelName",
    "InstitutionName", "BodyPartExamined", "ViewPosition", "Laterality",
)  # fmt: skip
_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
_JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"


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
    tags = {name: text(dataset.get(name)) for name in _TAGS}
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
    """Return the stored values of one frame, (H, W) or (H, W, 3); pydicom converts YBR to RGB."""
    with all_bits(dataset):
        samples = _decoded(dataset, frame)
    _check_complete(samples, dataset, frame)
    return stored_bits(samples, dataset)


def _check_complete(samples: Samples, dataset: Dataset, frame: int) -> None:
    """Refuse a JPEG in the file that ends early, which its decoder fills up with grey."""
    from pydicom.encaps import get_frame

    if dataset.file_meta.TransferSyntaxUID != _JPEG_BASELINE or not is_mid_grey(samples[-1, -1]):
        return
    data = get_frame(dataset.PixelData, frame, number_of_frames=_frames(dataset))
    if ends_early(data, grey_end=True):
        raise UnreadableImage(TRUNCATED)


def _decoded(dataset: Dataset, frame: int) -> Samples:
    from pydicom.pixels.utils import pixel_array

    try:
        return pixel_array(dataset, index=frame)
    except RuntimeError:
        if dataset.file_meta.TransferSyntaxUID != _JPEG_EXTENDED:
            raise
        return _stored_jpeg_extended(dataset, frame)
    except ValueError as error:
        if "less than expected" in str(error):
            raise UnreadableImage(TRUNCATED) from error
        raise


def _stored_jpeg_extended(dataset: Dataset, frame: int) -> Samples:
    """Decode lossy 12-bit JPEG, which libjpeg-turbo supports but none of pydicom's decoders does."""
    import imagecodecs
    from pydicom.encaps import get_frame

    data = get_frame(dataset.PixelData, frame, number_of_frames=_frames(dataset))
    samples: Samples = imagecodecs.jpeg_decode(data)
    if samples.shape[:2] != (dataset.Rows, dataset.Columns):
        raise UnreadableImage(damaged("its size is not the one that the file names"))
    return samples


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
