"""A tool's dialog over the page, and its single task in the compute lane."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtWidgets import QDialog

from tldesk.base import Problem, Progress
from tldesk.dataset.files.caught_up import CaughtUp
from tldesk.ui.lane.tasks import Task, Tasks
from tldesk.ui.model.tools.progress_line import ProgressLine
from tldesk.ui.session.catch_up import catching_up
from tldesk.ui.session.operation_changes import OperationChanges
from tldesk.ui.session.session import Session

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.engine import Device
    from tldesk.model.library import WeightsLibrary


class WorkContext(NamedTuple):
    """The inputs of work in the compute lane: project, device (None: not known yet), weights library."""

    project: Project
    device: Device | None
    library: WeightsLibrary


Work = Callable[[WorkContext, threading.Event], Iterator[Any]]


class ToolRun(QObject):
    """Runs the work of a tool's dialog, one task at a time, and cancels it when the dialog closes.

    ``over`` passes how it ended: "done", "stopped" or "failed"; ``cancelled``: the dialog was closed before.
    """

    over = Signal(str)
    cancelled = Signal()

    def __init__(self, dialog: QDialog, line: ProgressLine, session: Session, tasks: Tasks) -> None:
        super().__init__(dialog)
        self._line = line
        self._session = session
        self._tasks = tasks
        self._task: Task | None = None
        line.stopAsked.connect(self._stop)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(lambda _result: self._cancel())

    def start(
        self, title: str, work: Work, *, on_begin: Callable[[], None], on_event: Callable[[Any], None]
    ) -> None:
        """Start, unless no project is open or something is already running.

        ``on_begin`` is called first, ``on_event`` with all events except ``Progress``, which the progress
        line shows.
        """
        session = self._session
        if session.project is None or self._task is not None:
            return
        on_begin()
        context = WorkContext(session.project, session.device, session.library)
        waits = self._tasks.current
        self._line.begin(self.tr("Waiting for: {0}").format(waits.title) if waits else self.tr("Starting…"))
        self._task = self._tasks.stream(
            title,
            lambda stop: _up_to_date(work, context, stop),
            on_event=lambda event: self._hear(event, on_event),
            on_done=lambda: self._end("done"),
            on_stopped=lambda: self._end("stopped"),
            on_failed=self._fail,
        )

    def _hear(self, event: object, on_event: Callable[[Any], None]) -> None:
        if isinstance(event, CaughtUp):
            self._session.tell(OperationChanges(images=True))
            self._line.remark(event.words)
        elif not isinstance(event, Progress):
            on_event(event)
        elif self._task is not None and not self._task.stop_asked.is_set():
            self._line.show_progress(event)

    def _stop(self) -> None:
        """Ask it to end; its results so far still arrive."""
        if self._task is not None:
            self._line.stopping()
            self._task.stop()

    def _cancel(self) -> None:
        """Ask it to end; no more results are delivered."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self.cancelled.emit()

    def _end(self, how: str) -> None:
        self._task = None
        self._line.tell("")
        self.over.emit(how)

    def _fail(self, error: Exception) -> None:
        self._task = None
        self._line.fail(error)
        self.over.emit("failed")


def _up_to_date(work: Work, context: WorkContext, stop: threading.Event) -> Iterator[Any]:
    yield from catching_up(context.project, stop)
    if not stop.is_set():
        yield from work(context, stop)


def no_recipe() -> Problem:
    """Return the problem shown if the page's recipe cannot be trained."""
    return Problem(
        QCoreApplication.translate("ToolRun", "recipe"),
        QCoreApplication.translate("ToolRun", "the recipe cannot be trained yet"),
        QCoreApplication.translate("ToolRun", "Fix the marked fields on the Model page first"),
    )
