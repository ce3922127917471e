"""The training loop as a generator of events.

It uses neither window nor disk: listeners decide what to do with the events.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator, Mapping
from typing import Any

import torch

from tldesk.base import Problem, ProblemError
from tldesk.base.throttle import Throttle
from tldesk.dataset import Split
from tldesk.engine.cache_misses import CacheMisses
from tldesk.engine.out_of_memory import free_memory, is_out_of_memory
from tldesk.model import LINE_ALL
from tldesk.model.build import build_network
from tldesk.model.heads import Head
from tldesk.trainer.data.phase_data import PhaseData, TrainingData
from tldesk.trainer.events import EpochFinished, Event, Finished, Notice, PhaseStarted, Started, Stopped
from tldesk.trainer.plan import Plan
from tldesk.trainer.strategies.batch_size import BatchSize
from tldesk.trainer.strategies.best_weights import BestWeights, load_trained_state, score_of, trained_state
from tldesk.trainer.strategies.gradient_steps import GradientSteps
from tldesk.trainer.strategies.nearest_neighbours import NearestNeighbourHead
from tldesk.trainer.strategies.regularisation_path import RegularisationPath, is_solvable
from tldesk.trainer.strategies.strategy import EpochPosition, EpochResult, PhaseClock, TrainingStrategy

STATE_VERSION = 1
# Entries of the state that belong to a strategy; states of early versions have only the first.
_STRATEGY_STATE = ("optimizer", "average", "path")


class Training:
    """One training of a plan's recipe.

    After the events have ended, ``network`` holds the best weights, in evaluation mode.

    Attributes:
        plan: what to train and how.
        network: the network, on the plan's device.
        best: the best weights so far.
        data: provides the images of each phase.
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
        self.best = BestWeights()
        self.data = TrainingData(plan, self.network)
        self._at = EpochPosition()
        self._strategy: TrainingStrategy | None = None
        self._strategy_state: Mapping[str, Any] = {}
        self._batch = BatchSize.of(recipe)
        self._told_unjudged = False
        self._seconds = 0.0
        self._pace = Throttle()

    @property
    def epoch(self) -> int:
        """Number of epochs finished over all phases."""
        return self._at.epoch

    @property
    def work(self) -> CacheMisses:
        """Number of pictures decoded and passed through frozen stages because they were not cached."""
        return self.data.work

    @property
    def seconds(self) -> float:
        """Seconds spent in ``events`` up to the last finished epoch, summed over interruptions."""
        return self._seconds

    def events(self, stop: threading.Event | None = None) -> Generator[Event, None, None]:
        """Train to the end, or until ``stop`` is set; stopping takes at most one batch.

        Ends with ``Finished`` or ``Stopped``. After ``load_state`` it continues from that state.

        Raises:
            ProblemError: the pictures cannot be read, the memory is not enough for a single image, or the
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
        """Return everything needed to resume after the last finished epoch.

        It contains only tensors, numbers and strings.
        """
        return {
            **(self._strategy.state() if self._strategy else self._strategy_state),
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
        """Restore a state returned by ``state`` for the same plan.

        Raises:
            ProblemError: it was written by another version of the program or belongs to another network.
        """
        if state.get("version") != STATE_VERSION:
            raise _misfit("it was written by another version of the program")
        try:
            load_trained_state(self.network, state["network"])
        except (RuntimeError, KeyError) as error:
            raise _misfit("it belongs to another network") from error
        self._at = EpochPosition(state["epoch"], state["phase"], state["phase_epoch"])
        self._batch.size, self._seconds = state["batch_size"], state["seconds"]
        self._strategy_state = {name: state[name] for name in _STRATEGY_STATE if name in state}
        self.best = BestWeights.of(state["best"])

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
        """Run one phase, or the rest of it; False if it was stopped."""
        phase = self.plan.recipe.phases[self._at.phase]
        if self._at.epoch == 0 and not (yield from self._fit_head(stop)):
            return False
        data = yield from self.data.phase(self._at.phase, stop)
        if data is None:
            return False
        strategy = self._strategy = yield from self._chosen_strategy(data)
        strategy.load_state(self._strategy_state)
        if data.validation is None and not strategy.judges:
            yield from self._tell_unjudged()
        first = self._at.epoch - self._at.phase_epoch + 1
        yield PhaseStarted(
            self._at.phase, phase.freeze, strategy.epochs, strategy.trainable, first, strategy.batch_size
        )
        clock = PhaseClock(self._at.phase_epoch, strategy.epochs, last=self._is_last_phase)
        while self._at.phase_epoch < strategy.epochs and not self._is_patience_over(first):
            finished = yield from self._epoch(strategy, clock, stop)
            if finished is None:
                return False
            self._seconds = time.monotonic() - began
            yield finished
        self._end_phase()
        return True

    def _chosen_strategy(self, data: PhaseData) -> Generator[Event, None, TrainingStrategy]:
        plan, phase = self.plan, self._at.phase
        if plan.recipe.head.kind == "knn":
            return NearestNeighbourHead(plan, self.network, data)
        if is_solvable(plan, phase, len(data.train.items)):
            try:
                return RegularisationPath(plan, self.network, phase, data)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
            free_memory(plan.device)
            yield Notice("There is not enough memory to solve the head, so it is trained in steps.")
        steps = GradientSteps(plan, self.network, phase, data, batch=self._batch, pace=self._pace)
        if not self._batch.size:
            yield steps.choose_batch()
        return steps

    def _tell_unjudged(self) -> Iterator[Notice]:
        if not self._told_unjudged:
            self._told_unjudged = True
            yield Notice(
                "There are no validation images: the training images themselves decide which epoch is best, "
                "which favours overfitting."
            )

    def _end_phase(self) -> None:
        """Load the best weights so far, which the next phase starts from."""
        self._take_best()
        self.best.begin_phase()
        self._strategy, self._strategy_state = None, {}
        self._at = EpochPosition(self._at.epoch, self._at.phase + 1, 0)

    def _fit_head(self, stop: threading.Event | None) -> Generator[Event, None, bool]:
        """Set the statistics that standardise the head's input, from features of the untrained backbone.

        Skipped if the backbone is trained from scratch, because its features will change completely.
        """
        recipe = self.plan.recipe
        if recipe.weights == "random" and recipe.phases[0].freeze != LINE_ALL:
            return True
        vectors = yield from self.data.vectors(self.plan.snapshot.of(Split.TRAIN), stop)
        if vectors is None:
            return False
        if len(vectors.items) > 1:
            head = self.network.head
            assert isinstance(head, Head)
            head.set_statistics(vectors.all())
        return True

    def _epoch(
        self, strategy: TrainingStrategy, clock: PhaseClock, stop: threading.Event | None
    ) -> Generator[Event, None, EpochFinished | None]:
        """Train and validate one epoch; None if it was stopped (its steps then do not count)."""
        began = time.monotonic()
        result = yield from strategy.epoch(self._at, clock, stop)
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
    """Train a plan from the beginning; nothing is written to disk, only the events are returned."""
    return Training(plan).events(stop)


def _misfit(what: str) -> ProblemError:
    return ProblemError(
        Problem(
            "checkpoint", f"the training cannot go on from it: {what}", "Start a new run with the same recipe"
        )
    )
