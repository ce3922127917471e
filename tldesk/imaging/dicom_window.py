"""Maps stored DICOM values to the grey levels of a radiology workstation (PS3.3, C.11.1, C.11.2, C.7.6.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tldesk.imaging.pixels import Pixels
from tldesk.imaging.rendering import Rendering
from tldesk.imaging.windowing import (
    IntensityWindow,
    Samples,
    WindowedValues,
    default_window,
    own_range,
    to_bytes,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset


def grey(
    stored: Samples, dataset: Dataset, frame: int, rendering: Rendering
) -> tuple[Pixels, WindowedValues]:
    """Rescale, window and (for MONOCHROME1) invert one frame (H, W); return 0..255 and the rescaled values.

    The window is the one set by ``rendering``, else the file's own table or window, else the smallest to the
    largest value, ignoring the padding around the picture. Padding is black, as "no data" of a TIFF is, since
    a MONOCHROME1 picture would else lie on white, and its neighbour on black.
    """
    rescaling = _group(dataset, frame, "PixelValueTransformationSequence")
    values = _rescaled(stored, rescaling)
    offered = _offered(_group(dataset, frame, "FrameVOILUTSequence"))
    unit = "HU" if _in_hounsfield_units(dataset, rescaling) else ""
    inside = _inside(stored, dataset)
    given = rendering.window_of(values, inside, hounsfield=unit == "HU")
    shown, window = (
        (to_bytes(values, given), given)
        if given is not None
        else _as_the_file_says(values, stored, dataset, frame, rendering.offered)
    )
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        shown = 255 - shown
    if inside is not None:
        shown[~inside] = 0
    return shown, WindowedValues(values, window, unit, tuple(one.name for one in offered if one.name), inside)


def _group(dataset: Dataset, frame: int, name: str) -> Dataset:
    """Return the data set that contains the attributes of a frame.

    Enhanced multi-frame files store them in functional groups, all other files at the top level.
    """
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


def _in_hounsfield_units(dataset: Dataset, rescaling: Dataset) -> bool:
    """Return whether rescaled values are Hounsfield units (PS3.3, C.7.6.16.2.9 and C.8.2.1.1.2)."""
    kind = str(rescaling.get("RescaleType") or "").strip().upper()
    has_line = rescaling.get("RescaleSlope") is not None and rescaling.get("RescaleIntercept") is not None
    return has_line and (kind == "HU" or (not kind and str(dataset.get("Modality") or "") == "CT"))


def _as_the_file_says(
    values: Samples, stored: Samples, dataset: Dataset, frame: int, name: str | None
) -> tuple[Pixels, IntensityWindow | None]:
    group = _group(dataset, frame, "FrameVOILUTSequence")
    offered = _offered(group)
    named = next((one for one in offered if name and one.name.casefold() == name.casefold()), None)
    if named is None and group.get("VOILUTSequence"):
        return _through_table(values, group), None
    if offered:
        return _through_window(values, named or offered[0], str(group.get("VOILUTFunction") or "LINEAR"))
    inside = _inside(stored, dataset)
    plain = values is stored
    window = default_window(values, int(dataset.BitsStored), inside) if plain else own_range(values, inside)
    return to_bytes(values, window), window


@dataclass(frozen=True, slots=True)
class _OfferedWindow:
    """A window given in the file: its name (explanation), centre and width."""

    name: str
    centre: float
    width: float


def _offered(group: Dataset) -> list[_OfferedWindow]:
    """Return the windows given in a file, the default one first; empty if the default one is invalid."""
    centres, widths = (_several(group.get(name)) for name in ("WindowCenter", "WindowWidth"))
    names = [str(name).strip() for name in _several(group.get("WindowCenterWidthExplanation"))]
    names += [""] * len(centres)
    pairs = [
        _OfferedWindow(name, float(centre), float(width))
        for name, centre, width in zip(names, centres, widths, strict=False)
        if centre is not None and width is not None
    ]
    return [one for one in pairs if one.width > 0] if pairs and pairs[0].width > 0 else []


def _several(value: object) -> list[Any]:
    """Return the values of an element that may have none, one or several."""
    if value is None or value == "":
        return []
    return [value] if isinstance(value, (int, float, str)) else list(value)  # type: ignore[call-overload]


def _through_table(values: Samples, group: Dataset) -> Pixels:
    from pydicom.pixels.processing import apply_voi

    whole = values if values.dtype.kind in "iu" else np.rint(values).astype(np.int32)
    bits = int(group.VOILUTSequence[0].LUTDescriptor[2])
    return to_bytes(np.asarray(apply_voi(whole, group, index=0)), IntensityWindow(0, 2**bits - 1))


def _through_window(
    values: Samples, offered: _OfferedWindow, function: str
) -> tuple[Pixels, IntensityWindow | None]:
    centre, width = offered.centre, offered.width
    if function == "SIGMOID":
        curve = 1.0 / (1.0 + np.exp(-4.0 * (values.astype(np.float64) - centre) / width))
        return to_bytes(curve, IntensityWindow(0, 1)), None
    exact = function == "LINEAR_EXACT"
    middle, half = (centre, width / 2) if exact else (centre - 0.5, (width - 1) / 2)
    # A window of width 1 is a threshold: everything above its middle is white.
    window = IntensityWindow(middle - half, max(middle + half, middle - half + 1e-3))
    return to_bytes(values, window), window


def _inside(stored: Samples, dataset: Dataset) -> NDArray[np.bool_] | None:
    """Return a mask of the pixels that are not padding (PS3.3, C.7.5.1.1.2); None if there is no padding."""
    value = dataset.get("PixelPaddingValue")
    if not isinstance(value, int):
        return None
    limit = dataset.get("PixelPaddingRangeLimit")
    ends = sorted((value, limit if isinstance(limit, int) else value))
    mask = (stored < ends[0]) | (stored > ends[1])
    return np.asarray(mask) if mask.any() else None
