"""Sanity checks of imported weights: different pictures must give different features, and the weights should
have been trained.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from tldesk.base import Problem, ProblemError
from tldesk.model.build import build_network
from tldesk.model.card_types import Card
from tldesk.model.tensor_names import is_ignored
from tldesk.recipe import HeadSpec

_LEAST = 1e-4
"""The smallest accepted ``feature_spread``. ImageNet weights reach 0.8, untrained random weights 0.3 to 0.9,
shuffled weights 0.2; weights with nothing but biases, or without batch-norm statistics, less than 1e-6."""

_TRAINED = 1e-3
"""A larger bias shows that weights were trained: every initialisation sets biases to 0, or to within 1e-6 of
it (ViT, Swin)."""


def refuse_lifeless(card: Card, tensors: Mapping[str, Tensor], where: str) -> None:
    """Raise a ProblemError if the features of the synthetic pictures are zero, not finite, or all equal."""
    spread = feature_spread(card, tensors)
    if spread > _LEAST:
        return
    seen = "gives no numbers" if math.isnan(spread) else "says the same of every picture"
    what = f"{card.title} with these weights {seen}: they are empty or ruined"
    raise ProblemError(Problem(where, what, "Get the file again, or another one, and import that"))


def untrained_note(card: Card, tensors: Mapping[str, Tensor]) -> str | None:
    """Return a note if all biases have their initial values (untrained weights); None otherwise."""
    biases = [one for name, one in tensors.items() if name.endswith("bias") and not is_ignored(card, name)]
    if not biases or any(float(one.abs().max()) > _TRAINED for one in biases):
        return None
    return "Nobody seems to have trained these weights: their numbers are those that a network begins with"


def feature_spread(card: Card, tensors: Mapping[str, Tensor]) -> float:
    """Return how much the features of synthetic pictures differ relative to their size; NaN if not finite.

    It is the root mean square of the features' deviations from their means over the pictures, divided by the
    root mean square of the features; 0 if all features are 0.

    Args:
        card: the backbone.
        tensors: its weights under its library's names.
    """
    network = build_network(card, 2, HeadSpec(), weights=tensors, seed=0)
    with torch.inference_mode():
        features = network.trunk("all")(drawn_pictures(card.input_size)).flatten(1).double()
    size = features.square().mean().sqrt()
    apart = (features - features.mean(0)).square().mean().sqrt()
    return 0.0 if float(size) == 0 else float(apart / size)


def drawn_pictures(size: int) -> Tensor:
    """Return stripes, rings, a colour ramp and a chequerboard: (4, 3, size, size) float32, about -2..2."""
    across = torch.linspace(-1, 1, size).expand(size, size)
    down = across.T
    grey = [torch.sin(20 * across), torch.cos(15 * (across.square() + down.square())), across]
    pictures = [torch.stack([one, one, one]) for one in grey]
    pictures[2] = torch.stack([across, down, -across])
    pictures.append(torch.sign(torch.sin(12 * across) * torch.sin(12 * down)).expand(3, size, size))
    return 2 * torch.stack(pictures)
