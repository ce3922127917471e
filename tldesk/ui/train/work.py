"""Trains in the background as one stream, and reads runs for the Train page. No Qt in here."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tldesk.base import ProblemError
from tldesk.run import Run, RunSummary
from tldesk.trainer.events import EpochFinished, Event, PhaseStarted, Stopped
from tldesk.ui.session.catch_up import catching_up
from tldesk.ui.widgets.phase_band import PhaseBand

if TYPE_CHECKING:
    from tldesk.base import Progress
    from tldesk.dataset import Project
    from tldesk.dataset.files.caught_up import CaughtUp
    from tldesk.engine import Device
    from tldesk.model.library import WeightsLibrary
    from tldesk.recipe import Recipe

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunOpened:
    """The run folder exists; training starts or resumes."""

    run: Run


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The model file is written, or there was nothing to keep (``kept`` is False)."""

    run: Run
    kept: bool


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A run with the data for its curves. ``recipe`` is None if the folder is damaged."""

    run: Run
    summary: RunSummary
    recipe: Recipe | None
    history: tuple[EpochFinished, ...]


def new_run(
    project: Project, recipe: Recipe, device: Device | None, library: WeightsLibrary, stop: threading.Event
) -> Iterator[CaughtUp | RunOpened | Event | Progress | RunFinished]:
    """Read changed pictures again; plan, train and finish a new run. Loads torch.

    Raises:
        ProblemError: something must be fixed first.
    """
    from tldesk.trainer.plan import make_plan

    yield from catching_up(project, stop)
    if stop.is_set():
        return
    plan = make_plan(project, recipe, device, library)
    yield from _train(Run.create(project, plan), stop)


def resumed_run(
    project: Project, number: int, device: Device | None, stop: threading.Event
) -> Iterator[CaughtUp | RunOpened | Event | Progress | RunFinished]:
    """Resume a run that was stopped or interrupted. Loads torch.

    Raises:
        ProblemError: its images or weights are missing, or another process is training it.
    """
    yield from catching_up(project, stop)
    yield from _train(Run.resume(project, number, device.name if device else None), stop)


def _train(run: Run, stop: threading.Event) -> Iterator[RunOpened | Event | Progress | RunFinished]:
    yield RunOpened(run)
    epochs = len(run.history())
    for event in run.train(stop):
        if isinstance(event, EpochFinished | Stopped):
            epochs = event.epoch
        yield event
    if epochs:
        # Stop keeps the best weights: the model file is still written, which takes seconds.
        yield from run.finishing()
    yield RunFinished(run, kept=bool(epochs))


def read_runs(project: Project) -> list[RunInfo]:
    """Return all runs, newest first; a damaged one is shown as failed."""
    return [_info(run) for run in reversed(Run.runs(project))]


def _info(run: Run) -> RunInfo:
    try:
        return RunInfo(run, run.summary, run.recipe, tuple(run.history()))
    except (ProblemError, OSError, ValueError) as error:
        log.warning("%s cannot be read: %s", run.name, error)
        lost = RunSummary(
            run.number,
            run.name,
            "failed",
            "",
            "",
            "",
            "",
            "",
            0.0,
            0,
            0,
            0,
            None,
            None,
            None,
            None,
            str(error),
        )
        return RunInfo(run, lost, None, ())


def planned_bands(recipe: Recipe, words: Callable[[str], str]) -> tuple[PhaseBand, ...]:
    """Return the phases as planned, one after the other; ``words`` names a freeze line."""
    bands, first = [], 1
    for phase in recipe.phases:
        bands.append(PhaseBand(first, recipe.epochs_of(phase), words(phase.freeze), phase.freeze == "all"))
        first += recipe.epochs_of(phase)
    return tuple(bands)


def happened_bands(
    bands: Sequence[PhaseBand], history: Sequence[EpochFinished], *, over: bool
) -> tuple[PhaseBand, ...]:
    """Return the phases as trained: one that ended early is shorter, and later ones start earlier.

    ``over``: training has ended, so the last phase is only as long as its finished epochs.
    """
    reached = max((event.phase for event in history), default=0)
    moved, first = [], 1
    for place, band in enumerate(bands):
        done = sum(1 for event in history if event.phase == place)
        if over and not done:
            break
        epochs = done if over or place < reached else band.epochs
        moved.append(replace(band, first_epoch=first, epochs=epochs))
        first += epochs
    return tuple(moved)


def after_phase(bands: Sequence[PhaseBand], event: PhaseStarted) -> tuple[PhaseBand, ...]:
    """Return the bands when a phase starts, perhaps earlier than planned."""
    moved, first = [], 1
    for place, band in enumerate(bands):
        if place == event.index:
            first = event.first_epoch
        epochs = event.first_epoch - first if place == event.index - 1 else band.epochs
        moved.append(replace(band, first_epoch=first, epochs=max(epochs, 0)))
        first += max(epochs, 0)
    return tuple(moved)
