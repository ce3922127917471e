"""What the loop asks of a way to train a phase, and what it gets an epoch."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor

from tldesk.trainer.events import Event
from tldesk.trainer.strategies.best_weights import Score
from tldesk.trainer.strategies.learner import CheckResult


@dataclass
class Position:
    """How far the training is: epochs over all phases, the phase, and epochs within it."""

    epoch: int = 0
    phase: int = 0
    phase_epoch: int = 0


@dataclass(frozen=True, slots=True)
class EpochResult:
    """What an epoch came to.

    Attributes:
        train_loss: mean, class weights and smoothing included.
        train_accuracy: [0, 1].
        check: the validation images', None without such.
        learning_rate: of the last step; 0 where nothing is learned in steps.
        strength: of regularisation, None where steps are learned.
        path: how good it is beside the phase's other epochs, larger is better; empty where ``check`` says it.
        weights: what is judged and kept instead of the network's present weights; None for these.
    """

    train_loss: float
    train_accuracy: float
    check: CheckResult | None
    learning_rate: float
    strength: float | None = None
    path: Score = ()
    weights: Mapping[str, Tensor] | None = None


class Way(Protocol):
    """How the epochs of one phase are done.

    Attributes:
        epochs: how many it does at most.
        batch_size: images at a time; None where it does not go in batches.
        trainable: number of parameters that are trained.
        judges: whether it can say which epoch is best without validation images.
    """

    epochs: int
    trainable: int
    judges: bool

    @property
    def batch_size(self) -> int | None:
        """See above."""
        ...

    def epoch(
        self, at: Position, clock: Clock, stop: threading.Event | None
    ) -> Generator[Event, None, EpochResult | None]:
        """The epoch after ``at``; None when it was stopped (it then counts for nothing)."""
        ...

    def state(self) -> dict[str, Any]:
        """What it needs to go on after the last epoch: tensors, numbers and texts."""
        ...

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on from what ``state`` gave; what is not in it begins anew."""
        ...


class Clock:
    """Estimates the time left from the pace of this phase; only the last one knows that nothing follows."""

    def __init__(self, done: float, epochs: int, *, last: bool) -> None:
        self._from = done
        self._epochs = epochs
        self._last = last
        self._began = time.monotonic()

    def seconds_left(self, done: float) -> float | None:
        """``done`` epochs of this phase."""
        if not self._last or done <= self._from:
            return None
        return (time.monotonic() - self._began) / (done - self._from) * (self._epochs - done)
