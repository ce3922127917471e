"""Cross-validation in the window: asks for the number of folds, trains them in turn, shows a table."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtWidgets import QWidget

from tldesk.base import Problem, ProblemError, Progress
from tldesk.ui import errors
from tldesk.ui.session import Session
from tldesk.ui.tasks import Task, Tasks

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.engine import Device
    from tldesk.model.library import WeightsLibrary
    from tldesk.recipe import Recipe
    from tldesk.run.crossing import Crossing, Step
    from tldesk.trainer.events import Event


def tr(text: str) -> str:
    """A text of this file in the user's language."""
    return QCoreApplication.translate("CrossValidating", text)


class CrossValidating(QObject):
    """One at a time; its dialogs open over the window."""

    def __init__(self, window: QWidget, session: Session, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._tasks = tasks
        self.task: Task | None = None
        self.found: Crossing | None = None

    def ask(self) -> None:
        """Ask for the number of folds, then begin."""
        from tldesk.ui.widgets.cross_dialogs import FoldsDialog

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
                self.tr("one is running already"),
                self.tr("Wait until it is done, or press Stop below"),
            )
            return Problem(self.tr("cross-validation"), what, fix)
        if self._session.recipe is None:
            what = self.tr("there is no recipe that could be trained yet")
            return Problem(self.tr("recipe"), what, self.tr("The Model page says what is missing"))
        return None

    def start(self, count: int) -> None:
        """Train the session's recipe on so many folds."""
        session = self._session
        project, recipe = session.project, session.recipe
        if project is None or recipe is None or self.task is not None:
            return
        self.found = None
        self.task = self._tasks.stream(
            self.tr("Cross-validation"),
            lambda stop: _work(project, recipe, session.device, session.library, count=count, stop=stop),
            on_event=self._event,
            on_done=self._over,
            on_stopped=self._over,
            on_failed=self._failed,
        )

    def _event(self, event: Progress | Crossing | None) -> None:
        if event is None:
            self._session.runsChanged.emit()
        elif not isinstance(event, Progress):
            self.found = event

    def _over(self) -> None:
        self.task = None
        self._session.runsChanged.emit()
        if self.found is None or not self.found.folds:
            return
        from tldesk.ui.widgets.cross_dialogs import CrossDialog

        dialog = CrossDialog(self.found, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _failed(self, error: Exception) -> None:
        self.task = None
        self._session.runsChanged.emit()
        errors.show(self._window, error, self.tr("The cross-validation did not work"))


def _work(
    project: Project,
    recipe: Recipe,
    device: Device | None,
    library: WeightsLibrary,
    *,
    count: int,
    stop: threading.Event,
) -> Iterator[Progress | Crossing | None]:
    """Progress; None where a run was added or ended; at the end what came of it. Loads torch."""
    from tldesk.run.crossing import cross_validating
    from tldesk.trainer.plan import make_plan

    plan = make_plan(project, recipe, device, library)
    progress = _Progress(count, recipe.epochs)
    steps = cross_validating(project, plan, count, stop)
    try:
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                yield end.value
                return
            yield from progress.of(step)
    finally:
        steps.close()


class _Progress:
    """How far all folds together are."""

    def __init__(self, count: int, epochs: int) -> None:
        self._epochs = epochs
        self._total = count * epochs
        self._before = 0  # epochs of earlier folds
        self._words = ""
        self._start = time.monotonic()

    def of(self, step: Step | Event) -> Iterator[Progress | None]:
        """What to show of a step."""
        from tldesk.run.crossing import FoldBegun, FoldDone
        from tldesk.trainer.events import BatchFinished, EpochFinished, Preparing

        if isinstance(step, FoldBegun):
            self._words = tr("Fold {0}").format(step.fold.words)
            self._before = (step.fold.number - 1) * self._epochs
            yield None
        elif isinstance(step, FoldDone):
            yield None
        elif isinstance(step, Preparing | Progress):
            yield Progress(f"{self._words}: {step.what}", step.done, step.total, step.seconds_left)
        elif isinstance(step, BatchFinished):
            words = tr("{0}, epoch {1}, batch").format(self._words, step.epoch)
            left = self._left(self._before + step.epoch - 1 + step.step / step.steps)
            yield Progress(words, step.step, step.steps, left)
        elif isinstance(step, EpochFinished):
            done = self._before + step.epoch
            yield Progress(tr("{0}, epoch").format(self._words), done, self._total, self._left(done))

    def _left(self, done: float) -> float:
        """Seconds for the epochs that are still to be done, as fast as those before."""
        return (time.monotonic() - self._start) / done * (self._total - done)
