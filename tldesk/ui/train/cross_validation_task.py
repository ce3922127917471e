"""Cross-validation in the window: asks for the number of folds, trains them in turn, shows a table."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from tldesk.base import Problem, ProblemError, Progress
from tldesk.ui import errors
from tldesk.ui.lane.tasks import Task, Tasks
from tldesk.ui.session.catch_up import catching_up
from tldesk.ui.session.operation_changes import OperationChanges
from tldesk.ui.session.session import Session
from tldesk.ui.widgets.series_progress import SeriesProgress

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.dataset.files.caught_up import CaughtUp
    from tldesk.engine import Device
    from tldesk.model.library import WeightsLibrary
    from tldesk.recipe import Recipe
    from tldesk.run.series.cross_validation import CrossValidation


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("CrossValidating", text)


class CrossValidating(QObject):
    """Runs one cross-validation at a time; its dialogs open over the window."""

    noticed = Signal(str)  # a remark on changed pictures, while it runs; "" for none

    def __init__(self, window: QWidget, session: Session, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._tasks = tasks
        self.task: Task | None = None
        self.found: CrossValidation | None = None
        self.remark = ""  # on changed pictures that were read again first

    def ask(self) -> None:
        """Ask for the number of folds, then start."""
        from tldesk.ui.train.cross_validation_dialogs import FoldsDialog

        problem = self._problem()
        if problem is not None:
            errors.show(self._window, ProblemError(problem), self.tr("Cross-validate"))
            return
        dialog = FoldsDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.wanted.connect(self.start)
        dialog.open()

    def _problem(self) -> Problem | None:
        if self.task is not None:
            what, fix = (
                self.tr("one is already running"),
                self.tr("Wait until it is done, or press Stop below"),
            )
            return Problem(self.tr("cross-validation"), what, fix)
        if self._session.recipe is None:
            what = self.tr("no recipe can be trained yet")
            return Problem(self.tr("recipe"), what, self.tr("The Model page shows what is missing"))
        return None

    def start(self, count: int) -> None:
        """Train the session's recipe on ``count`` folds."""
        session = self._session
        project, recipe = session.project, session.recipe
        if project is None or recipe is None or self.task is not None:
            return
        self.found, self.remark = None, ""
        self.noticed.emit("")
        self.task = self._tasks.stream(
            self.tr("Cross-validation"),
            lambda stop: _work(project, recipe, session.device, session.library, count=count, stop=stop),
            on_event=self._event,
            on_done=self._over,
            on_stopped=self._over,
            on_failed=self._failed,
        )

    def _event(self, event: Progress | CaughtUp | CrossValidation | None) -> None:
        # Imported here: the window imports this file at its start, and must not wait for numpy.
        from tldesk.dataset.files.caught_up import CaughtUp

        if event is None:
            self._session.tell(OperationChanges(runs=True))
        elif isinstance(event, CaughtUp):
            self.remark = event.words
            self.noticed.emit(event.words)
            self._session.tell(OperationChanges(images=True))
        elif not isinstance(event, Progress):
            self.found = event

    def _over(self) -> None:
        self.task = None
        self._session.tell(OperationChanges(runs=True))
        if self.found is None or not self.found.folds:
            return
        from tldesk.ui.train.cross_validation_dialogs import CrossDialog

        dialog = CrossDialog(self.found, self._window, self.remark)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _failed(self, error: Exception) -> None:
        self.task = None
        self._session.tell(OperationChanges(runs=True))
        errors.show(self._window, error, self.tr("Cross-validation failed"))


def _work(
    project: Project,
    recipe: Recipe,
    device: Device | None,
    library: WeightsLibrary,
    *,
    count: int,
    stop: threading.Event,
) -> Iterator[Progress | CaughtUp | CrossValidation | None]:
    """Yield progress, pictures that were read again, None when a run begins or ends, and the result.

    Loads torch.
    """
    from tldesk.run.series.cross_validation import FoldBegun, FoldDone, cross_validating
    from tldesk.trainer.plan import make_plan

    yield from catching_up(project, stop)
    plan = make_plan(project, recipe, device, library)
    progress = SeriesProgress([recipe.epochs] * count)
    steps = cross_validating(project, plan, count, stop)
    try:
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                yield end.value
                return
            if isinstance(step, FoldBegun | FoldDone):
                if isinstance(step, FoldBegun):
                    progress.begin(step.fold.number - 1, tr("Fold {0}").format(step.fold.words))
                yield None
            else:
                yield from progress.of(step)
    finally:
        steps.close()
