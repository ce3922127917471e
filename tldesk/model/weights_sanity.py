"""Sanity checks of imported weights: different drawn pictures must give different features; were they trained
at all.
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
"""Of the features' own size. ImageNet's weights reach 0.8, first numbers before any training 0.3 to 0.9,
shuffled ones 0.2; weights of which only biases are left, or without the statistics of their batch norms, less
than 1e-6."""

_TRAINED = 1e-3
"""Every way of drawing first numbers begins biases at 0, or within a millionth of it (ViT, Swin)."""


def refuse_lifeless(card: Card, tensors: Mapping[str, Tensor], where: str) -> None:
    """Raise ProblemError if the features of drawn pictures are zero, not finite, or all alike."""
    spread = feature_spread(card, tensors)
    if spread > _LEAST:
        return
    seen = "gives no numbers" if math.isnan(spread) else "says the same of every picture"
    what = f"{card.title} with these weights {seen}: they are empty or ruined"
    raise ProblemError(Problem(where, what, "Get the file again, or another one, and import that"))


def untrained_note(card: Card, tensors: Mapping[str, Tensor]) -> str | None:
    """A note that all biases are as before any training; None if they are not, or there are none."""
    biases = [one for name, one in tensors.items() if name.endswith("bias") and not is_ignored(card, name)]
    if not biases or any(float(one.abs().max()) > _TRAINED for one in biases):
        return None
    return "Nobody seems to have trained these weights: their numbers are those that a network begins with"


def feature_spread(card: Card, tensors: Mapping[str, Tensor]) -> float:
    """How much the features of the drawn pictures differ, against their size; NaN if some are not finite.

    The root mean square of each feature's deviation from its mean over the pictures, divided by that of all
    features; 0 where all are 0.

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
    """Stripes, rings, a ramp in colours and a chequerboard, (4, 3, size, size) float32, about -2..2."""
    across = torch.linspace(-1, 1, size).expand(size, size)
    down = across.T
    grey = [torch.sin(20 * across), torch.cos(15 * (across.square() + down.square())), across]
    pictures = [torch.stack([one, one, one]) for one in grey]
    pictures[2] = torch.stack([across, down, -across])
    pictures.append(torch.sign(torch.sin(12 * across) * torch.sin(12 * down)).expand(3, size, size))
    return 2 * torch.stack(pictures)
