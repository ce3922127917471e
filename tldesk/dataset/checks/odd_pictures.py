"""Finds odd pictures from the data stored by a scan: blank, dark, bright, blurred, small, of an odd shape.

All kinds except "blank" are relative to the project's other pictures: scans on a black background, for
example, are all dark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tldesk.dataset.checks.blur import soft_ones

Oddity = Literal["blank", "dark", "bright", "blurred", "small", "shape"]

_FLAT = 2.0  # levels of 255, standard deviation of the tiny picture
_EXTREME = 16.0  # levels from black or from white
_TIMES = 3.0  # nearer to black or white, or smaller, than the others by this factor
_FEWEST_PIXELS = 64  # the smallest short side that is useful for networks with an input of 224 px
_SHAPE_TIMES = 2.0
_ENOUGH = 8  # fewest pictures from which a typical value can be computed


def oddities(
    sizes: NDArray[np.int_], tinies: Sequence[bytes], softness: NDArray[np.float64]
) -> Mapping[Oddity, NDArray[np.intp]]:
    """Return the indices of odd pictures by kind; kinds without any are left out.

    Args:
        sizes: (n, 2) width and height, px, all > 0.
        tinies: n tiny grey pictures, uint8, see ``Fingerprint.tiny``.
        softness: (n,) results of ``blur.softness``, NaN if not measured.
    """
    if not len(tinies):
        return {}
    levels = np.frombuffer(b"".join(tinies), np.uint8).reshape(len(tinies), -1).astype(np.float32)
    mean, blank = levels.mean(axis=1), levels.std(axis=1) < _FLAT
    found: dict[Oddity, NDArray[np.bool_]] = {"blank": blank}
    if len(tinies) >= _ENOUGH:
        short, long = sizes.min(axis=1), sizes.max(axis=1)
        shape = long / short
        found["dark"] = ~blank & _far_below(mean, _EXTREME)
        found["bright"] = ~blank & _far_below(255.0 - mean, _EXTREME)
        seen = ~blank & ~found["dark"] & ~found["bright"] & ~np.isnan(softness)
        found["blurred"] = np.zeros(len(tinies), bool)
        found["blurred"][seen] = soft_ones(softness[seen])
        found["small"] = _far_below(short, _FEWEST_PIXELS)
        found["shape"] = shape > _SHAPE_TIMES * np.median(shape)
    return {kind: np.flatnonzero(odd) for kind, odd in found.items() if odd.any()}


def _far_below(values: NDArray[np.number], limit: float) -> NDArray[np.bool_]:
    return np.asarray((values < limit) & (values < np.median(values) / _TIMES))
