"""Trains a phase by gradient steps: batch after batch, then a pass over the validation images."""

from __future__ import annotations

import math
import threading
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from tldesk.base import Problem, ProblemError, derive_seed, plural
from tldesk.base.throttle import Throttle
from tldesk.engine.free_memory import free_bytes, usual_bytes
from tldesk.engine.out_of_memory import free_memory, is_out_of_memory
from tldesk.model.build import Network
from tldesk.trainer.data.batches import BatchSource
from tldesk.trainer.data.phase_data import PhaseData
from tldesk.trainer.events import BatchFinished, Event, Notice
from tldesk.trainer.plan import Plan
from tldesk.trainer.strategies.averaging import RunningMean
from tldesk.trainer.strategies.batch_size import BatchSize, batch_that_fits
from tldesk.trainer.strategies.best_weights import load_trained_state, trained_state
from tldesk.trainer.strategies.learner import Learner, ValidationResult, class_weights, validation_result
from tldesk.trainer.strategies.schedule import learning_rate
from tldesk.trainer.strategies.strategy import EpochPosition, EpochResult, PhaseClock


@dataclass
class _Tally:
    """Running sums over the batches of an epoch."""

    loss: float = 0.0
    right: float = 0.0
    count: int = 0
    rate: float = 0.0


class GradientSteps:
    """Trains a phase by gradient steps; its epochs are compared on the validation images."""

    judges = False

    def __init__(
        self,
        plan: Plan,
        network: Network,
        phase: int,
        data: PhaseData,
        *,
        batch: BatchSize,
        pace: Throttle,
    ) -> None:
        recipe = plan.recipe
        balanced = recipe.class_balance == "weighted"
        weights = class_weights(data.train.labels, len(plan.snapshot.classes)) if balanced else None
        self._plan = plan
        self._network = network
        self._phase = recipe.phases[phase]
        self._data = data
        self._batch = batch
        self._pace = pace
        self._learner = Learner(network, recipe, phase, weights, plan.device)
        self._mean = RunningMean()
        last = phase == len(recipe.phases) - 1
        self._mean_from = self._phase.epochs - recipe.average_last if last else self._phase.epochs
        self.epochs = self._phase.epochs
        self.trainable = self._learner.trainable

    @property
    def batch_size(self) -> int:
        """See ``TrainingStrategy``."""
        return self._batch.size

    def choose_batch(self) -> Notice:
        """Choose the batch size by the device's memory, and return a notice of it.

        What other programs hold counts only if they leave too little, so that on one computer the same recipe
        usually gets the same batch size, and with it the same numbers.
        """
        train, device = self._data.train, self._plan.device
        images, usual = len(train.items), 1
        try:
            two, four = (self._learner.kept_bytes(train, [0] * count) for count in (2, 4))
            each = (four - two) / 2
            usual = batch_that_fits(each, usual_bytes(device), images)
            self._batch.size = min(usual, _most_now(each, free_bytes(device), images))
        except (RuntimeError, MemoryError) as error:
            self._refuse_unless_memory(error, images=2)
            self._batch.size = 1
        less = ""
        if self._batch.size < usual:
            less = f" Other programs hold memory; without them it would be {usual:,}, with other results."
        return Notice(
            f"The batch is {plural(self._batch.size, 'image')}: what the memory and "
            f"{plural(images, 'training image')} allow.{less}"
        )

    def epoch(
        self, at: EpochPosition, clock: PhaseClock, stop: threading.Event | None
    ) -> Generator[Event, None, EpochResult | None]:
        """Train on every training image once and validate; None if it was stopped."""
        tally = yield from self._learn(at, clock, stop)
        if tally is None:
            return None
        averages = at.phase_epoch >= self._mean_from
        check = yield from (self._check_mean(stop) if averages else self._check(stop))
        if check is None and self._data.validation is not None:
            return None
        weights = self._mean.weights or None
        loss, accuracy = tally.loss / tally.count, tally.right / tally.count
        return EpochResult(loss, accuracy, check, tally.rate, weights=weights)

    def state(self) -> dict[str, Any]:
        """Return the state of the optimiser and the mean of the last epochs' weights."""
        return {"optimizer": self._learner.optimizer.state_dict(), "average": self._mean.state()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Restore a state returned by ``state``."""
        if state.get("optimizer") is not None:
            self._learner.optimizer.load_state_dict(state["optimizer"])
        if state.get("average") is not None:
            self._mean = RunningMean.of(state["average"])

    def _learn(
        self, at: EpochPosition, clock: PhaseClock, stop: threading.Event | None
    ) -> Generator[Event, None, _Tally | None]:
        train, seed = self._data.train, self._plan.recipe.seed
        epoch, tally, total = at.epoch + 1, _Tally(), len(train.items)
        shuffle = torch.Generator().manual_seed(derive_seed(seed, "epoch", epoch))
        order: list[int] = torch.randperm(total, generator=shuffle).tolist()
        while tally.count < total:
            if stop is not None and stop.is_set():
                return None
            end = tally.count + _share(total - tally.count, self._batch.size)
            start_at, end_at = (at.phase_epoch + count / total for count in (tally.count, end))
            tally.rate = learning_rate(self._phase, start_at, end_at)
            places = order[tally.count : end]
            try:
                result = self._learner.step(train, places, epoch=epoch, step=tally.count, rate=tally.rate)
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
                yield self._batch_finished(epoch, tally, total, clock.seconds_left(end_at))
        return tally

    def _check_mean(self, stop: threading.Event | None) -> Generator[Event, None, ValidationResult | None]:
        """Add the current weights to the mean and validate the mean; the network keeps its own weights."""
        own, before = trained_state(self._network, self._plan.lowest_line), self._mean.state()
        self._mean.add(own)
        load_trained_state(self._network, self._mean.weights)
        try:
            check = yield from self._check(stop)
        finally:
            load_trained_state(self._network, own)
        if check is None and self._data.validation is not None:
            self._mean = RunningMean.of(before)
        return check

    def _check(self, stop: threading.Event | None) -> Generator[Event, None, ValidationResult | None]:
        """Validate; None without validation images or if it was stopped."""
        validation = self._data.validation
        if validation is None:
            return None
        parts: list[torch.Tensor] = []
        done = 0
        while done < len(validation.items):
            if stop is not None and stop.is_set():
                return None
            places = range(done, min(done + 2 * self._batch.size, len(validation.items)))
            logits = self._logits(validation, places)
            if logits is None:
                yield self._smaller_batch()
            else:
                parts.append(logits)
                done += len(places)
        return validation_result(torch.cat(parts), validation.labels)

    def _logits(self, source: BatchSource, places: range) -> torch.Tensor | None:
        """Compute logits; None if there is not enough memory for this many images."""
        try:
            return self._learner.logits(source, places)
        except (RuntimeError, MemoryError) as error:
            self._refuse_unless_memory(error)
            return None

    def _refuse_unless_memory(self, error: RuntimeError | MemoryError, images: int = 0) -> None:
        if not is_out_of_memory(error):
            raise error
        if (images or self._batch.size) == 1:
            raise ProblemError(
                Problem(
                    "batch_size",
                    "memory is not enough for a single image",
                    "Close other programs, choose a smaller input size or backbone, or freeze more stages",
                )
            ) from error

    def _smaller_batch(self) -> Notice:
        self._batch.size //= 2
        free_memory(self._plan.device)
        return Notice(f"Memory ran out. The batch is {plural(self._batch.size, 'image')} from now on.")

    def _batch_finished(
        self, epoch: int, tally: _Tally, total: int, seconds_left: float | None
    ) -> BatchFinished:
        done = math.ceil(tally.count / self._batch.size)
        left = math.ceil((total - tally.count) / self._batch.size)
        return BatchFinished(epoch, done, done + left, tally.loss / tally.count, seconds_left)


def _share(left: int, most: int) -> int:
    """Return the size of the next batch.

    The remaining batches are about equal, and none has a single image.
    """
    return math.ceil(left / math.ceil(left / most))


def _most_now(bytes_an_image: float, free: int | None, images: int) -> int:
    # Twice as much as is free: the usual size is chosen to use half of what it expects.
    return batch_that_fits(bytes_an_image, None if free is None else 2 * free, images)
