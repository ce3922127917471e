"""Random changes to batches of training pictures. The same seed, epoch and image give the same change."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from tldesk.base import derive_seed
from tldesk.recipe import Augmentation

_DRAWS = 9
# Places in a row of draws.
_FLIP_H, _FLIP_V, _ANGLE, _RIGHT, _DOWN, _ZOOM, _BRIGHT, _CONTRAST, _SATURATION = range(_DRAWS)

# Luma of ITU-R BT.601, as Pillow and torchvision use it.
_LUMA = (0.299, 0.587, 0.114)


def draws(seed: int, epoch: int, contents: Sequence[str]) -> NDArray[np.float32]:
    """(n, 9) numbers in [-1, 1), decided by seed, epoch and image alone, whatever the batch."""
    rows = [
        np.random.default_rng(derive_seed(seed, "augment", epoch, one)).random(_DRAWS) for one in contents
    ]
    return (np.stack(rows) * 2 - 1).astype(np.float32)


def augment(pixels: Tensor, numbers: NDArray[np.float32], how: Augmentation) -> Tensor:
    """Changed copies of pictures.

    Args:
        pixels: (N, 3, H, W), uint8 or float in 0..255.
        numbers: (N, 9) in [-1, 1), from ``draws``.
        how: how far each change may go.

    Returns:
        (N, 3, H, W) float32 in 0..255 on the same device. What moves in from outside is the picture mirrored.
    """
    chance = torch.from_numpy(numbers).to(pixels.device)
    return _coloured(_moved(pixels.float(), chance, how), chance, how)


def _moved(pixels: Tensor, chance: Tensor, how: Augmentation) -> Tensor:
    if how.rotation or how.shift or how.zoom:
        theta = _matrices(chance, how, pixels.shape[3] / pixels.shape[2])
        grid = functional.affine_grid(theta, list(pixels.shape), align_corners=False)
        return functional.grid_sample(
            pixels, grid, mode="bilinear", padding_mode="reflection", align_corners=False
        )
    for on, place, dimension in ((how.flip_horizontal, _FLIP_H, 3), (how.flip_vertical, _FLIP_V, 2)):
        if on:
            mirrored = (chance[:, place] < 0).view(-1, 1, 1, 1)
            pixels = torch.where(mirrored, pixels.flip(dimension), pixels)
    return pixels


def _matrices(chance: Tensor, how: Augmentation, aspect: float) -> Tensor:
    """(N, 2, 3): from places in the new picture to places in the old, both in -1..1.

    Mirror, turn and scale about the centre, then shift; ``aspect`` (width / height) keeps the turn a turn.
    """
    angle = chance[:, _ANGLE] * math.radians(how.rotation)
    scale = 1.0 / (1.0 + chance[:, _ZOOM] * how.zoom)
    across = _signs(chance[:, _FLIP_H], on=how.flip_horizontal) * scale
    down = _signs(chance[:, _FLIP_V], on=how.flip_vertical) * scale
    cos, sin = angle.cos(), angle.sin()
    first = torch.stack([cos * across, sin * down / aspect, chance[:, _RIGHT] * 2 * how.shift], dim=1)
    second = torch.stack([-sin * across * aspect, cos * down, chance[:, _DOWN] * 2 * how.shift], dim=1)
    return torch.stack([first, second], dim=1)


def _signs(chance: Tensor, *, on: bool) -> Tensor:
    ones = torch.ones_like(chance)
    return torch.where(chance < 0, -ones, ones) if on else ones


def _coloured(pixels: Tensor, chance: Tensor, how: Augmentation) -> Tensor:
    if how.brightness:
        pixels = pixels * _factor(chance[:, _BRIGHT], how.brightness)
    if how.contrast:
        middle = _grey(pixels).mean(dim=(1, 2, 3), keepdim=True)
        pixels = middle + (pixels - middle) * _factor(chance[:, _CONTRAST], how.contrast)
    if how.saturation:
        grey = _grey(pixels)
        pixels = grey + (pixels - grey) * _factor(chance[:, _SATURATION], how.saturation)
    return pixels.clamp(0.0, 255.0)


def _factor(chance: Tensor, most: float) -> Tensor:
    return (1.0 + chance * most).view(-1, 1, 1, 1)


def _grey(pixels: Tensor) -> Tensor:
    return (pixels * pixels.new_tensor(_LUMA).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)
