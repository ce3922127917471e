"""The eight orientations of EXIF (JEITA CP-3451, tag 0x0112), applied to arrays."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)

# The steps that turn the stored array upright:
# (first swap rows and columns, then flip up-down, then flip left-right).
_STEPS = {
    1: (False, False, False),
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}


def known(value: object) -> int:
    """Return ``value`` if it is an orientation 1 to 8, else 1: some cameras write invalid values."""
    return value if isinstance(value, int) and value in _STEPS else 1


def upright(array: NDArray[T], orientation: int) -> NDArray[T]:
    """Return ``array`` (H, W) or (H, W, C) turned upright; C-contiguous, same dtype."""
    swap, up_down, left_right = _STEPS[orientation]
    turned = array.swapaxes(0, 1) if swap else array
    turned = turned[::-1] if up_down else turned
    turned = turned[:, ::-1] if left_right else turned
    return np.ascontiguousarray(turned)


def swaps_sides(orientation: int) -> bool:
    """Return whether the orientation swaps width and height."""
    return _STEPS[orientation][0]
