"""Detects blurred pictures: measures softness, and finds pictures much softer than the rest of a project."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 192  # px, the short side at which pictures are compared
_WINDOW = 11  # px, as in the article and in scikit-image
_SOFT = 0.6
_FAR = 3.0  # median absolute deviations, scaled to a normal distribution's standard deviation
_TO_DEVIATION = 1.4826
_ENOUGH = 8  # fewest pictures from which a typical value can be computed


def softness(pixels: NDArray[np.uint8]) -> float:
    """Return the softness of a picture, from 0 (as sharp as possible) to 1 (completely blurred).

    It measures how much of the difference between neighbouring pixels is lost by blurring the picture once
    more: much for a sharp picture, little for a blurred one. Contrast and brightness have no effect. Source:
    F. Crete, T. Dolmiere, P. Ladret and M. Nicolas, "The blur effect: perception and estimation with a new
    no-reference perceptual blur metric" (SPIE 6492, 2007), as computed by ``skimage.measure.blur_effect``.

    Args:
        pixels: (H, W, 3) uint8 RGB. Pictures are reduced to a short side of 192 px, so that small and large
            ones can be compared; smaller ones are measured unchanged. A uniform picture gives 0.
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
    """Return a mask (n,) of the blurred pictures: soft, and also far softer than most of them.

    Both conditions are needed: microscope pictures are all soft, and among very sharp pictures the least
    sharp one is still sharp. docs/adr has the figures.
    """
    if len(values) < _ENOUGH:
        return np.zeros(len(values), bool)
    usual = np.median(values)
    spread = _TO_DEVIATION * np.median(np.abs(values - usual))
    return np.asarray(values > max(_SOFT, usual + _FAR * spread))
