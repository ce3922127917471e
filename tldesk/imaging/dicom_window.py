"""From stored DICOM values to what a radiologist's screen shows (DICOM PS3.3, C.11.1, C.11.2, C.7.6.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tldesk.imaging.facts import Pixels
from tldesk.imaging.windowing import Samples, Window, default_window, own_range, to_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset


def grey(stored: Samples, dataset: Dataset, frame: int, window: Window | None) -> Pixels:
    """Rescale, window and, for MONOCHROME1, invert one frame (H, W) to 0..255.

    The window is ``window`` if given, else the file's own table or window, else the smallest to the largest
    value without the padding around the picture.
    """
    rescaled = _rescaled(stored, _group(dataset, frame, "PixelValueTransformationSequence"))
    shown = _windowed(rescaled, stored, dataset, frame, window)
    return 255 - shown if dataset.PhotometricInterpretation == "MONOCHROME1" else shown


def _group(dataset: Dataset, frame: int, name: str) -> Dataset:
    """Enhanced multi-frame files keep what belongs to a frame in functional groups, all others at the top."""
    for sequence, index in (
        ("PerFrameFunctionalGroupsSequence", frame),
        ("SharedFunctionalGroupsSequence", 0),
    ):
        groups = dataset.get(sequence) or []
        if index < len(groups) and groups[index].get(name):
            found: Dataset = groups[index][name][0]
            return found
    return dataset


def _rescaled(stored: Samples, group: Dataset) -> Samples:
    from pydicom.pixels.processing import apply_modality_lut

    has_table = bool(group.get("ModalityLUTSequence"))
    line = (group.get("RescaleSlope", 1), group.get("RescaleIntercept", 0))
    if not has_table and (None in line or line == (1, 0)):
        return stored
    return np.asarray(apply_modality_lut(stored, group))


def _windowed(
    values: Samples, stored: Samples, dataset: Dataset, frame: int, window: Window | None
) -> Pixels:
    if window is not None:
        return to_bytes(values, window)
    group = _group(dataset, frame, "FrameVOILUTSequence")
    if group.get("VOILUTSequence"):
        return _through_table(values, group)
    centre, width = _first(group.get("WindowCenter")), _first(group.get("WindowWidth"))
    if centre is not None and width is not None and width > 0:
        return _through_window(values, centre, width, str(group.get("VOILUTFunction") or "LINEAR"))
    if values is stored:
        return to_bytes(values, default_window(values, int(dataset.BitsStored), _inside(stored, dataset)))
    return to_bytes(values, own_range(values, _inside(stored, dataset)))


def _first(value: object) -> float | None:
    """Several windows may be offered; the first is the one to show at the start."""
    if value is None or value == "":
        return None
    number = value if isinstance(value, (int, float)) else next(iter(value), None)  # type: ignore[call-overload]
    return None if number is None else float(number)


def _through_table(values: Samples, group: Dataset) -> Pixels:
    from pydicom.pixels.processing import apply_voi

    whole = values if values.dtype.kind in "iu" else np.rint(values).astype(np.int32)
    bits = int(group.VOILUTSequence[0].LUTDescriptor[2])
    return to_bytes(np.asarray(apply_voi(whole, group, index=0)), Window(0, 2**bits - 1))


def _through_window(values: Samples, centre: float, width: float, function: str) -> Pixels:
    if function == "SIGMOID":
        curve = 1.0 / (1.0 + np.exp(-4.0 * (values.astype(np.float64) - centre) / width))
        return to_bytes(curve, Window(0, 1))
    exact = function == "LINEAR_EXACT"
    middle, half = (centre, width / 2) if exact else (centre - 0.5, (width - 1) / 2)
    # A window of width 1 is a threshold: everything above its middle is white.
    return to_bytes(values, Window(middle - half, max(middle + half, middle - half + 1e-3)))


def _inside(stored: Samples, dataset: Dataset) -> NDArray[np.bool_] | None:
    """Where the picture is not padding (PS3.3, C.7.5.1.1.2), or None if the file names no padding."""
    value = dataset.get("PixelPaddingValue")
    if not isinstance(value, int):
        return None
    limit = dataset.get("PixelPaddingRangeLimit")
    ends = sorted((value, limit if isinstance(limit, int) else value))
    mask = (stored < ends[0]) | (stored > ends[1])
    return np.asarray(mask) if mask.any() else None
