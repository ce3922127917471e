"""What the network is shown: pieces of drawings, turned, in slightly other colours."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn.functional import affine_grid, avg_pool2d, grid_sample, interpolate

_SMALLEST = 0.35  # share of a drawing's area that a piece shows at least
_LENGTHENING = 0.2  # largest logarithm of how much wider than high a piece may be
_LIGHT, _TINT, _GAMMA = 0.15, 0.06, 0.15  # deviations of logarithms


def pieces(bank: Sequence[np.ndarray], count: int, side: int, generator: Generator) -> Tensor:
    """Pieces of both drawings of randomly chosen programmes.

    Args:
        bank: files as ``open_bank`` gives them.
        count: programmes.
        side: of the pieces, in pixels.
        generator: draws everything.

    Returns:
        (2 count, 5, side, side) float32 from 0 to 1: colours, then how much is a figure and how much a mark;
        first one drawing of each programme, then the other.
    """
    ends = np.cumsum([len(file) for file in bank])
    chosen = torch.randint(int(ends[-1]), (count,), generator=generator).numpy()
    files = np.searchsorted(ends, chosen, side="right")
    drawings = np.stack([bank[file][number - ends[file]] for file, number in zip(files, chosen, strict=True)])
    pictures = torch.from_numpy(drawings).transpose(0, 1).flatten(0, 1).permute(0, 3, 1, 2)
    cut = _cut(pictures.float() / 255.0, side, generator)
    return torch.cat((_lit(cut[:, :3], generator), cut[:, 3:]), dim=1)


def smaller(pictures: Tensor, side: int) -> Tensor:
    """The pictures at another size, averaged over areas."""
    return pictures if pictures.shape[-1] == side else interpolate(pictures, (side, side), mode="area")


def _cut(pictures: Tensor, side: int, generator: Generator) -> Tensor:
    count = len(pictures)
    area = _uniform(count, math.log(_SMALLEST), 0.0, generator).exp()
    shape = _uniform(count, -_LENGTHENING, _LENGTHENING, generator).exp()
    spans = torch.stack(((area * shape).sqrt(), (area / shape).sqrt()), dim=1).clamp(max=1.0)
    centres = (2.0 * torch.rand(count, 2, generator=generator) - 1.0) * (1.0 - spans)
    mirrored = torch.where(torch.rand(count, 2, generator=generator) < 0.5, -1.0, 1.0)
    lying = torch.rand(count, generator=generator) < 0.5
    looks = torch.diag_embed(spans * mirrored)
    looks = torch.where(lying[:, None, None], looks.flip(-1), looks)
    # Twice as fine and then averaged where the piece is shown smaller than it was drawn.
    finer = 2 if 2 * side <= pictures.shape[-1] else 1
    grid = affine_grid(
        torch.cat((looks, centres[:, :, None]), dim=2),
        [*pictures.shape[:2], finer * side, finer * side],
        False,
    )
    cut = grid_sample(pictures, grid, mode="bilinear", padding_mode="border", align_corners=False)
    return avg_pool2d(cut, finer) if finer > 1 else cut


def _lit(pictures: Tensor, generator: Generator) -> Tensor:
    count = len(pictures)
    light = _LIGHT * torch.randn(count, 1, 1, 1, generator=generator)
    tint = _TINT * torch.randn(count, 3, 1, 1, generator=generator)
    gamma = (_GAMMA * torch.randn(count, 1, 1, 1, generator=generator)).exp()
    return (pictures.clamp(min=1e-4) ** gamma * (light + tint).exp()).clamp(0.0, 1.0)


def _uniform(count: int, low: float, high: float, generator: Generator) -> Tensor:
    return low + (high - low) * torch.rand(count, generator=generator)
