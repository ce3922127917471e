"""Training as a generator of events. It knows neither a window nor a disk; who listens decides what to do."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator, Mapping
from typing import Any

import torch

from tldesk.base import Problem, ProblemError
from tldesk.base.throttle import Pace
from tldesk.dataset import Split
from tldesk.engine.out_of_memory import free_memory, is_out_of_memory
from tldesk.engine.work_done import Work
from tldesk.model import LINE_ALL
from tldesk.model.build import build_network
from tldesk.model.heads import Head
from tldesk.trainer.data.phase_data import Material, PhaseMaterial
from tldesk.trainer.events import EpochFinished, Event, Finished, Notice, PhaseStarted, Started, Stopped
from tldesk.trainer.plan import Plan
from tldesk.trainer.strategies.batch_size import BatchSize
from tldesk.trainer.strategies.best_weights import Best, load_trained_state, score_of, trained_state
from tldesk.trainer.strategies.gradient_steps import Steps
from tldesk.trainer.strategies.nearest_neighbours import Lookup
from tldesk.trainer.strategies.regularisation_path import StrengthPath, is_solvable
from tldesk.trainer.strategies.strategy import Clock, EpochResult, Position, Way

STATE_VERSION = 1
# What ways keep in the state; a state of before there were several has only the first.
_OF_WAYS = ("optimizer", "average", "path")


class Training:
    """One training of a plan's recipe.

    After the events have ended, ``network`` holds the best weights, in evaluation mode.

    Attributes:
        plan: what is trained.
        network: on the plan's device.
        best: the best weights so far.
        material: where the phases' images come from.
    """

    def __init__(self, plan: Plan) -> None:
        recipe = plan.recipe
        self.plan = plan
        self.network = build_network(
            plan.card,
            len(plan.snapshot.classes),
            recipe.head,
            weights=plan.weights(),
            seed=recipe.seed,
            table=plan.table,
        )
        self.network.to(memory_format=torch.channels_last)
        self.network.to(plan.device.name)
        self.best = Best()
        self.material = Material(plan, self.network)
        self._at = Position()
        self._way: Way | None = None
        self._way_state: Mapping[str, Any] = {}
        self._batch = BatchSize.of(recipe)
        self._told_unjudged = False
        self._seconds = 0.0
        self._pace = Pace()

    @property
    def epoch(self) -> int:
        """Epochs finished, over all phases."""
        return self._at.epoch

    @property
    def work(self) -> Work:
        """How many pictures were decoded and went through a frozen trunk, because no cache held them."""
        return self.material.work

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
        return {
            **(self._way.state() if self._way else self._way_state),
            "version": STATE_VERSION,
            "epoch": self._at.epoch,
            "phase": self._at.phase,
            "phase_epoch": self._at.phase_epoch,
            "batch_size": self._batch.size,
            "seconds": self._seconds,
            "network": trained_state(self.network, self.plan.lowest_line),
            "best": self.best.state(),
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
        self._at = Position(state["epoch"], state["phase"], state["phase_epoch"])
        self._batch.size, self._seconds = state["batch_size"], state["seconds"]
        self._way_state = {name: state[name] for name in _OF_WAYS if name in state}
        self.best = Best.of(state["best"])

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
        material = yield from self.material.phase(self._at.phase, stop)
        if material is None:
            return False
        way = self._way = yield from self._chosen_way(material)
        way.load_state(self._way_state)
        if material.validation is None and not way.judges:
            yield from self._tell_unjudged()
        first = self._at.epoch - self._at.phase_epoch + 1
        yield PhaseStarted(self._at.phase, phase.freeze, way.epochs, way.trainable, first, way.batch_size)
        clock = Clock(self._at.phase_epoch, way.epochs, last=self._is_last_phase)
        while self._at.phase_epoch < way.epochs and not self._is_patience_over(first):
            finished = yield from self._epoch(way, clock, stop)
            if finished is None:
                return False
            self._seconds = time.monotonic() - began
            yield finished
        self._end_phase()
        return True

    def _chosen_way(self, material: PhaseMaterial) -> Generator[Event, None, Way]:
        plan, phase = self.plan, self._at.phase
        if plan.recipe.head.kind == "knn":
            return Lookup(plan, self.network, material)
        if is_solvable(plan, phase, len(material.train.items)):
            try:
                return StrengthPath(plan, self.network, phase, material)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
            free_memory(plan.device)
            yield Notice("The memory did not suffice to solve the head, so it is trained in steps.")
        steps = Steps(plan, self.network, phase, material, batch=self._batch, pace=self._pace)
        if not self._batch.size:
            yield steps.choose_batch()
        return steps

    def _tell_unjudged(self) -> Iterator[Notice]:
        if not self._told_unjudged:
            self._told_unjudged = True
            yield Notice(
                "There are no validation images: the training images themselves decide which epoch is best, "
                "which favours learning by heart."
            )

    def _end_phase(self) -> None:
        """The next phase starts from the best weights so far."""
        self._take_best()
        self.best.begin_phase()
        self._way, self._way_state = None, {}
        self._at = Position(self._at.epoch, self._at.phase + 1, 0)

    def _fit_head(self, stop: threading.Event | None) -> Generator[Event, None, bool]:
        """Standardise the head's input by the training images, as the untrained backbone sees them.

        A backbone that starts from nothing is left out: its features will not stay what they are.
        """
        recipe = self.plan.recipe
        if recipe.weights == "random" and recipe.phases[0].freeze != LINE_ALL:
            return True
        vectors = yield from self.material.vectors(self.plan.snapshot.of(Split.TRAIN), stop)
        if vectors is None:
            return False
        if len(vectors.items) > 1:
            head = self.network.head
            assert isinstance(head, Head)
            head.set_statistics(vectors.all())
        return True

    def _epoch(
        self, way: Way, clock: Clock, stop: threading.Event | None
    ) -> Generator[Event, None, EpochFinished | None]:
        """Learn and check one epoch; None when it was stopped (its steps then count for nothing)."""
        began = time.monotonic()
        result = yield from way.epoch(self._at, clock, stop)
        if result is None:
            return None
        better = self._offer(result)
        self._at.epoch, self._at.phase_epoch = self._at.epoch + 1, self._at.phase_epoch + 1
        check = result.check
        return EpochFinished(
            self._at.epoch,
            self._at.phase,
            result.train_loss,
            result.train_accuracy,
            check.loss if check else None,
            check.accuracy if check else None,
            check.balanced_accuracy if check else None,
            result.learning_rate,
            time.monotonic() - began,
            clock.seconds_left(self._at.phase_epoch),
            better,
            result.strength,
        )

    def _offer(self, result: EpochResult) -> bool:
        def weights() -> Mapping[str, torch.Tensor]:
            return result.weights or trained_state(self.network, self.plan.lowest_line)

        score = score_of(self.plan.recipe.monitor, result.check, result.train_loss)
        first = self._at.epoch - self._at.phase_epoch + 1
        return self.best.offer(self._at.epoch + 1, score, weights, path=result.path, first=first)

    def _is_patience_over(self, first: int) -> bool:
        patience = self.plan.recipe.early_stopping
        last_gain = max(self.best.epoch, self.best.path_epoch, first - 1)
        return bool(patience) and self._at.epoch - last_gain >= patience

    @property
    def _is_last_phase(self) -> bool:
        return self._at.phase == len(self.plan.recipe.phases) - 1

    def _take_best(self) -> None:
        if self.best.epoch:
            load_trained_state(self.network, self.best.weights)
        self.network.eval()


def train(plan: Plan, stop: threading.Event | None = None) -> Iterator[Event]:
    """Train a plan from its beginning; nothing is kept but the events."""
    return Training(plan).events(stop)


def _misfit(what: str) -> ProblemError:
    return ProblemError(
        Problem(
            "checkpoint", f"the training cannot go on from it: {what}", "Start a new run with the same recipe"
        )
    )
