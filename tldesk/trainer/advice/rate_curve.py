"""The loss curve of a learning-rate range test, and the rate it suggests. Loads no torch.

Sources: L. N. Smith, "Cyclical learning rates for training neural networks", WACV 2017 (the test: the rate
grows from step to step, and the loss is watched); the suggestion is "valley" of fastai's documentation
(``fastai.callback.schedule.valley``, developed at Esri): of the longest run of ever smaller losses, points in
between left out, about the middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SMOOTHING = 0.98
"""Share of the past in the smoothed loss, as fastai has it."""

_FEWEST = 12  # points between which a valley means anything
_LEAST_FALL = 0.01  # share of the loss by which it must fall somewhere


@dataclass(frozen=True)
class RateCurve:
    """What the test saw.

    Attributes:
        phase: index of the recipe's phase.
        rates: tried, growing.
        losses: of each step's batch; may end earlier than planned.
        smoothed: exponential mean of the losses, bias corrected.
        steps: that were planned.
        exploded: whether the loss grew beyond four times its least, or was no number any more.
    """

    phase: int
    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    steps: int
    exploded: bool

    @property
    def suggestion(self) -> float | None:
        """The rate to begin with, rounded to two digits; None where the loss hardly fell, or after few steps.

        The first tenth (the mean is not settled there) and the last five points are left out.
        """
        first, last = self.steps // 10, len(self.rates) - 5
        rates, losses = self.rates[first:last], self.smoothed[first:last]
        if len(rates) < _FEWEST or min(losses) > max(losses[0], 0.0) * (1 - _LEAST_FALL):
            return None
        return float(f"{valley(rates, losses):.1e}")


def smooth(losses: Sequence[float]) -> list[float]:
    """The exponential mean up to each loss, corrected for its beginning at nothing."""
    mean, found = 0.0, []
    for number, loss in enumerate(losses, start=1):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        found.append(mean / (1 - SMOOTHING**number))
    return found


def valley(rates: Sequence[float], losses: Sequence[float]) -> float:
    """The rate in the middle of the longest valley of these losses; both of one length, at least 1."""
    lengths = [1] * len(losses)
    for at, loss in enumerate(losses):
        before = [lengths[i] for i in range(at) if losses[i] > loss]
        lengths[at] = 1 + max(before, default=0)
    end = max(range(len(lengths)), key=lambda at: (lengths[at], -at))
    start = end - lengths[end]
    third = (end - start) / 3
    return rates[max(0, start + int(third) + int(third / 2))]
