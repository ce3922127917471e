"""The type of decoded pixels that every part of imaging shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""8-bit pixels, (height, width, 3) RGB unless a function says otherwise."""
