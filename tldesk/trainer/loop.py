"""Training as a generator of events. It knows neither a window nor a disk; who listens decides what to do."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from tldesk.base import Problem, ProblemError, derive_seed, plural
from tldesk.base.pace import Pace
from tldesk.dataset import Split
from tldesk.engine.memory import free_memory, is_out_of_memory
from tldesk.model import LINE_ALL
from tldesk.model.build import build_network
from tldesk.model.heads import Head
from tldesk.trainer.best import Best, load_trained_state, score_of, trained_state
from tldesk.trainer.events import (
    BatchFinished,
    EpochFinished,
    Event,
    Finished,
    Notice,
    PhaseStarted,
    Started,
    Stopped,
)
from tldesk.trainer.learner import CheckResult, Learner, checked, class_weights
from tldesk.trainer.material import Material, PhaseMaterial
from tldesk.trainer.plan import Plan
from tldesk.trainer.schedule import learning_rate
from tldesk.trainer.sources import Source

STATE_VERSION = 1


@dataclass
class _Position:
    """How far the training is: epochs over all phases, the phase, and epochs within it."""

    epoch: int = 0
    phase: int = 0
    phase_epoch: int = 0


@dataclass
class _Tally:
    """Sums over an epoch's batches."""

    loss: float = 0.0
    right: int = 0
    count: int = 0
    rate: float = 0.0


class Training:
    """One training of a plan's recipe.

    After the events have ended, ``network`` holds the best weights, in evaluation mode.

    Attributes:
        plan: what is trained.
        network: on the plan's device.
        best: the best weights so far.
    """

    def __init__(self, plan: Plan) -> None:
        recipe = plan.recipe
        self.plan = plan
        self.network = build_network(
            plan.card, len(plan.snapshot.classes), recipe.head, weights=plan.weights(), seed=recipe.seed
        )
        self.network.to(memory_format=torch.channels_last)
        self.network.to(plan.device.name)
        self.best = Best()
        self._material = Material(plan, self.network)
        self._at = _Position()
        self._learner: Learner | None = None
        self._optimizer_state: dict[str, Any] | None = None
        self._batch_size = recipe.batch_size
        self._seconds = 0.0
        self._pace = Pace()

    @property
    def epoch(self) -> int:
        """Epochs finished, over all phases."""
        return self._at.epoch

    @property
    def seconds(self) -> float:
        """Time spent in ``events`` so far, over all interruptions, up to the last finished epoch."""
        return self._seconds

    def events(self, stop: threading.Event | None = None) -> Generator[Event, None, None]:
        """Train to the end, or until ``stop`` is set, which is answered within a batch.

        Ends with ``Finished`` or ``Stopped``. After ``load_state`` it goes on where that state was.

        Raises:
            ProblemError: the pictures cannot be read, the memory does not suffice for a single image, or the
                loss became infinite.
        """
        began = time.monotonic() - self._seconds
        yield self._started()
        if not self.plan.snapshot.of(Split.VALIDATION):
            yield Notice(
                "There are no validation images: the training images themselves decide which epoch is best, "
                "which favours learning by heart."
            )
        while self._at.phase < len(self.plan.recipe.phases):
            whole = yield from self._phase(stop, began)
            if not whole:
                self._take_best()
                yield Stopped(self._at.epoch)
                return
        self._take_best()
        self._seconds = time.monotonic() - began
        yield Finished(self.best.epoch, self._seconds)

    def state(self) -> dict[str, Any]:
        """Everything needed to go on after the last finished epoch: tensors, numbers and texts only."""
        optimizer = self._learner.optimizer.state_dict() if self._learner else self._optimizer_state
        return {
            "version": STATE_VERSION,
            "epoch": self._at.epoch,
            "phase": self._at.phase,
            "phase_epoch": self._at.phase_epoch,
            "batch_size": self._batch_size,
            "seconds": self._seconds,
            "network": trained_state(self.network, self.plan.lowest_line),
            "optimizer": optimizer,
            "best": {"epoch": self.best.epoch, "score": list(self.best.score), "weights": self.best.weights},
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what ``state`` gave, for the same plan.

        Raises:
            ProblemError: it is of another version or another network.
        """
        if state.get("version") != STATE_VERSION:
            raise _misfit("it was written by another version of the program")
        try:
            load_trained_state(self.network, state["network"])
        except (RuntimeError, KeyError) as error:
            raise _misfit("it belongs to another network") from error
        self._at = _Position(state["epoch"], state["phase"], state["phase_epoch"])
        self._batch_size, self._seconds = state["batch_size"], state["seconds"]
        self._optimizer_state = state["optimizer"]
        best = state["best"]
        self.best = Best(best["epoch"], tuple(best["score"]), best["weights"])

    def _started(self) -> Started:
        recipe = self.plan.recipe
        return Started(
            len(recipe.phases),
            recipe.epochs,
            self.plan.snapshot.classes,
            self.plan.device.title,
            self.plan.card.name,
            self._at.epoch + 1,
        )

    def _phase(self, stop: threading.Event | None, began: float) -> Generator[Event, None, bool]:
        """One phase, or what is left of it; False when it was stopped."""
        phase = self.plan.recipe.phases[self._at.phase]
        if self._at.epoch == 0 and not (yield from self._fit_head(stop)):
            return False
        material = yield from self._material.phase(self._at.phase, stop)
        if material is None:
            return False
        self._learner = self._new_learner(material.train)
        first = self._at.epoch - self._at.phase_epoch + 1
        yield PhaseStarted(self._at.phase, phase.freeze, phase.epochs, self._learner.trainable, first)
        clock = _Clock(self._at.phase_epoch, phase.epochs, last=self._is_last_phase)
        while self._at.phase_epoch < phase.epochs and not self._is_patience_over(first):
            finished = yield from self._epoch(material, self._learner, clock, stop)
            if finished is None:
                return False
            self._seconds = time.monotonic() - began
            yield finished
        self._end_phase()
        return True

    def _end_phase(self) -> None:
        """The next phase starts from the best weights so far."""
        self._take_best()
        self._learner = self._optimizer_state = None
        self._at = _Position(self._at.epoch, self._at.phase + 1, 0)

    def _fit_head(self, stop: threading.Event | None) -> Generator[Event, None, bool]:
        """Standardise the head's input by the training images, as the untrained backbone sees them.

        A backbone that starts from nothing is left out: its features will not stay what they are.
        """
        recipe = self.plan.recipe
        if recipe.weights == "random" and recipe.phases[0].freeze != LINE_ALL:
            return True
        vectors = yield from self._material.vectors(Split.TRAIN, stop)
        if vectors is None:
            return False
        if len(vectors.items) > 1:
            head = self.network.head
            assert isinstance(head, Head)
            head.set_statistics(vectors.all())
        return True

    def _new_learner(self, train: Source) -> Learner:
        plan = self.plan
        balanced = plan.recipe.class_balance == "weighted"
        weights = class_weights(train.labels, len(plan.snapshot.classes)) if balanced else None
        learner = Learner(self.network, plan.recipe, self._at.phase, weights, plan.device)
        if self._optimizer_state is not None:
            learner.optimizer.load_state_dict(self._optimizer_state)
            self._optimizer_state = None
        return learner

    def _epoch(
        self, material: PhaseMaterial, learner: Learner, clock: _Clock, stop: threading.Event | None
    ) -> Generator[Event, None, EpochFinished | None]:
        """Learn and check one epoch; None when it was stopped (its steps then count for nothing)."""
        began = time.monotonic()
        tally = yield from self._learn(material.train, learner, clock, stop)
        if tally is None:
            return None
        check = None
        if material.validation is not None:
            check = yield from self._check(material.validation, learner, stop)
            if check is None:
                return None
        train_loss = tally.loss / tally.count
        score = score_of(self.plan.recipe.monitor, check, train_loss)
        epoch = self._at.epoch + 1
        better = self.best.offer(epoch, score, self.network, self.plan.lowest_line)
        self._at.epoch, self._at.phase_epoch = epoch, self._at.phase_epoch + 1
        return EpochFinished(
            epoch,
            self._at.phase,
            train_loss,
            tally.right / tally.count,
            check.loss if check else None,
            check.accuracy if check else None,
            check.balanced_accuracy if check else None,
            tally.rate,
            time.monotonic() - began,
            clock.seconds_left(self._at.phase_epoch),
            better,
        )

    def _learn(
        self, train: Source, learner: Learner, clock: _Clock, stop: threading.Event | None
    ) -> Generator[Event, None, _Tally | None]:
        epoch, tally, total = self._at.epoch + 1, _Tally(), len(train.items)
        phase = self.plan.recipe.phases[self._at.phase]
        shuffle = torch.Generator().manual_seed(derive_seed(self.plan.recipe.seed, "epoch", epoch))
        order: list[int] = torch.randperm(total, generator=shuffle).tolist()
        while tally.count < total:
            if stop is not None and stop.is_set():
                return None
            end = tally.count + _share(total - tally.count, self._batch_size)
            start_at, end_at = (self._at.phase_epoch + count / total for count in (tally.count, end))
            tally.rate = learning_rate(phase, start_at, end_at)
            places = order[tally.count : end]
            try:
                result = learner.step(train, places, epoch=epoch, step=tally.count, rate=tally.rate)
            except (RuntimeError, MemoryError) as error:
                self._refuse_unless_memory(error)
                result = None
            if result is None:
                yield self._smaller_batch()
                continue
            tally.loss += result.loss * result.count
            tally.right += result.right
            tally.count += result.count
            if self._pace.due():
                yield self._batch_finished(tally, total, clock.seconds_left(end_at))
        return tally

    def _check(
        self, validation: Source, learner: Learner, stop: threading.Event | None
    ) -> Generator[Event, None, CheckResult | None]:
        parts: list[torch.Tensor] = []
        done = 0
        while done < len(validation.items):
            if stop is not None and stop.is_set():
                return None
            places = range(done, min(done + 2 * self._batch_size, len(validation.items)))
            try:
                parts.append(learner.logits(validation, places))
                done += len(places)
                continue
            except (RuntimeError, MemoryError) as error:
                self._refuse_unless_memory(error)
            yield self._smaller_batch()
        return checked(torch.cat(parts), validation.labels)

    def _refuse_unless_memory(self, error: RuntimeError | MemoryError) -> None:
        if not is_out_of_memory(error):
            raise error
        if self._batch_size == 1:
            raise ProblemError(
                Problem(
                    "batch_size",
                    "the memory does not suffice for a single image",
                    "Close other programs, choose a smaller input size or backbone, or freeze more stages",
                )
            ) from error

    def _smaller_batch(self) -> Notice:
        self._batch_size //= 2
        free_memory(self.plan.device)
        return Notice(
            f"The memory did not suffice. The batch is {plural(self._batch_size, 'image')} from now on."
        )

    def _batch_finished(self, tally: _Tally, total: int, seconds_left: float | None) -> BatchFinished:
        done = math.ceil(tally.count / self._batch_size)
        left = math.ceil((total - tally.count) / self._batch_size)
        return BatchFinished(self._at.epoch + 1, done, done + left, tally.loss / tally.count, seconds_left)

    def _is_patience_over(self, first: int) -> bool:
        patience = self.plan.recipe.early_stopping
        return bool(patience) and self._at.epoch - max(self.best.epoch, first - 1) >= patience

    @property
    def _is_last_phase(self) -> bool:
        return self._at.phase == len(self.plan.recipe.phases) - 1

    def _take_best(self) -> None:
        if self.best.epoch:
            load_trained_state(self.network, self.best.weights)
        self.network.eval()


class _Clock:
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


def train(plan: Plan, stop: threading.Event | None = None) -> Iterator[Event]:
    """Train a plan from its beginning; nothing is kept but the events."""
    return Training(plan).events(stop)


def _share(left: int, most: int) -> int:
    """The next batch's size, so that the batches to come are about equal and none is a lonely image."""
    return math.ceil(left / math.ceil(left / most))


def _misfit(what: str) -> ProblemError:
    return ProblemError(
        Problem(
            "checkpoint", f"the training cannot go on from it: {what}", "Start a new run with the same recipe"
        )
    )
