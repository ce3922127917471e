"""The array type of decoded pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""8-bit pixels, (height, width, 3) RGB unless a docstring says otherwise."""
