"""A sanity check of saliency maps.

It makes two tests with the network itself: whether hiding the marked area lowers the probability more than
hiding an equal area elsewhere (the deletion test of Petsiuk et al. 2018, "RISE"), and whether the map changes
when the head's weights are randomised (Adebayo et al. 2018, "Sanity checks for saliency maps").
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as nnf
from numpy.typing import NDArray
from torch import Tensor, nn

from tldesk.base import percent

SHARE = 0.2
"""Fraction of the picture that is hidden."""
PLACES = 8
"""Number of random positions with which the marked area is compared."""
HEADS = 3
"""Number of randomised heads with which the map is compared."""
SAME = 0.9
"""A map counts as unchanged if the mean correlation is at least this."""


@dataclass(frozen=True, slots=True)
class SaliencyCheck:
    """The result of both tests.

    Attributes:
        passed: whether the map can be trusted.
        marked_drop: decrease of the class's probability when the marked fifth of the picture is hidden.
        random_drop: decrease when an equal area elsewhere is hidden, mean over several positions.
        correlation: -1..1, mean correlation of the map with those of randomised heads; near 1, the map
            depends on the picture only and not on the trained weights.
        text: the result in plain words.
    """

    passed: bool
    marked_drop: float
    random_drop: float
    correlation: float
    text: str


def check(
    probability: Callable[[Tensor], Tensor],
    pixels: Tensor,
    marks: NDArray[np.float32],
    random_maps: list[NDArray[np.float32]],
    *,
    class_name: str,
    seed: int = 0,
) -> SaliencyCheck:
    """Run both tests.

    Args:
        probability: returns the class's probability, (n,), for pictures (n, 3, S, S) uint8.
        pixels: (1, 3, S, S) uint8, the network's input.
        marks: (h, w), the map to check.
        random_maps: maps of the same picture made with randomised heads.
        class_name: the class name, for the text.
        seed: seed of the random positions.
    """
    correlation = float(np.mean([_correlation(marks, other) for other in random_maps] or [0.0]))
    if float(marks.max(initial=0.0)) <= 0:
        text = f"The map is empty: no part of the picture speaks for {class_name} alone."
        return SaliencyCheck(False, 0.0, 0.0, correlation, text)
    before, marked, elsewhere = _probabilities(probability, pixels, marks, seed)
    passed = marked < min(before, elsewhere) and correlation < SAME
    text = _words(class_name, before, marked, elsewhere, correlation)
    return SaliencyCheck(passed, before - marked, before - elsewhere, correlation, text)


def randomised(head: nn.Module, seed: int) -> nn.Module:
    """Return a copy of the head with random weights of the same standard deviation."""
    other = copy.deepcopy(head)
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weights in other.parameters():
            spread = weights.std(correction=0).item() or 0.01
            weights.copy_(torch.randn(weights.shape, generator=random) * spread)
    return other


def _probabilities(
    probability: Callable[[Tensor], Tensor], pixels: Tensor, marks: NDArray[np.float32], seed: int
) -> tuple[float, float, float]:
    """Return the probability with nothing hidden, with the marked area hidden, and with others hidden."""
    marked = marked_part(marks, pixels.shape[-1])
    masks = torch.stack([torch.zeros_like(marked), marked, *_elsewhere(marked, seed)])[:, None]
    values = probability(torch.where(masks, _blurred(pixels), pixels)).double().cpu()
    return values[0].item(), values[1].item(), values[2:].mean().item()


def marked_part(marks: NDArray[np.float32], side: int) -> Tensor:
    """Return a mask (side, side) bool of the fifth of the map with the highest values."""
    whole = nnf.interpolate(torch.from_numpy(marks)[None, None], (side, side), mode="bilinear")[0, 0]
    count = round(SHARE * side * side)
    chosen = torch.zeros(side * side, dtype=torch.bool)
    chosen[whole.flatten().topk(count).indices] = True
    return chosen.reshape(side, side)


def _elsewhere(mask: Tensor, seed: int) -> list[Tensor]:
    """Return the mask moved to random positions, wrapping at the edges: equal area, similar shape."""
    random = np.random.default_rng(seed)
    side = mask.shape[0]
    moves = random.integers(0, side, (PLACES, 2)).tolist()
    return [torch.roll(mask, (down, right), dims=(0, 1)) for down, right in moves]


def _blurred(pixels: Tensor) -> Tensor:
    """Return the picture blurred to 8 x 8 cells: same colours, but no edges and no texture."""
    coarse = nnf.adaptive_avg_pool2d(pixels.float(), 8)
    return nnf.interpolate(coarse, pixels.shape[-2:], mode="bilinear").round().to(torch.uint8)


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return Pearson's correlation; 0 if one of the maps is constant."""
    if one.std() == 0 or other.std() == 0:
        return 0.0
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def _words(class_name: str, before: float, marked: float, elsewhere: float, correlation: float) -> str:
    facts = (
        f"Hiding what is marked takes {class_name} from {percent(before)} to {percent(marked)}; "
        f"hiding as much elsewhere, to {percent(elsewhere)}."
    )
    if correlation >= SAME:
        return (
            f"{facts} The map looks the same without what was learnt: it shows the picture, not the reason."
        )
    if marked >= before:
        return f"{facts} Hiding it does not make the answer less sure: do not rely on this map."
    if marked >= elsewhere:
        return f"{facts} What is marked matters no more than the rest: do not rely on this map."
    return facts
