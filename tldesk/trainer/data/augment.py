"""Random augmentation of training batches. The same seed, epoch and image always give the same change."""

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

_DRAWS = 15
# Column indices in a row of random numbers.
_FLIP_H, _FLIP_V, _ANGLE, _RIGHT, _DOWN, _ZOOM, _BRIGHT, _CONTRAST, _SATURATION = range(9)
# Added later, at the end, so that the earlier columns keep the same random numbers as before.
_CROP, _CROP_RIGHT, _CROP_DOWN, _HUE, _BLUR, _GRAIN = range(9, _DRAWS)

# Luma weights of ITU-R BT.601, as used by Pillow and torchvision.
_LUMA = (0.299, 0.587, 0.114)
_YIQ = (_LUMA, (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112))
_FROM_YIQ = np.linalg.inv(np.array(_YIQ)).tolist()


def draws(seed: int, epoch: int, contents: Sequence[str]) -> NDArray[np.float32]:
    """Return (n, 15) float32 in [-1, 1), determined by seed, epoch and image alone, not by the batch."""
    rows = [
        np.random.default_rng(derive_seed(seed, "augment", epoch, one)).random(_DRAWS) for one in contents
    ]
    return (np.stack(rows) * 2 - 1).astype(np.float32)


def augment(pixels: Tensor, numbers: NDArray[np.float32], how: Augmentation) -> Tensor:
    """Return augmented copies of images.

    Args:
        pixels: (N, 3, H, W), uint8 or float in 0..255.
        numbers: (N, 15) in [-1, 1), from ``draws``.
        how: the maximum strength of each change.

    Returns:
        (N, 3, H, W) float32 in 0..255 on the same device. Areas beyond the border are filled by mirroring.
    """
    chance = torch.from_numpy(numbers).to(pixels.device)
    changed = _coloured(_moved(pixels.float(), chance, how), chance, how)
    return _taken(changed, chance, numbers[:, _GRAIN], how).clamp(0.0, 255.0)


def _moved(pixels: Tensor, chance: Tensor, how: Augmentation) -> Tensor:
    if how.rotation or how.shift or how.zoom or how.crop:
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
    """Return (N, 2, 3): affine maps from new to old coordinates, both in -1..1.

    Mirror, rotate and scale about the centre, then shift; ``aspect`` (width / height) prevents shearing.
    """
    angle = chance[:, _ANGLE] * math.radians(how.rotation)
    part = (1.0 - _upwards(chance[:, _CROP]) * how.crop).sqrt()  # crop side; the rest is for its place
    scale = part / (1.0 + chance[:, _ZOOM] * how.zoom)
    across = _signs(chance[:, _FLIP_H], on=how.flip_horizontal) * scale
    down = _signs(chance[:, _FLIP_V], on=how.flip_vertical) * scale
    cos, sin = angle.cos(), angle.sin()
    right = chance[:, _RIGHT] * 2 * how.shift + chance[:, _CROP_RIGHT] * (1 - part)
    below = chance[:, _DOWN] * 2 * how.shift + chance[:, _CROP_DOWN] * (1 - part)
    first = torch.stack([cos * across, sin * down / aspect, right], dim=1)
    second = torch.stack([-sin * across * aspect, cos * down, below], dim=1)
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
    if how.hue:
        pixels = _turned_colours(pixels, chance[:, _HUE] * how.hue)
    return pixels.clamp(0.0, 255.0)


def _turned_colours(pixels: Tensor, share: Tensor) -> Tensor:
    """Rotate the hue by a share of the colour circle, (N,); the luma does not change.

    In YIQ (NTSC, 1953), a rotation of the I-Q plane is one matrix per image.
    """
    angle = 2 * math.pi * share
    zero, one = torch.zeros_like(angle), torch.ones_like(angle)
    cos, sin = angle.cos(), angle.sin()
    turn = torch.stack([one, zero, zero, zero, cos, -sin, zero, sin, cos], dim=1).view(-1, 3, 3)
    matrix = pixels.new_tensor(_FROM_YIQ) @ turn @ pixels.new_tensor(_YIQ)
    return torch.einsum("nij,njhw->nihw", matrix, pixels)


def _taken(pixels: Tensor, chance: Tensor, grain: NDArray[np.float32], how: Augmentation) -> Tensor:
    """Simulate a worse camera: defocus blur, then noise."""
    if how.blur:
        pixels = _blurred(pixels, _upwards(chance[:, _BLUR]) * how.blur, math.ceil(3 * how.blur))
    if how.noise:
        strength = 255 * how.noise * _upwards(chance[:, _GRAIN])
        pixels = pixels + _grain(pixels, grain) * strength.view(-1, 1, 1, 1)
    return pixels


def _blurred(pixels: Tensor, sigma: Tensor, reach: int) -> Tensor:
    """Blur each image with its own Gaussian width, (N,) px; rows, then columns, mirrored at the border.

    The kernel size must not depend on the other images of the batch.
    """
    count, channels, *sides = pixels.shape
    reach = min(reach, min(sides) - 1)
    at = torch.arange(-reach, reach + 1, device=pixels.device)
    # Zero would divide by zero; a width of a tenth of a pixel leaves the image unchanged.
    kernel = torch.exp(-0.5 * (at / sigma.clamp(min=0.1)[:, None]) ** 2)
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(channels, dim=0)
    planes = pixels.reshape(1, count * channels, *sides)
    across = functional.pad(planes, (reach, reach, 0, 0), mode="reflect")
    planes = functional.conv2d(across, kernel[:, None, None, :], groups=count * channels)
    down = functional.pad(planes, (0, 0, reach, reach), mode="reflect")
    planes = functional.conv2d(down, kernel[:, None, :, None], groups=count * channels)
    return planes.reshape(pixels.shape)


def _grain(pixels: Tensor, seeds: NDArray[np.float32]) -> Tensor:
    """Return (N, 3, H, W) normally distributed noise, determined by each image's number alone."""
    random = [torch.Generator().manual_seed(derive_seed("grain", str(float(one)))) for one in seeds]
    return torch.stack([torch.randn(pixels.shape[1:], generator=one) for one in random]).to(pixels.device)


def _upwards(chance: Tensor) -> Tensor:
    """Map [-1, 1) to [0, 1)."""
    return (chance + 1) / 2


def _factor(chance: Tensor, most: float) -> Tensor:
    return (1.0 + chance * most).view(-1, 1, 1, 1)


def _grey(pixels: Tensor) -> Tensor:
    return (pixels * pixels.new_tensor(_LUMA).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)
