"""Comparing the three ways in the window: a dialog over the Model page, the runs in the compute lane."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from tldesk.ui.lane.tasks import Task, Tasks
from tldesk.ui.model.tools import three_ways_work as work
from tldesk.ui.model.tools.three_ways_state import ComparisonStart, ComparisonState
from tldesk.ui.model.tools.tool_run import ToolRun, WorkContext, no_recipe
from tldesk.ui.session.operation_changes import OperationChanges
from tldesk.ui.session.session import Session

if TYPE_CHECKING:
    from tldesk.recipe import Recipe
    from tldesk.run.series.three_ways_record import ThreeWays
    from tldesk.ui.model.tools.three_ways_dialog import ThreeWaysDialog


class ThreeWaysController(QObject):
    """``chosen`` passes the recipe that the user selects, ``runAsked`` a run to open."""

    chosen = Signal(object)  # Recipe
    runAsked = Signal(object)  # Run
    weightsAsked = Signal(str)  # name of a backbone

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
        self._tasks.read(lambda: work.start_state(project, recipe, library), on_done=self._open)

    def _open(self, start: ComparisonStart) -> None:
        from tldesk.ui.model.tools.three_ways_dialog import ThreeWaysDialog

        dialog = ThreeWaysDialog(start, self._window)
        run = ToolRun(dialog, dialog.line, self._session, self._tasks)
        dialog.wanted.connect(lambda: self._begin(dialog, run))
        dialog.resumed.connect(lambda: self._start(dialog, run, work.last_comparison, new=False))
        dialog.chosen.connect(self.chosen)
        dialog.runChosen.connect(self._open_run)
        dialog.weightsAsked.connect(self.weightsAsked)
        dialog.finished.connect(lambda _result: self._stop_measuring())
        run.cancelled.connect(lambda: self._session.tell(OperationChanges(runs=True)))
        run.over.connect(lambda how: self._over(dialog, how))
        dialog.open()
        recipe = self._session.recipe
        if recipe is not None and start.problem is None:
            self._measure(dialog, recipe)

    def _begin(self, dialog: ThreeWaysDialog, run: ToolRun) -> None:
        recipe = self._session.recipe
        if recipe is None:
            dialog.line.problem.set_problems([no_recipe()])
        else:
            self._start(dialog, run, partial(work.new_comparison, recipe), new=True)

    def _start(
        self, dialog: ThreeWaysDialog, run: ToolRun, make: Callable[[WorkContext], ThreeWays], *, new: bool
    ) -> None:
        seconds = None if dialog.forecast is None else dialog.forecast.seconds

        def begin() -> None:
            self._stop_measuring()
            dialog.begin(new=new)

        def hear(state: ComparisonState) -> None:
            dialog.take(state)
            if state.runs_changed:
                self._session.tell(OperationChanges(runs=True))

        run.start(
            self.tr("Comparing the three ways"),
            lambda context, stop: work.compare(context, make, stop, seconds),
            on_begin=begin,
            on_event=hear,
        )

    def _over(self, dialog: ThreeWaysDialog, how: str) -> None:
        dialog.end(how)
        self._session.tell(OperationChanges(runs=True))

    def _open_run(self, number: int) -> None:
        from tldesk.run import Run

        project = self._session.project
        if project is not None:
            self._tasks.read(lambda: Run.open(project, number), on_done=self.runAsked.emit)

    # --- the forecast ----------------------------------------------------------------------------------

    def _measure(self, dialog: ThreeWaysDialog, recipe: Recipe) -> None:
        project, device = self._session.project, self._session.device
        assert project is not None
        self._measuring = self._tasks.stream(
            self.tr("Measuring training speed"),
            lambda stop: work.forecast_seconds(project, recipe, device, stop),
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
