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
    """The current position: epochs over all phases, the phase, and epochs within the phase."""

    epoch: int = 0
    phase: int = 0
    phase_epoch: int = 0


@dataclass(frozen=True, slots=True)
class EpochResult:
    """The result of one epoch.

    Attributes:
        train_loss: mean, with class weights and label smoothing.
        train_accuracy: [0, 1].
        check: result on the validation images; None if there are none.
        learning_rate: rate of the last step; 0 if the phase is not trained in steps.
        strength: regularisation strength; None if trained in steps.
        path: score compared with the phase's other epochs, larger is better; empty if ``check`` decides.
        weights: weights to score and keep instead of the network's current ones; None for the current ones.
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
        epochs: maximum number of epochs.
        batch_size: images per batch; None if the phase is not trained in batches.
        trainable: number of trainable parameters.
        judges: whether it can determine the best epoch without validation images.
    """

    epochs: int
    trainable: int
    judges: bool

    @property
    def batch_size(self) -> int | None:
        """See the attributes above."""
        ...

    def epoch(
        self, at: EpochPosition, clock: PhaseClock, stop: threading.Event | None
    ) -> Generator[Event, None, EpochResult | None]:
        """Train the epoch after ``at``; None if it was stopped (it then does not count)."""
        ...

    def state(self) -> dict[str, Any]:
        """Return what is needed to resume after the last epoch: tensors, numbers and strings."""
        ...

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Restore a state returned by ``state``; missing parts start over."""
        ...


class PhaseClock:
    """Estimates the time left from the pace of this phase; an estimate is possible only in the last phase."""

    def __init__(self, done: float, epochs: int, *, last: bool) -> None:
        self._from = done
        self._epochs = epochs
        self._last = last
        self._began = time.monotonic()

    def seconds_left(self, done: float) -> float | None:
        """Return the seconds left after ``done`` epochs of this phase; None if unknown."""
        if not self._last or done <= self._from:
            return None
        return (time.monotonic() - self._began) / (done - self._from) * (self._epochs - done)
