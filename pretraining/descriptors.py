"""What formulas say about a picture: the targets from which the network learns to see colour, grain and form.

Colour histograms, energies of oriented filters at several scales (Freeman and Adelson 1991, "The design and
use of steerable filters"), and where both lie (the gist: Oliva and Torralba 2001). To predict such
descriptors is a task from which networks learn what carries over (Wei et al. 2022, "Masked feature
prediction for self-supervised visual pre-training").
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d, conv2d

LEVELS = 4
ORIENTATIONS = 6
SHADES = 6
GRID = 4
_PART_SHADES = 4
PARTS_WIDTH = 3 * (1 + _PART_SHADES**3 + LEVELS)
_FLOOR = 0.003  # energies below are as good as none: what a picture's noise gives


def descriptors(pictures: Tensor) -> dict[str, Tensor]:
    """Named groups of numbers of each picture.

    Args:
        pictures: (count, 3, side, side) float32 from 0 to 1; side a multiple of 32.

    Returns:
        For each group (count, any) float32.
    """
    opponent = opponent_colours(pictures)
    energies = _energies(opponent)
    return {
        "histogram": _histogram(pictures),
        "colours": adaptive_avg_pool2d(opponent, GRID).flatten(1),
        "means": torch.cat([_log(level.mean((-1, -2))).flatten(1) for level in energies], 1),
        "spreads": torch.cat([_log(level.std((-1, -2))).flatten(1) for level in energies], 1),
        "places": torch.cat(
            [adaptive_avg_pool2d(_log(level[:, 0]), GRID).flatten(1) for level in energies], 1
        ),
    }


def part_descriptors(pictures: Tensor, masks: Tensor) -> Tensor:
    """Of the ground, the figures and the marks, each by itself: how much there is, its colours, its grain.

    To know them a network has to tell apart what is what; nobody needs to tell it where.

    Args:
        pictures: as for ``descriptors``.
        masks: (count, 2, side, side) from 0 to 1: how much is a figure, how much a mark.

    Returns:
        (count, PARTS_WIDTH) float32; nought for what is not there.
    """
    figures, marks = masks[:, :1], masks[:, 1:]
    shares = _shades(pictures, _PART_SHADES, 0.2)
    brightness = _energies(opponent_colours(pictures)[:, :1])
    grain = [_log(level[:, 0].mean(1, keepdim=True)) for level in brightness]
    return torch.cat([_part(shares, grain, mask) for mask in (1.0 - figures, figures, marks)], 1)


def _part(shares: tuple[Tensor, Tensor, Tensor], grain: list[Tensor], mask: Tensor) -> Tensor:
    area = mask.mean((1, 2, 3))[:, None]
    there = area / (area + 0.01)
    colours = _joint(shares, avg_pool2d(mask, 2).flatten(1)).sqrt()
    masks = [avg_pool2d(mask, 2**level) if level else mask for level in range(LEVELS)]
    means = [
        (level * weight).sum((2, 3)) / (weight.sum((2, 3)) + 1e-3)
        for level, weight in zip(grain, masks, strict=True)
    ]
    return torch.cat((area.sqrt(), there * colours, there * (torch.cat(means, 1) - math.log(_FLOOR))), 1)


def _log(energies: Tensor) -> Tensor:
    return torch.log(energies + _FLOOR)


def opponent_colours(pictures: Tensor) -> Tensor:
    """Brightness, red against green, yellow against blue; (count, 3, side, side) of the same."""
    red, green, blue = pictures.unbind(1)
    return torch.stack(((red + green + blue) / 3, (red - green) / 2, (red + green - 2 * blue) / 4), 1)


def _filters() -> Tensor:
    """Even and odd filters of each orientation, without a mean; (2 ORIENTATIONS, 1, 9, 9)."""
    line = torch.arange(-4.0, 5.0)
    y, x = torch.meshgrid(line, line, indexing="ij")
    window = torch.exp(-(x * x + y * y) / (2 * 1.7**2))
    made = []
    for index in range(ORIENTATIONS):
        turn = math.pi * index / ORIENTATIONS
        phase = (x * math.cos(turn) + y * math.sin(turn)) * (2 * math.pi / 4.5)
        for wave in (phase.cos(), phase.sin()):
            flat = wave - (wave * window).sum() / window.sum()
            made.append(flat * window / (flat * window).norm())
    return torch.stack(made)[:, None]


_FILTERS = _filters()


def _filtered(fields: Tensor) -> Tensor:
    """Energy by orientation; (count, ORIENTATIONS, side, side) of (count, 1, side, side)."""
    padded = torch.nn.functional.pad(fields, (4, 4, 4, 4), mode="reflect")
    found = conv2d(padded, _FILTERS)
    even, odd = found[:, 0::2], found[:, 1::2]
    return (even.square() + odd.square() + 1e-8).sqrt()


def _energies(opponent: Tensor) -> list[Tensor]:
    """For each level (count, 1 or 3, ORIENTATIONS, side, side), the side halved from one to the next.

    The finest level is of brightness alone: eyes and cameras see colour coarser.
    """
    levels = []
    for level in range(LEVELS):
        seen = opponent[:, :1] if level == 0 else opponent
        energies = _filtered(seen.flatten(0, 1)[:, None])
        levels.append(energies.view(*seen.shape[:2], *energies.shape[1:]))
        opponent = avg_pool2d(opponent, 2)
    return levels


def _histogram(pictures: Tensor) -> Tensor:
    """Square roots of a joint histogram of red, green and blue with soft borders; (count, SHADES cubed)."""
    shares = _shades(pictures, SHADES, 0.12)
    return _joint(shares, torch.ones(shares[0].shape[:2])).sqrt()


def _shades(pictures: Tensor, count: int, width: float) -> tuple[Tensor, Tensor, Tensor]:
    """How much of each shade is in each place, (pictures, places, count), for red, green and blue."""
    shades = torch.linspace(0.0, 1.0, count)
    shares = torch.exp(-(((avg_pool2d(pictures, 2).flatten(2)[..., None] - shades) / width) ** 2))
    red, green, blue = (shares / shares.sum(-1, keepdim=True)).unbind(1)
    return red, green, blue


def _joint(shares: tuple[Tensor, Tensor, Tensor], weights: Tensor) -> Tensor:
    """A joint histogram over places with weights, (pictures, shades cubed), its sum 1 where there are any."""
    red, green, blue = shares
    weighted = red * (weights / (weights.sum(1, keepdim=True) + 1e-3))[..., None]
    joint = torch.einsum("npi,npj->npij", weighted, green).flatten(2)
    return (joint.transpose(1, 2) @ blue).flatten(1)
