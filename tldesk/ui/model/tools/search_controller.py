"""Searching for a recipe in the window: a dialog over the Model page, the tries in the compute lane."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from tldesk.base import Problem, ProblemError, Progress
from tldesk.recipe import Recipe
from tldesk.ui import errors
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.model.tools.work_line import LaneWork
from tldesk.ui.session.session import Session

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.engine import Device
    from tldesk.model.library import WeightsLibrary
    from tldesk.run.series.search_folder import Search, Try
    from tldesk.ui.model.tools.search_dialog import SearchDialog

Found = tuple["Search", tuple["Try", ...]]


class SearchingRecipe(QObject):
    """``chosen`` brings the recipe that the user takes."""

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
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        work = LaneWork(self._tasks, dialog.line)
        dialog.wanted.connect(lambda tries, over: self._begin(dialog, work, tries, over))
        dialog.resumed.connect(lambda tries: self._go_on(dialog, work, tries))
        dialog.chosen.connect(self.chosen)
        dialog.finished.connect(lambda _result: work.cancel())
        work.over.connect(dialog.end)
        dialog.open()

    def _begin(self, dialog: SearchDialog, work: LaneWork, tries: int, over: Sequence[str]) -> None:
        session = self._session
        recipe = session.recipe
        if recipe is None:
            what = self.tr("the recipe cannot be trained yet")
            problem = Problem(self.tr("recipe"), what, self.tr("Mend what is marked on the Model page first"))
            dialog.line.problem.set_problems(errors.problems_of(ProblemError(problem)))
            return
        device, library = session.device, session.library
        self._start(
            dialog, work, lambda project: _created(project, recipe, device, library, (tries, over)), anew=True
        )

    def _go_on(self, dialog: SearchDialog, work: LaneWork, tries: int) -> None:
        self._start(dialog, work, lambda project: _resumed(project, tries), anew=False)

    def _start(
        self, dialog: SearchDialog, work: LaneWork, make: Callable[[Project], Search], *, anew: bool
    ) -> None:
        session = self._session
        project = session.project
        if project is None or work.task is not None:
            return
        dialog.begin(anew=anew)
        device, library = session.device, session.library

        def hear(found: Found) -> None:
            dialog.take(*found)

        work.start(
            self.tr("Searching for a recipe"), lambda stop: _work(project, make, device, library, stop), hear
        )


def _last(project: Project) -> Search | None:
    from tldesk.run.series.search_folder import Search

    return Search.last(project)


def _created(
    project: Project,
    recipe: Recipe,
    device: Device | None,
    library: WeightsLibrary,
    wish: tuple[int, Sequence[str]],
) -> Search:
    from tldesk.run.series.search_folder import Search
    from tldesk.trainer.plan import make_plan

    return Search.create(project, make_plan(project, recipe, device, library), *wish)


def _resumed(project: Project, tries: int) -> Search:
    search = _last(project)
    if search is None:
        raise ProblemError(Problem("search", "it is gone", "Begin a new one"))
    search.want(tries)
    return search


def _work(
    project: Project,
    make: Callable[[Project], Search],
    device: Device | None,
    library: WeightsLibrary,
    stop: threading.Event,
) -> Iterator[Progress | Found]:
    """Progress, and the search with its tries whenever one ended. Loads torch and Optuna."""
    from tldesk.run.series.search_loop import TryDone, searching

    search = make(project)
    yield search, search.tries
    for step in searching(search, device, library, stop):
        if isinstance(step, Progress):
            yield step
        elif isinstance(step, TryDone):
            yield search, search.tries
