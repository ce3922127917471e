"""The search for a recipe: Optuna suggests one, a short training tries it, hopeless tries are pruned.

Loads torch and Optuna.

Suggestions come from Optuna's tree-structured Parzen estimator (J. Bergstra et al., "Algorithms for
hyper-parameter optimization", NeurIPS 2011); tries are pruned by the median rule (D. Golovin et al., "Google
Vizier", KDD 2017). Before every suggestion, Optuna is given all finished tries from the search's folder and a
seed that depends on their number, so a search that was killed resumes as if nothing had happened.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tldesk.base import ProblemError, Progress, derive_seed
from tldesk.engine.device import Device
from tldesk.engine.out_of_memory import free_memory
from tldesk.model.library import WeightsLibrary
from tldesk.recipe import Recipe
from tldesk.recipe.search_space import Choice, Space
from tldesk.run.series.search_record import Search, Try
from tldesk.run.train_run import found_again
from tldesk.trainer.events import BatchFinished, EpochFinished, Preparing
from tldesk.trainer.loop import Training
from tldesk.trainer.plan import Plan, plan_for

if TYPE_CHECKING:
    import optuna

_AT_RANDOM = 5  # random tries before suggestions follow the results
_UNPRUNED = 4  # tries that are never pruned
_SETTLING = 2  # epochs of a phase before a try may be pruned
_A_PHASE = 10_000  # offset between the steps of two phases: larger than the epochs of any phase


@dataclass(frozen=True, slots=True)
class TryBegun:
    """A try begins."""

    number: int
    settings: Choice


@dataclass(frozen=True, slots=True)
class TryDone:
    """A try has ended and is stored; ``best`` is True if it is the best so far."""

    one: Try
    best: bool


Step = Progress | TryBegun | TryDone


def searching(
    search: Search,
    device: Device | str | None = None,
    library: WeightsLibrary | None = None,
    stop: threading.Event | None = None,
) -> Generator[Step, None, Search]:
    """Run tries until the wanted number is reached. The first try is the recipe that the search started with.

    A try that is stopped or killed does not count and is repeated when the search resumes.

    Raises:
        ProblemError: another process is running the search, or the first try already cannot be trained.
    """
    with search.record.hold(f"search {search.number}", "is searching here"):
        snapshot = found_again(search.project, search.snapshot)
        clock = _SearchClock(search)
        while len(search.tries) < search.wanted and not _is_set(stop):
            number = len(search.tries) + 1
            study = _study(search)
            trial, choice = _proposed(study, search.space)
            yield TryBegun(number, choice)
            recipe = search.space.made(choice)
            plan = plan_for(snapshot, recipe, search.project.cache_dir, device, library)
            done = yield from _Attempt(plan, number, choice, trial, clock).run(stop)
            if done is None:
                break
            search.add(done)
            free_memory(plan.device)
            best = search.best
            yield TryDone(done, best is not None and best.number == number)
    return search


def _is_set(stop: threading.Event | None) -> bool:
    return stop is not None and stop.is_set()


def _study(search: Search) -> optuna.Study:
    """Return an Optuna study with all finished tries and a seed that depends on their number."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    ended = search.tries
    sampler = optuna.samplers.TPESampler(
        n_startup_trials=_AT_RANDOM, seed=derive_seed(search.recipe.seed, "search", len(ended)) % 2**32
    )
    pruner = optuna.pruners.MedianPruner(n_startup_trials=_UNPRUNED, n_min_trials=3)
    study = optuna.create_study(direction="maximize", sampler=sampler, pruner=pruner)
    space = search.space
    study.add_trials([_told(one, space) for one in ended])
    if not ended:
        study.enqueue_trial(dict(space.own))
    return study


def _told(one: Try, space: Space) -> optuna.trial.FrozenTrial:
    """Convert a try to Optuna's form. A failed try counts as worse than any that was pruned."""
    import optuna

    state = optuna.trial.TrialState
    return optuna.trial.create_trial(
        params=dict(one.settings),
        distributions=_distributions(space, one.settings),
        value=one.score if one.state == "finished" else None,
        intermediate_values=dict(one.reports),
        state=state.COMPLETE if one.state == "finished" else state.PRUNED,
    )


def _distributions(space: Space, choice: Choice) -> dict[str, optuna.distributions.BaseDistribution]:
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    lists: dict[str, Sequence[str | int]] = {
        "line": space.lines,
        "augmentation": space.augmentations,
        "batch": space.batches,
    }
    found: dict[str, optuna.distributions.BaseDistribution] = {
        name: CategoricalDistribution(lists[name]) for name in choice if name in lists
    }
    if "rate" in choice:
        low, high = space.rates(choice)
        found["rate"] = FloatDistribution(low, high, log=True)
    return found


def _proposed(study: optuna.Study, space: Space) -> tuple[optuna.Trial, Choice]:
    """Ask for the freeze line first: if the head is solved, neither rate nor batch size is needed."""
    trial = study.ask()
    choice: dict[str, str | int | float] = {}
    if space.lines:
        choice["line"] = trial.suggest_categorical("line", space.lines)
    if space.augmentations:
        choice["augmentation"] = trial.suggest_categorical("augmentation", space.augmentations)
    if space.learning(choice) is None:
        return trial, choice
    if "rate" in space.over:
        low, high = space.rates(choice)
        choice["rate"] = trial.suggest_float("rate", low, high, log=True)
    if space.batches:
        batch = trial.suggest_categorical("batch", space.batches)
        assert isinstance(batch, int | str)
        choice["batch"] = batch
    return trial, choice


class _Attempt:
    """One try: a training of which only the metrics are kept."""

    def __init__(
        self, plan: Plan, number: int, choice: Choice, trial: optuna.Trial, clock: _SearchClock
    ) -> None:
        self._plan = plan
        self._number = number
        self._choice = choice
        self._trial = trial
        self._clock = clock
        self._best: EpochFinished | None = None
        self._epochs = 0
        self._in_phase: dict[int, int] = {}
        self._reports: list[tuple[int, float]] = []

    def run(self, stop: threading.Event | None) -> Generator[Step, None, Try | None]:
        """Train; None if it was stopped. An error caused by the recipe alone gives a failed try."""
        began = time.monotonic()
        yield self._clock.at(self._number, "", 0.0)
        try:
            pruned = yield from self._trained(stop)
        except ProblemError as error:
            if not all(problem.where.startswith("phases.") for problem in error.problems):
                raise
            return self._ended("failed", time.monotonic() - began, str(error.problems[0]))
        if _is_set(stop) and not pruned:
            return None
        return self._ended("pruned" if pruned else "finished", time.monotonic() - began)

    def _trained(self, stop: threading.Event | None) -> Generator[Step, None, bool]:
        """Train to the end; True if it was pruned."""
        with closing(Training(self._plan).events(stop)) as events:
            for event in events:
                if isinstance(event, Preparing):
                    yield self._clock.at(self._number, event.what, 0.0)
                elif isinstance(event, BatchFinished):
                    share = (event.epoch - 1 + event.step / event.steps) / self._plan.recipe.epochs
                    yield self._clock.at(self._number, f"epoch {event.epoch}", share)
                elif isinstance(event, EpochFinished):
                    yield self._clock.at(
                        self._number, f"epoch {event.epoch}", event.epoch / self._plan.recipe.epochs
                    )
                    if self._given_up(event):
                        return True
        return False

    def _given_up(self, event: EpochFinished) -> bool:
        """Record an epoch; True if its best score is below the median of earlier tries at this step."""
        self._epochs = event.epoch
        if event.best:
            self._best = event
        done = self._in_phase[event.phase] = self._in_phase.get(event.phase, 0) + 1
        # Solving a head takes a second, and its final score is known only at the end.
        if event.strength is not None or done <= _SETTLING or self._best is None:
            return False
        step, score = event.phase * _A_PHASE + done, _score(self._best, self._plan.recipe)
        self._reports.append((step, score))
        self._trial.report(score, step)
        return self._trial.should_prune()

    def _ended(self, state: str, seconds: float, message: str = "") -> Try:
        best = self._best
        return Try(
            self._number,
            self._choice,
            "failed" if best is None and state == "finished" else state,  # type: ignore[arg-type]
            None if best is None else _score(best, self._plan.recipe),
            None if best is None else best.validation_balanced_accuracy,
            None if best is None else best.validation_loss,
            self._epochs,
            0 if best is None else best.epoch,
            seconds,
            tuple(self._reports),
            message,
        )


def _score(best: EpochFinished, recipe: Recipe) -> float:
    """Return the recipe's own measure of the best epoch; larger is better."""
    assert best.validation_loss is not None
    assert best.validation_balanced_accuracy is not None
    return -best.validation_loss if recipe.monitor == "loss" else best.validation_balanced_accuracy


class _SearchClock:
    """Estimates the progress of a search from the duration of the tries since it began or resumed."""

    def __init__(self, search: Search) -> None:
        self._total = search.wanted
        self._before = len(search.tries)
        self._began = time.monotonic()

    def at(self, number: int, what: str, share: float) -> Progress:
        """Return the progress when ``share`` of try ``number`` is done."""
        done = number - 1 - self._before + share
        rest = self._total - self._before - done
        left = (time.monotonic() - self._began) / done * rest if done > 0 else None
        words = f"Try {number}" + (f", {what}" if what else "")
        return Progress(f"{words}; tries done", number - 1, self._total, left)
