"""Descriptors as targets: of like size, and with a weight for each group."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, mse_loss

from pretraining.descriptors import PARTS_WIDTH, descriptors, opponent_colours, part_descriptors
from pretraining.surrounds import CONTRASTS_WIDTH, SPOTS_WIDTH, contrasts, spots
from pretraining.views import smaller

SIDE = 64
"""Descriptors are taken at this size, however large the network's pictures are; those of places and their
surrounds at the pictures' own, since the smallest spots are gone in a smaller one."""
WIDTHS = MappingProxyType(
    {
        "histogram": 216,
        "colours": 48,
        "means": 60,
        "spreads": 60,
        "places": 384,
        "parts": PARTS_WIDTH,
        "spots": SPOTS_WIDTH,
        "contrasts": CONTRASTS_WIDTH,
    }
)
WEIGHTS = MappingProxyType(
    {
        "histogram": 1.5,
        "colours": 0.5,
        "means": 0.75,
        "spreads": 1.0,
        "places": 1.5,
        "parts": 0.75,
        "spots": 1.5,
        "contrasts": 1.5,
    }
)
_TEMPERATURE = 0.2


@dataclass(frozen=True, slots=True)
class Scale:
    """What is subtracted from each number of a group and by what it is divided."""

    means: dict[str, Tensor]
    deviations: dict[str, Tensor]

    def targets(self, seen: Tensor) -> dict[str, Tensor]:
        """Descriptors of pictures and masks (count, 5, any, any), scaled; (count, width) for each group."""
        found = _found(seen)
        return {name: (found[name] - self.means[name]) / self.deviations[name] for name in WIDTHS}


def measured_scale(seen: Tensor) -> Scale:
    """The scale of typical pictures; a number that hardly ever moves is not blown up to others' size."""
    found = _found(seen)
    deviations = {name: values.std(0) for name, values in found.items()}
    return Scale(
        {name: values.mean(0) for name, values in found.items()},
        {name: values + 0.25 * values.mean() for name, values in deviations.items()},
    )


def _found(seen: Tensor) -> dict[str, Tensor]:
    small = smaller(seen, SIDE)
    pictures = small[:, :3]
    opponent = opponent_colours(seen[:, :3])
    return descriptors(pictures) | {
        "parts": part_descriptors(pictures, small[:, 3:]),
        "spots": spots(opponent),
        "contrasts": contrasts(opponent),
    }


def misses(predicted: dict[str, Tensor], wanted: dict[str, Tensor]) -> dict[str, Tensor]:
    """Mean squared difference of each group; 1 is about what knowing nothing gives."""
    return {name: mse_loss(predicted[name], wanted[name]) for name in WIDTHS}


def confusion(embedded: Tensor) -> Tensor:
    """How badly each drawing finds the other one of its programme among all others of the batch.

    The normalised temperature-scaled cross entropy of Chen et al. 2020, "A simple framework for contrastive
    learning of visual representations".

    Args:
        embedded: (2 count, any) of length 1, the second half in the order of the first.
    """
    count = len(embedded)
    alike = (embedded @ embedded.T / _TEMPERATURE).masked_fill(torch.eye(count, dtype=torch.bool), -1e9)
    return cross_entropy(alike, torch.arange(count).roll(count // 2))
