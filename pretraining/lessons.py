"""What is looked at in each step, and what is to be said of it.

Each step's pieces follow from the seed and the step's number alone, so a training that was cut off goes on to
the same numbers as one that was not, and other processes can prepare steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from pretraining.targets import measured_scale
from pretraining.views import pieces

_SIZES = ((0.0, 64), (0.75, 96), (0.9, 128))
"""From which share of the training on which side in pixels: most is learnt small, where it is quick."""
_DECLINE = 0.5
"""From this share on the rate falls in a straight line to nothing."""
_WARMUP = 200
_TYPICAL = 256


@dataclass(frozen=True, slots=True)
class Plan:
    """What a training is.

    Attributes:
        images: how many pieces of drawings are looked at in all.
        programmes: in a step; twice as many pieces.
        rate: AdamW's largest.
        decay: its weight decay.
        contrast: weight of telling programmes apart, beside the descriptors.
        seed: of weights and pieces.
    """

    images: int = 240_000
    programmes: int = 32
    rate: float = 1.2e-3
    decay: float = 0.02
    contrast: float = 0.1
    seed: int = 0

    @property
    def steps(self) -> int:
        """Steps in all."""
        return max(1, self.images // (2 * self.programmes))

    def side(self, step: int) -> int:
        """Side of the pieces of a step, in pixels."""
        return [side for start, side in _SIZES if step >= start * self.steps][-1]

    def rate_at(self, step: int) -> float:
        """The rate of a step."""
        rising = min(1.0, (step + 1) / min(_WARMUP, max(1, self.steps // 10)))
        return self.rate * rising * min(1.0, (self.steps - step) / ((1.0 - _DECLINE) * self.steps))


class Lessons(Dataset[tuple[Tensor, dict[str, Tensor]]]):
    """By a step's number: pieces (2 programmes, 3, side, side) from 0 to 1, scaled targets by group.

    Args:
        plan: of the training.
        bank: the drawings.
    """

    def __init__(self, plan: Plan, bank: Sequence[np.ndarray]) -> None:
        self._plan, self._bank = plan, bank
        with torch.no_grad():
            self._scale = measured_scale(pieces(bank, _TYPICAL, 64, _generator(plan.seed, 0)))

    def __len__(self) -> int:
        return self._plan.steps

    @torch.no_grad()
    def __getitem__(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        plan = self._plan
        seen = pieces(self._bank, plan.programmes, plan.side(step), _generator(plan.seed, step + 1))
        return seen[:, :3], self._scale.targets(seen)


def _generator(seed: int, number: int) -> torch.Generator:
    mixed = np.random.SeedSequence([seed, number]).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(mixed >> 1))
