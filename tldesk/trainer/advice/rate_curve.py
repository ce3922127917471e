"""The loss curve of a learning-rate range test, and the rate it suggests. Loads no torch.

Sources: L. N. Smith, "Cyclical learning rates for training neural networks", WACV 2017 (the test: the rate
grows from step to step while the loss is recorded). The suggestion is the "valley" method of fastai's
documentation (``fastai.callback.schedule.valley``, developed at Esri): a point about the middle of the
longest decreasing subsequence of the losses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SMOOTHING = 0.98
"""Weight of the previous value in the smoothed loss, as in fastai."""

_FEWEST = 12  # number of points below which a valley is meaningless
_LEAST_FALL = 0.01  # share of the loss by which it must fall somewhere


@dataclass(frozen=True)
class RateCurve:
    """The recorded result of the test.

    Attributes:
        phase: index of the recipe's phase.
        rates: learning rates tried, ascending.
        losses: loss of each step's batch; may have fewer entries than planned steps.
        smoothed: exponential moving average of the losses, bias corrected.
        steps: number of steps planned.
        exploded: whether the loss exceeded four times its minimum or became NaN or infinite.
    """

    phase: int
    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    steps: int
    exploded: bool

    @property
    def suggestion(self) -> float | None:
        """The suggested rate, rounded to two digits.

        None if the loss hardly fell or there were too few steps.

        The first tenth (where the average has not settled) and the last five points are ignored.
        """
        first, last = self.steps // 10, len(self.rates) - 5
        rates, losses = self.rates[first:last], self.smoothed[first:last]
        if len(rates) < _FEWEST or min(losses) > max(losses[0], 0.0) * (1 - _LEAST_FALL):
            return None
        return float(f"{valley(rates, losses):.1e}")


def smooth(losses: Sequence[float]) -> list[float]:
    """Return the exponential moving average up to each loss, corrected for its start at zero."""
    mean, found = 0.0, []
    for number, loss in enumerate(losses, start=1):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        found.append(mean / (1 - SMOOTHING**number))
    return found


def valley(rates: Sequence[float], losses: Sequence[float]) -> float:
    """Return the rate in the middle of the longest valley of the losses.

    Both sequences have the same length, at least 1.
    """
    lengths = [1] * len(losses)
    for at, loss in enumerate(losses):
        before = [lengths[i] for i in range(at) if losses[i] > loss]
        lengths[at] = 1 + max(before, default=0)
    end = max(range(len(lengths)), key=lambda at: (lengths[at], -at))
    start = end - lengths[end]
    third = (end - start) / 3
    return rates[max(0, start + int(third) + int(third / 2))]
