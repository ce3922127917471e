"""Cross-validation: one run per fold, one after the other, as one stream of events."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tldesk.base import Progress
from tldesk.dataset import Snapshot, Split
from tldesk.evaluation import CrossValidationMetrics, Evaluation, across_folds
from tldesk.run.fold import Fold
from tldesk.run.run import Run

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.trainer.events import Event
    from tldesk.trainer.plan import Plan


@dataclass(frozen=True, slots=True)
class FoldBegun:
    """A fold's run folder exists and its training begins."""

    run: Run
    fold: Fold


@dataclass(frozen=True, slots=True)
class FoldDone:
    """A fold's model was made and evaluated on the fold's validation images.

    Attributes:
        run: the run of the fold.
        fold: the fold.
        validation: metrics on the fold's validation images.
        whole: whether it was trained to its end rather than stopped.
    """

    run: Run
    fold: Fold
    validation: Evaluation
    whole: bool


@dataclass(frozen=True)
class CrossValidation:
    """The result of a cross-validation.

    Attributes:
        folds: finished folds that have a model, in order.
        count: number of folds requested.
        together: summary of the folds that were trained to their end; None if there are none.
    """

    folds: tuple[FoldDone, ...]
    count: int
    together: CrossValidationMetrics | None


Step = FoldBegun | FoldDone | Progress


def cross_validating(
    project: Project, plan: Plan, count: int, stop: threading.Event | None = None
) -> Generator[Step | Event, None, CrossValidation]:
    """Train the plan's recipe on each of ``count`` folds of its training and validation images.

    Outputs of frozen stages are computed once for all folds. Each fold is a separate run; stopping keeps the
    finished folds, and the best weights of the fold being trained.

    Args:
        project: the project that the runs are stored in.
        plan: for the project in its current state (``make_plan``); its seed assigns images to folds.
        count: number of folds, 2 to 20.
        stop: set it to stop early.

    Raises:
        ProblemError: there are too many folds for the images, or a run cannot be trained.
    """
    seed = plan.recipe.seed
    snapshots = project.folds(count, seed, plan.recipe.columns)
    series = uuid.uuid4().hex[:12]
    done: list[FoldDone] = []
    for number, snapshot in enumerate(snapshots, start=1):
        if stop is not None and stop.is_set():
            break
        fold = Fold(number, count, seed, series)
        found = yield from _one_fold(project, _with(plan, snapshot), fold, stop)
        if found is not None:
            done.append(found)
            yield found
    whole = [one.validation for one in done if one.whole]
    return CrossValidation(tuple(done), count, across_folds(whole) if whole else None)


def _with(plan: Plan, snapshot: Snapshot) -> Plan:
    return replace(plan, snapshot=snapshot)


def _one_fold(
    project: Project, plan: Plan, fold: Fold, stop: threading.Event | None
) -> Generator[Step | Event, None, FoldDone | None]:
    """Train and finish one fold; None if it was stopped before its first epoch ended."""
    run = Run.create(project, plan, fold)
    yield FoldBegun(run, fold)
    yield from run.train(stop)
    if not run.history():
        return None
    # Also after a stop: the best weights so far are kept, which takes only seconds
    yield from run.finishing()
    return FoldDone(run, fold, run.evaluate(Split.VALIDATION), run.status == "finished")
