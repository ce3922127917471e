"""Reads a deep picture or a frame of a stack with facts about its values. For the reading pool, no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tldesk.imaging import (
    IntensityWindow,
    Pixels,
    Rendering,
    WindowedValues,
    fit_within,
    matters_for,
    read_picture,
)

BINS = 96
_MOST_COUNTED = 500_000  # values; more would not improve the histogram


@dataclass(frozen=True, eq=False)
class ValueFacts:
    """Range, unit and distribution of a deep picture's stored values, and the intensity window used.

    Attributes:
        frame, frames: number of the frame (from 1), and number of frames.
        bits: stored bits per value.
        low, high: smallest and largest finite value.
        unit: "HU" or "".
        window: the values that became black and white; None if a table or curve in the file was used instead.
        offered: names of the windows defined in the file.
        counts: histogram in equal bins from ``low`` to ``high``, (BINS,).
    """

    frame: int
    frames: int
    bits: int
    low: float = 0.0
    high: float = 0.0
    unit: str = ""
    window: IntensityWindow | None = None
    offered: tuple[str, ...] = ()
    counts: NDArray[np.int64] | None = None


def read_deep(path: Path, rendering: Rendering, side: int) -> tuple[Pixels, ValueFacts | None]:
    """Return the picture, at most ``side`` px long, and facts about its values; None for ordinary pictures.

    Raises:
        UnreadableImage: with the reason.
    """
    picture = read_picture(path, min_side=side, rendering=rendering)
    pixels, facts, values = fit_within(picture.pixels, side), picture.facts, picture.values
    if not matters_for(facts):
        return pixels, None
    frame, frames, bits = picture.frame + 1, facts.frames, facts.bits
    counted = np.empty(0) if values is None else _counted(values)
    if values is None or not counted.size:
        return pixels, ValueFacts(frame, frames, bits)
    low, high = float(counted.min()), float(counted.max())
    return pixels, ValueFacts(
        frame=frame,
        frames=frames,
        bits=bits,
        low=low,
        high=high,
        unit=values.unit,
        window=values.window,
        offered=values.offered,
        counts=np.histogram(counted, BINS, (low, high) if high > low else (low - 1, low + 1))[0],
    )


def _counted(values: WindowedValues) -> NDArray[np.float64]:
    flat = (values.samples if values.valid is None else values.samples[values.valid]).ravel()
    finite = flat[np.isfinite(flat)] if flat.dtype.kind == "f" else flat
    if finite.size <= _MOST_COUNTED:
        return finite.astype(np.float64)
    ends = np.array([finite.min(), finite.max()], np.float64)
    return np.concatenate([finite[:: finite.size // _MOST_COUNTED].astype(np.float64), ends])
