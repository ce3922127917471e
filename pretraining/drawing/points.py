"""Where on its plane a picture looks: the coordinates at which textures and figures are evaluated."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import grid_sample


def plane(size: int) -> Tensor:
    """Coordinates of the pixels' centres, (size, size, 2) float32 x and y from -1 to 1, y downwards."""
    line = (torch.arange(size, dtype=torch.float32) + 0.5) * (2.0 / size) - 1.0
    y, x = torch.meshgrid(line, line, indexing="ij")
    return torch.stack((x, y), dim=-1)


def seen_from(rng: np.random.Generator, points: Tensor, zoom: tuple[float, float], shift: float) -> Tensor:
    """The points turned, stretched, zoomed and moved at random: one more look at the same plane.

    Args:
        rng: draws the look.
        points: (height, width, 2).
        zoom: smallest and largest factor; more shows more of the plane.
        shift: largest move along each axis.
    """
    turn = rng.uniform(0.0, 2.0 * math.pi)
    scale = math.exp(rng.uniform(math.log(zoom[0]), math.log(zoom[1])))
    squeeze, shear = math.exp(rng.normal(0.0, 0.15)), rng.normal(0.0, 0.15)
    cosine, sine = math.cos(turn), math.sin(turn)
    rotation = np.array([[cosine, -sine], [sine, cosine]])
    matrix = scale * rotation @ np.array([[squeeze, shear], [0.0, 1.0 / squeeze]])
    moved = points @ torch.tensor(matrix.T, dtype=torch.float32)
    return moved + torch.tensor(rng.uniform(-shift, shift, 2), dtype=torch.float32)


def spectral_noise(rng: np.random.Generator, size: int, slope: float, stretch: float = 1.0) -> Tensor:
    """Noise whose amplitude falls as 1 / f**slope; (size, size), mean 0, deviation 1, periodic.

    Photographs have slopes of about 1 (Field 1987, "Relations between the statistics of natural images").

    Args:
        rng: draws the noise.
        size: side in pixels.
        slope: 0 is white; 1 like photographs; 2 like clouds.
        stretch: how much finer it is along x than along y.
    """
    frequencies = np.fft.fftfreq(size) * size
    radius = np.hypot(frequencies[None, : size // 2 + 1] / stretch, frequencies[:, None] * stretch)
    radius[0, 0] = np.inf
    spectrum = rng.standard_normal((size, size // 2 + 1)) + 1j * rng.standard_normal((size, size // 2 + 1))
    noise = np.fft.irfft2(spectrum / radius**slope, s=(size, size))
    noise = (noise - noise.mean()) / (noise.std() + 1e-12)
    return torch.from_numpy(noise.astype(np.float32))


def looked_up(tile: Tensor, points: Tensor) -> Tensor:
    """Values of a picture at points, bilinear, mirrored beyond its edges; (channels, height, width).

    Args:
        tile: (channels, any, any), lying over -1 to 1.
        points: (height, width, 2).
    """
    found = grid_sample(
        tile[None], points[None], mode="bilinear", padding_mode="reflection", align_corners=False
    )
    return found[0]


def warping(rng: np.random.Generator, strength: float) -> Callable[[Tensor], Tensor]:
    """A way to push points about by smooth noise (domain warping).

    Args:
        rng: draws the noise.
        strength: root mean square of the push.
    """
    slope = rng.uniform(1.5, 2.5)
    pushes = strength * torch.stack([spectral_noise(rng, 32, slope) for _ in range(2)])
    return lambda points: points + looked_up(pushes, points).permute(1, 2, 0)
