"""Intensity windows: map samples of any depth to 0..255, as networks and screens need them.

Default for a file without a window of its own: unsigned samples of at most 8 bits keep their full range;
all others (16-bit, 32-bit, signed, float) are mapped from the picture's smallest to its largest value. A
picture with a single value becomes mid-grey. All colour channels share one window, which preserves hues.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tldesk.imaging.pixels import Pixels

MID_GREY = 128
_PERCENTILES = (1, 99)
_BAND = 1 << 22  # samples

Samples = NDArray[Any]


@dataclass(frozen=True)
class IntensityWindow:
    """The stored (for DICOM: rescaled) values that become 0 and 255; values outside are clipped."""

    low: float
    high: float


@dataclass(frozen=True, eq=False)
class WindowedValues:
    """The samples before windowing, for pictures with more than 8 bits.

    Attributes:
        samples: (H, W) or (H, W, C) as stored or, for DICOM, after rescaling; not turned upright. Only the
            channels that are shown.
        window: the values that became black and white; None if a table or curve of the file was applied.
        unit: "HU" for Hounsfield units, "" if unknown.
        offered: names of the windows given in a DICOM file.
        valid: mask, (H, W) or that of the samples, of those that are data and seen: neither padding, nor "no
            data", nor transparent; None if all are.
    """

    samples: Samples
    window: IntensityWindow | None
    unit: str = ""
    offered: tuple[str, ...] = ()
    valid: NDArray[np.bool_] | None = None


def own_range(samples: Samples, valid: NDArray[np.bool_] | None = None) -> IntensityWindow:
    """Return the window from the smallest to the largest finite value, within the mask ``valid`` if given.

    If no value is finite, the window is (0, 0), which ``to_bytes`` maps to mid-grey.
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
    """Return the window from the 1st to the 99th percentile (linear interpolation) of finite, valid samples.

    So a few outliers, such as a marker or a hot pixel, do not determine the window. If both percentiles are
    equal, as in a picture that is empty except for a spot, the window is that of ``own_range``.
    """
    chosen = samples.ravel() if valid is None else samples[valid].ravel()
    if chosen.dtype.kind == "f":
        chosen = chosen[np.isfinite(chosen)]
    if not chosen.size:
        return IntensityWindow(0.0, 0.0)
    low, high = np.percentile(chosen.astype(np.float64), _PERCENTILES)
    return IntensityWindow(float(low), float(high)) if high > low else own_range(samples, valid)


def default_window(samples: Samples, bits: int, valid: NDArray[np.bool_] | None = None) -> IntensityWindow:
    """Return the default window (see the module's docstring) for samples of ``bits`` bits."""
    if samples.dtype.kind in "bu" and bits <= 8:
        return IntensityWindow(0.0, float(2**bits - 1))
    return own_range(samples, valid)


def to_bytes(samples: Samples, window: IntensityWindow) -> Pixels:
    """Map ``window`` linearly to 0..255, clipped and rounded; the shape is unchanged. NaN becomes 0."""
    if window.high <= window.low:
        return np.full(samples.shape, MID_GREY, dtype=np.uint8)
    if samples.dtype.kind in "bu" and samples.dtype.itemsize <= 2:
        table = _scaled(np.arange(2 ** (8 * samples.dtype.itemsize)), window)
        return np.asarray(table[samples.astype(np.uint8) if samples.dtype == bool else samples])
    levels = np.empty(samples.shape, np.uint8)
    for rows in _bands(samples):
        levels[rows] = _scaled(samples[rows], window)
    return levels


def _bands(samples: Samples) -> Iterator[slice]:
    """Yield the rows of an array in parts of a few million samples, since floats take much memory."""
    height = max(1, _BAND * len(samples) // max(1, samples.size))
    return (slice(start, start + height) for start in range(0, len(samples), height))


def _scaled(samples: Samples, window: IntensityWindow) -> Pixels:
    wide = np.float64 if samples.dtype.itemsize >= 4 else np.float32
    scaled: NDArray[np.floating[Any]] = samples.astype(wide)
    scaled = (scaled - window.low) * (255.0 / (window.high - window.low))
    np.nan_to_num(scaled, copy=False, nan=0.0, posinf=255.0, neginf=0.0)
    np.clip(scaled, 0, 255, out=scaled)
    return np.asarray(np.rint(scaled, out=scaled).astype(np.uint8))


def to_rgb(grey_or_colour: Pixels) -> Pixels:
    """Convert (H, W), (H, W, 1), (H, W, 2) grey or (H, W, 3+) colour to (H, W, 3); the rest is dropped."""
    if grey_or_colour.ndim == 3 and grey_or_colour.shape[2] >= 3:
        return np.ascontiguousarray(grey_or_colour[:, :, :3])
    grey = grey_or_colour if grey_or_colour.ndim == 2 else grey_or_colour[:, :, 0]
    return np.repeat(grey[:, :, None], 3, axis=2)


def on_white(pixels: Pixels, opacity: NDArray[np.floating[Any]]) -> Pixels:
    """Compose RGB ``pixels`` (H, W, 3) with ``opacity`` (H, W) in 0..1 onto white."""
    composed: Pixels = np.empty(pixels.shape, np.uint8)
    for rows in _bands(pixels):
        cover = opacity[rows].astype(np.float32)[:, :, None]
        mixed = pixels[rows].astype(np.float32) * cover + 255.0 * (1.0 - cover)
        composed[rows] = np.rint(mixed)
    return composed
