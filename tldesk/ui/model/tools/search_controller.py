"""Searching for a recipe in the window: a dialog over the Model page, the tries in the compute lane."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from tldesk.base import Problem, ProblemError, Progress
from tldesk.recipe import Recipe
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.model.tools.tool_run import ToolRun, WorkContext, no_recipe
from tldesk.ui.session.session import Session

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.run.series.search_record import Search, Try
    from tldesk.ui.model.tools.search_dialog import SearchDialog


class SearchController(QObject):
    """``chosen`` passes the recipe that the user selects."""

    chosen = Signal(object)  # Recipe

    def __init__(self, window: QWidget, session: Session, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._tasks = tasks

    def ask(self) -> None:
        """Open the dialog with the tries of the project's last search."""
        project = self._session.project
        if project is None:
            return
        self._tasks.read(lambda: _last(project), on_done=self._open)

    def _open(self, last: Search | None) -> None:
        from tldesk.ui.model.tools.search_dialog import SearchDialog

        dialog = SearchDialog(last, self._window)
        run = ToolRun(dialog, dialog.line, self._session, self._tasks)
        dialog.wanted.connect(lambda tries, over: self._begin(dialog, run, tries, over))
        dialog.resumed.connect(lambda tries: self._start(dialog, run, partial(_resumed, tries), new=False))
        dialog.chosen.connect(self.chosen)
        run.over.connect(dialog.end)
        dialog.open()

    def _begin(self, dialog: SearchDialog, run: ToolRun, tries: int, over: Sequence[str]) -> None:
        recipe = self._session.recipe
        if recipe is None:
            dialog.line.problem.set_problems([no_recipe()])
        else:
            self._start(dialog, run, partial(_created, recipe, tries, over), new=True)

    def _start(
        self, dialog: SearchDialog, run: ToolRun, make: Callable[[WorkContext], Search], *, new: bool
    ) -> None:
        run.start(
            self.tr("Searching for a recipe"),
            lambda context, stop: _work(context, make, stop),
            on_begin=lambda: dialog.begin(new=new),
            on_event=lambda progress: dialog.take(*progress),
        )


def _last(project: Project) -> Search | None:
    from tldesk.run.series.search_record import Search

    return Search.last(project)


def _created(recipe: Recipe, tries: int, over: Sequence[str], context: WorkContext) -> Search:
    from tldesk.run.series.search_record import Search
    from tldesk.trainer.plan import make_plan

    plan = make_plan(context.project, recipe, context.device, context.library)
    return Search.create(context.project, plan, tries, over)


def _resumed(tries: int, context: WorkContext) -> Search:
    search = _last(context.project)
    if search is None:
        raise ProblemError(Problem("search", "it is gone", "Begin a new one"))
    search.want(tries)
    return search


def _work(
    context: WorkContext, make: Callable[[WorkContext], Search], stop: threading.Event
) -> Iterator[Progress | tuple[Search, tuple[Try, ...]]]:
    """Yield progress, and the search with its tries whenever one has ended. Loads torch and Optuna."""
    from tldesk.run.series.search_loop import TryDone, searching

    search = make(context)
    yield search, search.tries
    for step in searching(search, context.device, context.library, stop):
        if isinstance(step, Progress):
            yield step
        elif isinstance(step, TryDone):
            yield search, search.tries
