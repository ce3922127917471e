"""The comparison of the three ways in the background: reading, forecasting and training."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from tldesk.base import Problem, ProblemError, Progress
from tldesk.base.throttle import Throttle
from tldesk.ui.model.tools.three_ways_state import ComparisonStart, ComparisonState
from tldesk.ui.model.tools.tool_run import WorkContext, no_recipe
from tldesk.ui.widgets.series_progress import SeriesProgress

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.engine import Device
    from tldesk.model.library import WeightsLibrary
    from tldesk.recipe import Recipe
    from tldesk.recipe.three_ways import WayName
    from tldesk.run.series.three_ways_record import ThreeWays, WayResult
    from tldesk.run.series.train_three_ways import Forecast, Step
    from tldesk.trainer.events import Event

_READ_EVERY = 0.5  # seconds; reading the state means reading the records of three runs


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("ThreeWays", text)


def start_state(project: Project, recipe: Recipe | None, library: WeightsLibrary) -> ComparisonStart:
    """Return the dialog's initial content; only problems that can be found without torch are included."""
    from tldesk.model.cards import card
    from tldesk.run.series.three_ways_record import ThreeWays, not_begun, without_weights

    ways = ThreeWays.last(project)
    last = None if ways is None else _state(ways)
    if recipe is None:
        return ComparisonStart(last, (), no_recipe())
    try:
        preview = not_begun(recipe, len(project.classes))
    except ProblemError as error:
        return ComparisonStart(last, (), error.problems[0])
    there = recipe.backbone in library.present()
    return ComparisonStart(last, preview, None if there else without_weights(card(recipe.backbone)))


def new_comparison(recipe: Recipe, context: WorkContext) -> ThreeWays:
    """Create a comparison of the recipe; nothing is trained yet. Loads torch."""
    from tldesk.run.series.three_ways_record import ThreeWays
    from tldesk.trainer.plan import make_plan

    project, device, library = context
    return ThreeWays.create(project, make_plan(project, recipe, device, library))


def last_comparison(context: WorkContext) -> ThreeWays:
    """Return the project's last comparison, to resume it."""
    from tldesk.run.series.three_ways_record import ThreeWays

    ways = ThreeWays.last(context.project)
    if ways is None:
        raise ProblemError(Problem("comparison", "it is gone", "Begin a new one"))
    return ways


def _state(
    ways: ThreeWays, reasons: Mapping[WayName, str] | None = None, *, runs_changed: bool = False
) -> ComparisonState:
    """Read the results so far, with advice once two ways are finished.

    ``reasons``: why ways failed just now.
    """
    from tldesk.dataset import Split
    from tldesk.model.cards import card
    from tldesk.run.series.three_ways_advice import judge, sentences

    results = ways.results
    failures = {one.way: one.message for one in results if one.state == "failed" and one.message}
    judgement = judge(ways, results)
    words = () if judgement is None else sentences(judgement, len(ways.snapshot.of(Split.TRAIN)))
    return ComparisonState(
        ways.number,
        card(ways.recipe.backbone).title,
        results,
        None if judgement is None else judgement.suggested.way,
        words,
        {**failures, **(reasons or {})},
        runs_changed,
    )


def forecast_seconds(
    project: Project, recipe: Recipe, device: Device | None, stop: threading.Event
) -> Iterator[Forecast]:
    """Yield the estimated time of the three ways on this computer; nothing if stopped. Loads torch."""
    from tldesk.model.cards import card
    from tldesk.recipe.three_ways import three_ways
    from tldesk.run.series.train_three_ways import forecast
    from tldesk.trainer.costs.recipe_estimate import ImageCounts

    recipes = three_ways(recipe, card(recipe.backbone).stage_names)
    found = forecast(recipes, ImageCounts.of(project.facts()), device, stop)
    if found is not None:
        yield found


def compare(
    context: WorkContext,
    make: Callable[[WorkContext], ThreeWays],
    stop: threading.Event,
    seconds: Mapping[WayName, float] | None,
) -> Iterator[Progress | ComparisonState]:
    """Yield progress, and the state whenever it has changed. Loads torch.

    ``seconds``: the forecast for each way; None if there is none yet.
    """
    from tldesk.run.series.train_three_ways import WayFailed, comparing

    ways, reasons = make(context), {}
    todo = [one for one in ways.results if not one.done]
    shares = None if seconds is None else [max(seconds[one.way], 1e-3) for one in todo]
    progress, pace = _Progress(todo, shares), Throttle(_READ_EVERY)
    yield _state(ways)
    for step in comparing(ways, context.device, context.library, stop):
        yield from progress.of(step)
        if isinstance(step, WayFailed):
            reasons[step.way] = step.why
        if progress.is_turn(step) or (progress.is_epoch(step) and pace.due()):
            yield _state(ways, reasons, runs_changed=progress.is_turn(step))
    yield _state(ways, reasons, runs_changed=True)


class _Progress:
    """Converts the steps of a comparison into progress of the whole."""

    def __init__(self, todo: list[WayResult], weights: list[float] | None) -> None:
        self._todo = {one.way: (place, one.epochs_done) for place, one in enumerate(todo)}
        self._series = SeriesProgress([one.epochs for one in todo], weights)

    def of(self, step: Step | Event) -> Iterator[Progress]:
        """Yield the progress to show for a step."""
        from tldesk.run.series.train_three_ways import WayBegun

        if isinstance(step, WayBegun):
            place, done = self._todo[step.way]
            self._series.begin(place, _titles()[step.way], done)
        elif not self.is_turn(step):
            yield from self._series.of(step)  # type: ignore[arg-type]  # all other steps are events

    def is_turn(self, step: Step | Event) -> bool:
        """Return whether a run was added or has ended."""
        from tldesk.run.series.train_three_ways import WayBegun, WayDone, WayFailed

        return isinstance(step, WayBegun | WayDone | WayFailed)

    def is_epoch(self, step: Step | Event) -> bool:
        """Return whether the curves have a new point."""
        from tldesk.trainer.events import EpochFinished

        return isinstance(step, EpochFinished)


def _titles() -> Mapping[WayName, str]:
    return {
        "feature_extraction": tr("Feature extraction"),
        "fine_tuning": tr("Fine-tuning"),
        "from_scratch": tr("From scratch"),
    }
