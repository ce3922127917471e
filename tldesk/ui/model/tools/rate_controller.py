"""Finding a learning rate in the window: a dialog over the Model page, the test in the compute lane."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from tldesk.base import Problem, ProblemError, Progress
from tldesk.recipe import Recipe
from tldesk.ui import errors
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.model.tools.work_line import LaneWork
from tldesk.ui.session.session import Session
from tldesk.ui.widgets.freeze_line_words import short_line

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.engine import Device
    from tldesk.model.library import WeightsLibrary
    from tldesk.trainer.advice.rate_curve import RateCurve
    from tldesk.trainer.advice.rate_finder import RateTried
    from tldesk.ui.model.tools.rate_dialog import RateDialog


class FindingRate(QObject):
    """``chosen`` brings the recipe with the rate that the user takes."""

    chosen = Signal(object)  # Recipe

    def __init__(self, window: QWidget, session: Session, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._tasks = tasks
        self._curve: RateCurve | None = None

    def ask(self) -> None:
        """Open the dialog for the recipe on the page."""
        recipe = self._session.recipe
        if recipe is None:
            what = self.tr("the recipe cannot be trained yet")
            problem = Problem(self.tr("recipe"), what, self.tr("Mend what is marked on the page first"))
            errors.show(self._window, ProblemError(problem), self.tr("Find a learning rate"))
            return
        self._open(recipe)

    def _open(self, recipe: Recipe) -> None:
        from tldesk.ui.model.tools.rate_dialog import RateDialog

        dialog = RateDialog(self._phases(recipe), self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        work = LaneWork(self._tasks, dialog.line)
        dialog.wanted.connect(lambda phase: self._start(dialog, work, recipe, phase))
        dialog.chosen.connect(lambda phase, rate: self.chosen.emit(_with_rate(recipe, phase, rate)))
        dialog.finished.connect(lambda _result: work.cancel())
        work.over.connect(lambda how: dialog.end(self._curve, how))
        dialog.open()

    def _phases(self, recipe: Recipe) -> list[tuple[int, str, float]]:
        """As the window knows it: whether a head is too large to be solved shows only with torch."""
        return [
            (
                number,
                self.tr("{0}: {1}").format(number + 1, short_line(phase.freeze)),
                phase.learning_rate,
            )
            for number, phase in enumerate(recipe.phases)
            if not (phase.freeze == "all" and phase.solver == "auto" and recipe.head.kind == "linear")
        ]

    def _start(self, dialog: RateDialog, work: LaneWork, recipe: Recipe, phase: int) -> None:
        session = self._session
        project = session.project
        if project is None or work.task is not None:
            return
        self._curve = None
        dialog.begin()

        def hear(event: RateTried | None) -> None:
            if event is not None:
                self._curve = event.curve
                dialog.show_curve(event.curve)

        work.start(
            self.tr("Finding a learning rate"),
            lambda stop: _work(project, recipe, session.device, session.library, phase=phase, stop=stop),
            hear,
        )


def _with_rate(recipe: Recipe, number: int, rate: float) -> Recipe:
    phases = list(recipe.phases)
    phases[number] = phases[number].model_copy(update={"learning_rate": rate})
    return recipe.model_copy(update={"phases": tuple(phases)})


def _work(
    project: Project,
    recipe: Recipe,
    device: Device | None,
    library: WeightsLibrary,
    *,
    phase: int,
    stop: threading.Event,
) -> Iterator[Progress | RateTried]:
    """The steps of the test. Loads torch."""
    from tldesk.trainer.advice.rate_finder import finding_rate
    from tldesk.trainer.plan import make_plan

    yield from finding_rate(make_plan(project, recipe, device, library), phase, stop)
