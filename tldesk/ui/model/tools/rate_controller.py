"""Finding a learning rate in the window: a dialog over the Model page, the test in the compute lane."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from tldesk.base import ProblemError, Progress
from tldesk.recipe import Recipe
from tldesk.ui import errors
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.model.tools.tool_run import ToolRun, WorkContext, no_recipe
from tldesk.ui.session.session import Session
from tldesk.ui.widgets.freeze_line_words import short_line

if TYPE_CHECKING:
    from tldesk.trainer.advice.rate_finder import RateStep
    from tldesk.ui.model.tools.rate_dialog import RateDialog


class RateController(QObject):
    """``chosen`` passes the recipe with the learning rate that the user selects."""

    chosen = Signal(object)  # Recipe

    def __init__(self, window: QWidget, session: Session, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._tasks = tasks

    def ask(self) -> None:
        """Open the dialog for the recipe on the page."""
        recipe = self._session.recipe
        if recipe is None:
            errors.show(self._window, ProblemError(no_recipe()), self.tr("Find a learning rate"))
            return
        self._open(recipe)

    def _open(self, recipe: Recipe) -> None:
        from tldesk.ui.model.tools.rate_dialog import RateDialog

        dialog = RateDialog(self._phases(recipe), self._window)
        run = ToolRun(dialog, dialog.line, self._session, self._tasks)
        dialog.wanted.connect(lambda phase: self._start(dialog, run, recipe, phase))
        dialog.chosen.connect(lambda phase, rate: self.chosen.emit(_with_rate(recipe, phase, rate)))
        run.over.connect(dialog.end)
        dialog.open()

    def _phases(self, recipe: Recipe) -> list[tuple[int, str, float]]:
        """Return the phases trained in steps, as far as is known without torch.

        Only torch code decides whether a head can be solved directly.
        """
        return [
            (
                number,
                self.tr("{0}: {1}").format(number + 1, short_line(phase.freeze)),
                phase.learning_rate,
            )
            for number, phase in enumerate(recipe.phases)
            if not (phase.freeze == "all" and phase.solver == "auto" and recipe.head.kind == "linear")
        ]

    def _start(self, dialog: RateDialog, run: ToolRun, recipe: Recipe, phase: int) -> None:
        def hear(event: RateStep | None) -> None:
            if event is not None:
                dialog.show_curve(event.curve)

        run.start(
            self.tr("Finding a learning rate"),
            lambda context, stop: _work(context, recipe, phase, stop),
            on_begin=dialog.begin,
            on_event=hear,
        )


def _with_rate(recipe: Recipe, number: int, rate: float) -> Recipe:
    phases = list(recipe.phases)
    phases[number] = phases[number].model_copy(update={"learning_rate": rate})
    return recipe.model_copy(update={"phases": tuple(phases)})


def _work(
    context: WorkContext, recipe: Recipe, phase: int, stop: threading.Event
) -> Iterator[Progress | RateStep]:
    """Yield the steps of the test. Loads torch."""
    from tldesk.trainer.advice.rate_finder import finding_rate
    from tldesk.trainer.plan import make_plan

    yield from finding_rate(make_plan(context.project, recipe, context.device, context.library), phase, stop)
