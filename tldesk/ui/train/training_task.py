"""One training in the compute lane: starting, resuming and stopping it, and its events for the Train page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tldesk.base import Progress, duration
from tldesk.dataset.files.caught_up import CaughtUp
from tldesk.trainer.events import (
    BatchFinished,
    EpochFinished,
    Notice,
    PhaseStarted,
    Preparing,
    Started,
)
from tldesk.ui.lane.tasks import Task, Tasks
from tldesk.ui.session.operation_changes import OperationChanges
from tldesk.ui.session.session import Session
from tldesk.ui.train import work
from tldesk.ui.train.live_run import LiveRun
from tldesk.ui.train.work import RunFinished, RunOpened

if TYPE_CHECKING:
    import threading


class TrainingTask(QObject):
    """Runs one training at a time. The signals tell the page what to update."""

    changed = Signal()  # started, stopping or ended
    said = Signal(str)  # text about the progress
    noticed = Signal(str)  # a warning about this training; "" for none
    timeLeftChanged = Signal(str)
    runOpened = Signal(int)  # number of the run
    phaseChanged = Signal()  # the phases or the first epoch: redraw everything
    curvesGrown = Signal()  # the curves have a new point
    failed = Signal(object)  # Exception

    def __init__(self, session: Session, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._task: Task | None = None
        self._live: LiveRun | None = None

    @property
    def active(self) -> bool:
        """Whether a run is being trained or is waiting to be."""
        return self._task is not None

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop and has not ended yet."""
        return self._task is not None and self._task.state == "stopping"

    @property
    def live(self) -> LiveRun | None:
        """The run that is being trained; None before its folder exists."""
        return self._live

    def forget(self) -> None:
        """Forget the live run, because another project was opened."""
        self._live = None

    # --- start and end --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Train a new run with the session's recipe."""
        project, recipe = self._session.project, self._session.recipe
        if project is None or recipe is None or self._task is not None:
            return
        device, library = self._session.device, self._session.library
        self._begin(lambda stop: work.new_run(project, recipe, device, library, stop))

    def resume(self, number: int) -> None:
        """Resume this run."""
        project = self._session.project
        if project is None or self._task is not None:
            return
        device = self._session.device
        self._begin(lambda stop: work.resumed_run(project, number, device, stop))

    def stop(self) -> None:
        """Stop it; the best weights so far are kept."""
        if self._task is not None:
            self.said.emit(self.tr("Stopping; the best epoch so far is kept…"))
            self.timeLeftChanged.emit("")
            self._task.stop()
            self.changed.emit()

    def _begin(self, make: Callable[[threading.Event], Iterator[object]]) -> None:
        self.noticed.emit("")
        self.timeLeftChanged.emit("")
        current = self._tasks.current
        waits = self.tr("Waiting for: {0}").format(current.title) if current else ""
        self.said.emit(waits or self.tr("Getting ready…"))
        self._task = self._tasks.stream(
            self.tr("Training"),
            make,
            on_event=self._event,
            on_done=self._over,
            on_stopped=self._over,
            on_failed=self._failed,
        )
        self.changed.emit()

    def _over(self) -> None:
        self._task = None
        self._live = None
        self.timeLeftChanged.emit("")
        self.changed.emit()
        self._session.tell(OperationChanges(runs=True))

    def _failed(self, error: Exception) -> None:
        self._over()
        self.failed.emit(error)

    # --- events ---------------------------------------------------------------------------------------------

    def _event(self, event: object) -> None:  # noqa: C901 - one line for each kind of event
        match event:
            case RunOpened():
                self._opened(event)
            case Started():
                self.said.emit(self.tr("{0} on {1}").format(event.backbone, event.device))
            case Preparing():
                self._counted(event.what, event.done, event.total)
                self._report(event.what, event.done, event.total, event.seconds_left)
            case PhaseStarted():
                self._phase_started(event)
            case BatchFinished():
                self._batch(event)
            case EpochFinished():
                self._epoch(event)
            case Notice():
                self.noticed.emit(event.text)
            case CaughtUp():
                self.noticed.emit(event.words)
                self._session.tell(OperationChanges(images=True))
            case Progress():
                self._counted(event.what, event.done, event.total)
                self._tell_time(event.seconds_left)
            case RunFinished():
                self._run_finished(event)

    def _opened(self, event: RunOpened) -> None:
        run = event.run
        self._live = LiveRun(run)
        self._session.set_run(run)
        self._session.tell(OperationChanges(runs=True))
        self.runOpened.emit(run.number)
        if self._task is not None:
            self._task.title = self.tr("Training run {0}").format(run.number)
            self._task.report(self._task.title, 0, 0)
        self.changed.emit()

    def _phase_started(self, event: PhaseStarted) -> None:
        if self._live is not None:
            self._live.phase(event)
            self.phaseChanged.emit()

    def _batch(self, event: BatchFinished) -> None:
        if self._live is not None:
            self._live.batch(event)
            self._tell_time(event.seconds_left)
            self.curvesGrown.emit()

    def _epoch(self, event: EpochFinished) -> None:
        live = self._live
        if live is None:
            return
        self.said.emit(live.epoch(event))
        self._report(self.tr("Training, epoch"), event.epoch, live.epochs, event.seconds_left)
        if len(live.curves.epochs) == 1:
            self.phaseChanged.emit()
        self.curvesGrown.emit()

    def _run_finished(self, event: RunFinished) -> None:
        run = event.run
        self._live = None
        self.said.emit(self.tr("Done"))
        if event.kept:
            self._session.set_model(run.model)
        self._session.set_run(run)

    def _counted(self, what: str, done: int, total: int) -> None:
        self.said.emit(self.tr("{0}: {1} of {2}").format(what, done, total))

    def _report(self, text: str, done: int, total: int, left: float | None) -> None:
        self._tell_time(left)
        if self._task is not None:
            self._task.report(text, done, total, left)

    def _tell_time(self, seconds: float | None) -> None:
        self.timeLeftChanged.emit("" if seconds is None else self.tr("{0} left").format(duration(seconds)))
