"""Comparing the three ways in the window: a dialog over the Model page, the runs in the compute lane."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from tldesk.base import Problem, ProblemError, Progress
from tldesk.base.throttle import Pace
from tldesk.ui import errors
from tldesk.ui.lane.tasks import Task, Tasks
from tldesk.ui.model.tools.work_line import LaneWork
from tldesk.ui.session.session import Session
from tldesk.ui.widgets.series_progress import SeriesProgress

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.engine import Device
    from tldesk.model.library import WeightsLibrary
    from tldesk.recipe import Recipe
    from tldesk.recipe.three_ways_recipes import WayName
    from tldesk.run.series.three_ways import ThreeWays, WayResult
    from tldesk.run.series.train_three_ways import Forecast, Step
    from tldesk.trainer.events import Event
    from tldesk.ui.model.tools.three_ways_dialog import WaysDialog

_LOOK_EVERY = 0.5  # seconds; a look reads the records of three runs


def tr(text: str) -> str:
    """A text of this file in the user's language."""
    return QCoreApplication.translate("ComparingWays", text)


class Found(NamedTuple):
    """A comparison as far as it is.

    Attributes:
        number: of the comparison.
        backbone: title.
        results: the three ways.
        suggested: which to take; None while fewer than two are done.
        words: what the results say; empty while fewer than two are done.
        failures: why ways could not be trained.
        runs_changed: whether a run was added or ended.
    """

    number: int
    backbone: str
    results: tuple[WayResult, ...]
    suggested: WayName | None
    words: tuple[str, ...]
    failures: Mapping[WayName, str]
    runs_changed: bool = False


class Known(NamedTuple):
    """What the dialog begins with: the last comparison, the page's recipe in three ways, what hinders it."""

    last: Found | None
    preview: tuple[WayResult, ...]
    problem: Problem | None


class ComparingWays(QObject):
    """``chosen`` brings the recipe that the user takes, ``runAsked`` a run to be opened."""

    chosen = Signal(object)  # Recipe
    runAsked = Signal(object)  # Run
    weightsAsked = Signal(str)  # a backbone's name

    def __init__(self, window: QWidget, session: Session, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._tasks = tasks
        self._measuring: Task | None = None

    def ask(self) -> None:
        """Open the dialog with the project's last comparison."""
        project, recipe = self._session.project, self._session.recipe
        if project is None:
            return
        library = self._session.library
        self._tasks.read(lambda: _known(project, recipe, library), on_done=self._open)

    def _open(self, known: Known) -> None:
        from tldesk.ui.model.tools.three_ways_dialog import WaysDialog

        dialog = WaysDialog(known, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        work = LaneWork(self._tasks, dialog.line)
        dialog.wanted.connect(lambda: self._begin(dialog, work))
        dialog.resumed.connect(lambda: self._start(dialog, work, _resumed, anew=False))
        dialog.chosen.connect(self.chosen)
        dialog.runChosen.connect(self._open_run)
        dialog.weightsAsked.connect(self.weightsAsked)
        dialog.finished.connect(lambda _result: self._close(work))
        work.over.connect(lambda how: self._over(dialog, how))
        dialog.open()
        recipe = self._session.recipe
        if recipe is not None and known.problem is None:
            self._measure(dialog, recipe)

    def _begin(self, dialog: WaysDialog, work: LaneWork) -> None:
        session, recipe = self._session, self._session.recipe
        if recipe is None:
            dialog.line.problem.set_problems(errors.problems_of(ProblemError(_no_recipe())))
            return
        device, library = session.device, session.library
        self._start(dialog, work, lambda project: _created(project, recipe, device, library), anew=True)

    def _start(
        self, dialog: WaysDialog, work: LaneWork, make: Callable[[Project], ThreeWays], *, anew: bool
    ) -> None:
        session = self._session
        project = session.project
        if project is None or work.task is not None:
            return
        self._stop_measuring()
        dialog.begin(anew=anew)
        device, library, forecast = session.device, session.library, dialog.forecast

        def hear(event: Found) -> None:
            dialog.take(event)
            if event.runs_changed:
                session.runsChanged.emit()

        weights = None if forecast is None else forecast.seconds
        work.start(
            self.tr("Comparing the three ways"),
            lambda stop: _work(project, make, (device, library), weights=weights, stop=stop),
            hear,
        )

    def _over(self, dialog: WaysDialog, how: str) -> None:
        dialog.end(how)
        self._session.runsChanged.emit()

    def _close(self, work: LaneWork) -> None:
        self._stop_measuring()
        if work.task is not None:
            work.cancel()
            self._session.runsChanged.emit()

    def _open_run(self, number: int) -> None:
        from tldesk.run import Run

        project = self._session.project
        if project is not None:
            self._tasks.read(lambda: Run.open(project, number), on_done=self.runAsked.emit)

    # --- what it will take ----------------------------------------------------------------------------------

    def _measure(self, dialog: WaysDialog, recipe: Recipe) -> None:
        project, device = self._session.project, self._session.device
        assert project is not None
        self._measuring = self._tasks.stream(
            self.tr("Measuring this computer"),
            lambda stop: _forecast(project, recipe, device, stop),
            on_event=dialog.show_forecast,
            on_done=self._measured,
            on_stopped=self._measured,
            on_failed=lambda _error: self._measured(),
            background=True,
        )

    def _measured(self) -> None:
        self._measuring = None

    def _stop_measuring(self) -> None:
        if self._measuring is not None:
            self._measuring.cancel()
            self._measuring = None


def _no_recipe() -> Problem:
    fix = tr("Mend what is marked on the Model page first")
    return Problem(tr("recipe"), tr("the recipe cannot be trained yet"), fix)


def _known(project: Project, recipe: Recipe | None, library: WeightsLibrary) -> Known:
    """Read it; what keeps the recipe from being compared as far as that is known at once."""
    from tldesk.model.cards import card
    from tldesk.run.series.three_ways import ThreeWays, not_begun, without_weights

    ways = ThreeWays.last(project)
    last = None if ways is None else _found(ways)
    if recipe is None:
        return Known(last, (), _no_recipe())
    try:
        preview = not_begun(recipe, len(project.classes()))
    except ProblemError as error:
        return Known(last, (), error.problems[0])
    there = recipe.backbone in library.present()
    return Known(last, preview, None if there else without_weights(card(recipe.backbone)))


def _created(project: Project, recipe: Recipe, device: Device | None, library: WeightsLibrary) -> ThreeWays:
    from tldesk.run.series.three_ways import ThreeWays
    from tldesk.trainer.plan import make_plan

    return ThreeWays.create(project, make_plan(project, recipe, device, library))


def _resumed(project: Project) -> ThreeWays:
    from tldesk.run.series.three_ways import ThreeWays

    ways = ThreeWays.last(project)
    if ways is None:
        raise ProblemError(Problem("comparison", "it is gone", "Begin a new one"))
    return ways


def _found(
    ways: ThreeWays, told: Mapping[WayName, str] | None = None, *, runs_changed: bool = False
) -> Found:
    """Read what came of it; ``told``: why ways failed just now. Compares only where two ways are done."""
    from tldesk.dataset import Split
    from tldesk.model.cards import card
    from tldesk.run.series.advice import judge, sentences

    results = ways.results
    failures = {one.way: one.message for one in results if one.state == "failed" and one.message}
    judgement = judge(ways, results)
    words = () if judgement is None else sentences(judgement, len(ways.snapshot.of(Split.TRAIN)))
    return Found(
        ways.number,
        card(ways.recipe.backbone).title,
        results,
        None if judgement is None else judgement.suggested.way,
        words,
        {**failures, **(told or {})},
        runs_changed,
    )


def _forecast(
    project: Project, recipe: Recipe, device: Device | None, stop: threading.Event
) -> Iterator[Forecast]:
    from tldesk.model.cards import card
    from tldesk.recipe.three_ways_recipes import three_ways
    from tldesk.run.series.train_three_ways import forecast
    from tldesk.trainer.costs.recipe_estimate import Counts

    recipes = three_ways(recipe, card(recipe.backbone).stage_names)
    found = forecast(recipes, Counts.of(project.facts()), device, stop)
    if found is not None:
        yield found


def _work(
    project: Project,
    make: Callable[[Project], ThreeWays],
    means: tuple[Device | None, WeightsLibrary],
    *,
    weights: Mapping[WayName, float] | None,
    stop: threading.Event,
) -> Iterator[Progress | Found]:
    """Progress, and the comparison as far as it is whenever there is something new. Loads torch."""
    from tldesk.run.series.train_three_ways import WayFailed, comparing

    ways, told = make(project), {}
    todo = [one for one in ways.results if not one.done]
    shares = None if weights is None else [max(weights[one.way], 1e-3) for one in todo]
    progress, pace = _Progress(todo, shares), Pace(_LOOK_EVERY)
    yield _found(ways)
    for step in comparing(ways, *means, stop):
        yield from progress.of(step)
        if isinstance(step, WayFailed):
            told[step.way] = step.why
        if progress.is_turn(step) or (progress.is_epoch(step) and pace.due()):
            yield _found(ways, told, runs_changed=progress.is_turn(step))
    yield _found(ways, told, runs_changed=True)


class _Progress:
    """The steps of a comparison as progress of all that is to be done."""

    def __init__(self, todo: list[WayResult], weights: list[float] | None) -> None:
        self._todo = {one.way: (place, one.epochs_done) for place, one in enumerate(todo)}
        self._series = SeriesProgress([one.epochs for one in todo], weights)

    def of(self, step: Step | Event) -> Iterator[Progress]:
        """What to show of a step."""
        from tldesk.run.series.train_three_ways import WayBegun

        if isinstance(step, WayBegun):
            place, done = self._todo[step.way]
            self._series.begin(place, _titles()[step.way], done)
        elif not self.is_turn(step):
            yield from self._series.of(step)  # type: ignore[arg-type]  # what is no turn is an event

    def is_turn(self, step: Step | Event) -> bool:
        """Whether a run was added or ended."""
        from tldesk.run.series.train_three_ways import WayBegun, WayDone, WayFailed

        return isinstance(step, WayBegun | WayDone | WayFailed)

    def is_epoch(self, step: Step | Event) -> bool:
        """Whether the curves have a new point."""
        from tldesk.trainer.events import EpochFinished

        return isinstance(step, EpochFinished)


def _titles() -> Mapping[WayName, str]:
    return {
        "feature_extraction": tr("Feature extraction"),
        "fine_tuning": tr("Fine-tuning"),
        "from_scratch": tr("From scratch"),
    }
