"""From upright pixels to the network's square input, and back: which part of the picture the network sees.

Resizing is done on bytes by Pillow, antialiased, straight from the part of the picture that is seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tldesk.imaging import read_picture
from tldesk.model import Preprocessing

if TYPE_CHECKING:
    from torch import Tensor

Box = tuple[float, float, float, float]

_FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


@dataclass(frozen=True, slots=True)
class Sight:
    """What the network sees of a picture.

    Attributes:
        source: (left, top, right, bottom) in the upright picture, px; the part that is seen.
        target: where that part lies in the input square, px; the rest is padding.
        size: side of the input square, px.
    """

    source: Box
    target: tuple[int, int, int, int]
    size: int


def what_the_model_sees(width: int, height: int, preprocessing: Preprocessing) -> Sight:
    """The part of a ``width`` x ``height`` picture that the network sees, and where it lands."""
    size = preprocessing.size
    if preprocessing.fit == "crop":
        side = min(width, height) * preprocessing.crop_ratio
        left, top = (width - side) / 2, (height - side) / 2
        return Sight((left, top, left + side, top + side), (0, 0, size, size), size)
    whole = (0.0, 0.0, float(width), float(height))
    if preprocessing.fit == "letterbox":
        return Sight(whole, _inside(width, height, size), size)
    return Sight(whole, (0, 0, size, size), size)


def fit_pixels(pixels: NDArray[np.uint8], preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """Upright RGB (H, W, 3) uint8 to the input square (3, size, size) uint8.

    Padding has the mean colour of the preprocessing, which normalisation turns to (almost) zero.
    """
    height, width = pixels.shape[:2]
    sight = what_the_model_sees(width, height, preprocessing)
    left, top, right, bottom = sight.target
    seen = Image.fromarray(pixels).resize(
        (right - left, bottom - top), _FILTERS[preprocessing.interpolation], box=sight.source
    )
    square = np.empty((sight.size, sight.size, 3), np.uint8)
    square[:] = [round(255 * value) for value in preprocessing.mean]
    square[top:bottom, left:right] = np.asarray(seen)
    return np.ascontiguousarray(square.transpose(2, 0, 1))


def read_input(path: Path, preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """Decode a file, no larger than needed, and fit it: (3, size, size) uint8.

    Raises:
        UnreadableImage: with the reason.
    """
    return fit_pixels(read_picture(path, min_side=decode_side(preprocessing)).pixels, preprocessing)


def decode_side(preprocessing: Preprocessing) -> int:
    """The short side in px that a decoded picture should have at least, so that nothing is enlarged."""
    if preprocessing.fit == "crop":
        return math.ceil(preprocessing.size / preprocessing.crop_ratio)
    return preprocessing.size


def normalise(pixels: Tensor, preprocessing: Preprocessing) -> Tensor:
    """(N, 3, H, W) uint8, or float in 0..255, to float32 standardised as the backbone wants it."""
    scaled = pixels.float()
    mean = scaled.new_tensor(preprocessing.mean).mul(255.0).view(1, 3, 1, 1)
    spread = scaled.new_tensor(preprocessing.std).mul(255.0).view(1, 3, 1, 1)
    return (scaled - mean) / spread


def _inside(width: int, height: int, size: int) -> tuple[int, int, int, int]:
    longest = max(width, height)
    inner_width, inner_height = (max(1, round(size * side / longest)) for side in (width, height))
    left, top = (size - inner_width) // 2, (size - inner_height) // 2
    return left, top, left + inner_width, top + inner_height
