"""Intensity windows: maps samples of any depth to the 0..255 that networks and screens take.

The rule for a file that brings no window of its own: unsigned samples of at most 8 bits keep their full
range; everything else (16-bit, 32-bit, signed, float) goes from the picture's own smallest to its own largest
value, and a picture of one value becomes mid-grey. Colour channels share one window, so that hues stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tldesk.imaging.pixels import Pixels

MID_GREY = 128
_PERCENTILES = (1, 99)

Samples = NDArray[Any]


@dataclass(frozen=True)
class IntensityWindow:
    """The stored (for DICOM: rescaled) values that become 0 and 255; values outside are clipped to black or
    white.
    """

    low: float
    high: float


@dataclass(frozen=True, eq=False)
class WindowedValues:
    """The samples behind the pixels, for pictures that hold more than a screen shows.

    Attributes:
        samples: (H, W) or (H, W, C) as stored or, for DICOM, after rescaling; not turned upright.
        window: what became black and white; None: a table or a curve of the file decided.
        unit: "HU" for Hounsfield units, "" where the file does not tell.
        offered: names of the windows that a DICOM file offers.
    """

    samples: Samples
    window: IntensityWindow | None
    unit: str = ""
    offered: tuple[str, ...] = ()


def own_range(samples: Samples, valid: NDArray[np.bool_] | None = None) -> IntensityWindow:
    """The smallest and the largest finite value, of the ``valid`` samples if a mask is given.

    Without a single finite value the window is (0, 0), which draws mid-grey.
    """
    chosen = samples if valid is None else samples[valid]
    if chosen.dtype.kind == "f":
        chosen = chosen[np.isfinite(chosen)]
    return (
        IntensityWindow(float(chosen.min()), float(chosen.max()))
        if chosen.size
        else IntensityWindow(0.0, 0.0)
    )


def middle_range(samples: Samples, valid: NDArray[np.bool_] | None = None) -> IntensityWindow:
    """The 1st to the 99th percentile (linear between values) of the finite, ``valid`` samples.

    A few outliers, such as a marker or a hot pixel, do not decide then. Where the two are the same, as in a
    picture that is empty but for a spot, the smallest to the largest value.
    """
    chosen = samples.ravel() if valid is None else samples[valid].ravel()
    if chosen.dtype.kind == "f":
        chosen = chosen[np.isfinite(chosen)]
    if not chosen.size:
        return IntensityWindow(0.0, 0.0)
    low, high = np.percentile(chosen.astype(np.float64), _PERCENTILES)
    return IntensityWindow(float(low), float(high)) if high > low else own_range(samples, valid)


def default_window(samples: Samples, bits: int, valid: NDArray[np.bool_] | None = None) -> IntensityWindow:
    """The window of the rule above for samples that use ``bits`` bits."""
    if samples.dtype.kind in "bu" and bits <= 8:
        return IntensityWindow(0.0, float(2**bits - 1))
    return own_range(samples, valid)


def to_bytes(samples: Samples, window: IntensityWindow) -> Pixels:
    """Map ``window`` linearly to 0..255, rounded; the same shape. Not-a-number becomes 0."""
    if window.high <= window.low:
        return np.full(samples.shape, MID_GREY, dtype=np.uint8)
    if samples.dtype.kind in "bu" and samples.dtype.itemsize <= 2:
        table = _scaled(np.arange(2 ** (8 * samples.dtype.itemsize)), window)
        return np.asarray(table[samples.astype(np.uint8) if samples.dtype == bool else samples])
    return _scaled(samples, window)


def _scaled(samples: Samples, window: IntensityWindow) -> Pixels:
    wide = np.float64 if samples.dtype.itemsize >= 4 else np.float32
    scaled: NDArray[np.floating[Any]] = samples.astype(wide)
    scaled = (scaled - window.low) * (255.0 / (window.high - window.low))
    np.nan_to_num(scaled, copy=False, nan=0.0, posinf=255.0, neginf=0.0)
    np.clip(scaled, 0, 255, out=scaled)
    return np.asarray(np.rint(scaled, out=scaled).astype(np.uint8))


def to_rgb(grey_or_colour: Pixels) -> Pixels:
    """(H, W), (H, W, 1), (H, W, 2) grey or (H, W, 3+) colour to (H, W, 3); further channels are dropped."""
    if grey_or_colour.ndim == 3 and grey_or_colour.shape[2] >= 3:
        return np.ascontiguousarray(grey_or_colour[:, :, :3])
    grey = grey_or_colour if grey_or_colour.ndim == 2 else grey_or_colour[:, :, 0]
    return np.repeat(grey[:, :, None], 3, axis=2)


def on_white(pixels: Pixels, opacity: NDArray[np.floating[Any]]) -> Pixels:
    """Lay RGB ``pixels`` (H, W, 3) with ``opacity`` (H, W) in 0..1 on a white sheet."""
    cover = opacity.astype(np.float32)[:, :, None]
    mixed = pixels.astype(np.float32) * cover + 255.0 * (1.0 - cover)
    return np.asarray(np.rint(mixed).astype(np.uint8))
