"""The interface between the training loop and the strategies that train a phase; the result of an epoch."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor

from tldesk.trainer.events import Event
from tldesk.trainer.strategies.best_weights import Score
from tldesk.trainer.strategies.learner import ValidationResult


@dataclass
class EpochPosition:
    """How far the training is: epochs over all phases, the phase, and epochs within the phase."""

    epoch: int = 0
    phase: int = 0
    phase_epoch: int = 0


@dataclass(frozen=True, slots=True)
class EpochResult:
    """The result of one epoch.

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
    check: ValidationResult | None
    learning_rate: float
    strength: float | None = None
    path: Score = ()
    weights: Mapping[str, Tensor] | None = None


class TrainingStrategy(Protocol):
    """How the epochs of one phase are trained.

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
        self, at: EpochPosition, clock: PhaseClock, stop: threading.Event | None
    ) -> Generator[Event, None, EpochResult | None]:
        """Train the epoch after ``at``; None when it was stopped (it then does not count)."""
        ...

    def state(self) -> dict[str, Any]:
        """What is needed to resume after the last epoch: tensors, numbers and strings."""
        ...

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Resume from what ``state`` gave; what is missing from it starts over."""
        ...


class PhaseClock:
    """Estimates the time left from the pace of this phase; only in the last phase is the whole rest known."""

    def __init__(self, done: float, epochs: int, *, last: bool) -> None:
        self._from = done
        self._epochs = epochs
        self._last = last
        self._began = time.monotonic()

    def seconds_left(self, done: float) -> float | None:
        """The time left after ``done`` epochs of this phase, in seconds; None if it is not known."""
        if not self._last or done <= self._from:
            return None
        return (time.monotonic() - self._began) / (done - self._from) * (self._epochs - done)
