"""Blurred pictures: how soft a picture is, and which ones are much softer than the project's others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 192  # px, the short side at which pictures are compared
_WINDOW = 11  # px, as in the article and in scikit-image
_SOFT = 0.6
_FAR = 3.0  # median absolute deviations, scaled to a normal distribution's standard deviation
_TO_DEVIATION = 1.4826
_ENOUGH = 8  # so many pictures say what is usual


def softness(pixels: NDArray[np.uint8]) -> float:
    """How soft a picture is: 0 = as sharp as can be, 1 = nothing but blur.

    How much of the change between neighbouring pixels a further blur takes away: much of a sharp picture's,
    hardly any of a blurred one's; contrast and brightness do not count. F. Crete, T. Dolmiere, P. Ladret and
    M. Nicolas, "The blur effect: perception and estimation with a new no-reference perceptual blur metric"
    (SPIE 6492, 2007), as ``skimage.measure.blur_effect`` computes it.

    Args:
        pixels: (H, W, 3) uint8 RGB. A larger picture is measured with a short side of 192 px, so that 200
            pixels and 12 megapixels compare; a smaller one as it is. One tone throughout gives 0.
    """
    from scipy.ndimage import sobel, uniform_filter1d

    grey = _small_grey(pixels)
    inner = (slice(2, -1), slice(2, -1))
    found = [0.0]
    for axis in (0, 1):
        change = np.abs(sobel(grey, axis=axis))
        blurred = np.abs(sobel(uniform_filter1d(grey, _WINDOW, axis=axis), axis=axis))
        total = float(change[inner].sum())
        lost = float(np.maximum(0, change - blurred)[inner].sum())
        found.append((total - lost) / total if total > 0 else 0.0)
    return max(found)


def _small_grey(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    picture = Image.fromarray(pixels)
    shrunk = SIDE / min(picture.size)
    if shrunk < 1:
        size = (max(1, round(picture.width * shrunk)), max(1, round(picture.height * shrunk)))
        picture = picture.resize(size, Image.Resampling.BOX)
    return np.asarray(picture.convert("L"), np.float64) / 255


def soft_ones(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of these pictures are blurred: soft, and far softer than most of them.

    Both must hold: pictures through a microscope are soft throughout, and among very sharp ones the least
    sharp is still sharp. docs/adr has the figures.
    """
    if len(values) < _ENOUGH:
        return np.zeros(len(values), bool)
    usual = np.median(values)
    spread = _TO_DEVIATION * np.median(np.abs(values - usual))
    return np.asarray(values > max(_SOFT, usual + _FAR * spread))
