"""The value that means "no data here" in GeoTIFFs, as GDAL writes it (tag 42113, a number as text)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tldesk.imaging.windowing import Samples

if TYPE_CHECKING:
    import tifffile

_TAG = 42113  # GDAL_NODATA
_CLOSE = 2e-6  # relative: the number may be written with six digits, as -3.40282e+38


def valid_samples(samples: Samples, page: tifffile.TiffPage) -> NDArray[np.bool_] | None:
    """Return a mask of the samples that have data; None if all have, or the page names no such value."""
    value = _named(page)
    if value is None or math.isnan(value):  # NaN is never part of a window
        return None
    if samples.dtype.kind == "f":
        rounded = samples.dtype.type(value) if abs(value) <= np.finfo(samples.dtype).max else value
        empty = np.isclose(samples, rounded, rtol=_CLOSE, atol=0.0)
    else:
        empty = samples == value
    return None if not empty.any() else np.asarray(~empty)


def _named(page: tifffile.TiffPage) -> float | None:
    tag = page.tags.get(_TAG)
    if tag is None:
        return None
    text = tag.value.decode("latin-1") if isinstance(tag.value, bytes) else str(tag.value)
    try:
        return float(text.strip().strip("\0").replace(",", "."))
    except ValueError:
        return None
