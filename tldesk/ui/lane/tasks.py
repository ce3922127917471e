"""Creates all threads of the window: a serial lane for computing, one for writing, a pool for reading.

Callbacks are always called on the interface thread. Events of a task are appended to the task's own queue and
delivered from there by a timer. This way a cancelled task is silent at once (queued Qt signals would still be
delivered after ``disconnect``), and many events leave the window half of the time for other work.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal

from tldesk.base import Progress
from tldesk.base.parallel import lower_priority
from tldesk.ui.lane.reading_pool import ReadingPool, Ticket
from tldesk.ui.lane.writing_lane import WritingLane

__all__ = ["Task", "Tasks", "Ticket"]

T = TypeVar("T")

_DELIVERY_SECONDS = 0.008  # events are delivered for at most half a frame …
_DELIVERY_PAUSE = 16  # … once a frame (ms)
_MOST_PENDING = 5000  # events; a task that produces more waits until some are delivered
_LANE_NICENESS = 5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listeners:
    """The callbacks of a task, all called on the interface thread."""

    on_event: Callable[[Any], None] | None = None
    on_done: Callable[[], None] | None = None
    on_failed: Callable[[Exception], None] | None = None
    on_stopped: Callable[[], None] | None = None


class Task(QObject):
    """One job in the compute lane. States: waiting, running, stopping, done, stopped, failed."""

    progressed = Signal()
    stateChanged = Signal(str)

    def __init__(
        self,
        title: str,
        make: Callable[[threading.Event], Iterator[Any]],
        listeners: Listeners,
        owner: Tasks,
        *,
        short: bool,
        background: bool,
    ) -> None:
        super().__init__(owner)
        self.listeners = listeners
        self.title = title
        self.make = make
        self.state = "waiting"
        self.text = title
        self.done = 0
        self.total = 0
        self.seconds_left: float | None = None
        self.stop_asked = threading.Event()
        self.error: Exception | None = None
        self.silent = False
        self.short = short  # nothing to stop, and not worth a question when the window closes
        self.background = background  # started automatically: runs only when there is nothing else to do
        self.gives_way = False  # it was stopped because another task was requested
        self.pending: deque[Any] = deque()
        self.signalled = False  # whether the interface thread was notified of pending events
        self.over = False  # whether it has produced its last event

    @property
    def active(self) -> bool:
        """Whether it is waiting, running or stopping."""
        return self.state in {"waiting", "running", "stopping"}

    @property
    def asked_for(self) -> bool:
        """Whether to ask the user before stopping it: not for short or background tasks."""
        return not self.short and not self.background

    def stop(self) -> None:
        """Ask it to end soon and keep its results so far; its last events and ``on_stopped`` still arrive."""
        if not self.active:
            return
        self.stop_asked.set()
        self.set_state("stopping")

    def cancel(self) -> None:
        """Ask it to end; nothing is delivered any more, not even events that are already queued."""
        self.silent = True
        self.stop()

    def report(self, text: str, done: int, total: int, seconds_left: float | None = None) -> None:
        """Report progress; ``total`` 0 means unknown. ``Progress`` events are reported automatically.

        May also be called on the compute thread: listeners are called on the interface thread.
        """
        self.text, self.done, self.total, self.seconds_left = text, done, total, seconds_left
        self.progressed.emit()

    def give_way(self) -> None:
        """End soon and start again later, unless it is stopped by the user meanwhile."""
        if self.state == "running":
            self.gives_way = True
            self.stop_asked.set()

    def wait_again(self) -> None:
        """Reset it to the state before it started."""
        self.stop_asked = threading.Event()
        self.gives_way = self.over = False
        self.set_state("waiting")

    def set_state(self, state: str) -> None:
        """Change the state and emit ``stateChanged``."""
        self.state = state
        self.stateChanged.emit(state)


class _Lane(QThread):
    """The compute thread: runs one task after the other and iterates over its events.

    All tasks share one thread, because torch keeps a pool of threads and SQLite a connection per thread.
    """

    produced = Signal(object)
    ended = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.todo: queue.SimpleQueue[Task | None] = queue.SimpleQueue()

    def run(self) -> None:
        lower_priority(_LANE_NICENESS)
        while (task := self.todo.get()) is not None:
            try:
                self._iterate(task)
            except Exception as error:  # noqa: BLE001 - whatever happens on this thread is shown by the window
                task.error = error
            self.ended.emit(task)

    def _iterate(self, task: Task) -> None:
        if task.stop_asked.is_set():
            return
        with contextlib.closing(_events(task)) as events:
            for event in events:
                while len(task.pending) >= _MOST_PENDING and not task.stop_asked.wait(0.005):
                    pass
                task.pending.append(event)
                if not task.signalled:
                    task.signalled = True
                    self.produced.emit(task)


class Tasks(QObject):
    """Runs work off the interface thread. Create one per program and call ``shutdown`` at the end."""

    taskStarted = Signal(object)
    taskFinished = Signal(object)  # also for a task that gave way and waits again
    failed = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = _Lane(self)
        self._lane.setObjectName("tldesk compute")
        self._waiting: deque[Task] = deque()
        self._current: Task | None = None
        self._pool = ReadingPool(self)
        self._pool.failed.connect(partial(self.tell_failure, ""))
        self._writing = WritingLane(self)
        self._writing.failed.connect(partial(self.tell_failure, ""))
        self._closed = False
        queued = Qt.ConnectionType.QueuedConnection  # the lane emits on its own thread
        self._pulse = QTimer(self)
        self._pulse.setSingleShot(True)
        self._pulse.setInterval(_DELIVERY_PAUSE)
        self._pulse.timeout.connect(self._deliver)
        self._lane.produced.connect(self._hear, queued)
        self._lane.ended.connect(self._hear_the_end, queued)

    @property
    def busy(self) -> bool:
        """Whether a task of the compute lane is running or waiting; background tasks do not count."""
        return any(not task.background for task in self.active())

    @property
    def current(self) -> Task | None:
        """The running task, or the next to run; None if there is none. Background tasks do not count."""
        return next((task for task in self.active() if not task.background), None)

    def active(self) -> tuple[Task, ...]:
        """The running task and the waiting ones, in order."""
        return () if self._current is None else (self._current, *self._waiting)

    def stream(
        self,
        title: str,
        make: Callable[[threading.Event], Iterator[T]],
        *,
        on_event: Callable[[T], None] | None = None,
        on_done: Callable[[], None] | None = None,
        on_failed: Callable[[Exception], None] | None = None,
        on_stopped: Callable[[], None] | None = None,
        short: bool = False,
        background: bool = False,
    ) -> Task:
        """Iterate ``make(stop)`` on the compute thread after the tasks that are already waiting.

        A background task waits until there is nothing else to do. If another task is requested meanwhile, it
        is stopped, and ``make`` is called again later: it must then continue where it stopped.

        Exactly one of ``on_done``, ``on_stopped`` (it was asked to stop and ended without an error) and
        ``on_failed`` is called. Without ``on_failed`` the window shows the error (signal ``failed``).
        """
        listeners = Listeners(on_event, on_done, on_failed, on_stopped)
        task = Task(title, make, listeners, self, short=short, background=background)
        self._enqueue(task)
        self._start_next()
        return task

    def compute(
        self,
        title: str,
        fn: Callable[[], T],
        *,
        on_done: Callable[[T], None] | None = None,
        on_failed: Callable[[Exception], None] | None = None,
    ) -> Task:
        """Call ``fn`` on the compute thread; its result is passed to ``on_done``."""
        return self.stream(title, lambda _stop: _once(fn), on_event=on_done, on_failed=on_failed, short=True)

    def read(
        self,
        fn: Callable[[], T],
        *,
        on_done: Callable[[T], None] | None = None,
        on_failed: Callable[[Exception], None] | None = None,
        priority: int = 0,
        behind: bool = False,
    ) -> Ticket:
        """Call ``fn`` in the pool (pictures, queries, thumbnails), even while the compute lane is busy.

        Work with ``behind`` starts when nothing else has been read for a moment, or after two seconds, one
        call at a time. It is meant for slow work that the user does not wait for, such as counts and scans of
        all files.
        """
        return self._pool.read(fn, on_done, on_failed, priority, behind=behind)

    @property
    def writing(self) -> bool:
        """Whether a call of ``write`` is pending, or its result has not been delivered yet."""
        return self._writing.busy

    def write(
        self,
        fn: Callable[[], T],
        *,
        on_done: Callable[[T], None] | None = None,
        on_failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Call ``fn`` on the writing thread after all earlier calls of ``write``.

        It cannot be cancelled, and ``shutdown`` waits for it, so no edit is ever lost. Results arrive in the
        order of the calls. Without ``on_failed`` the window shows the error (signal ``failed``).
        """
        self._writing.write(fn, on_done, on_failed)

    def tell_failure(self, title: str, error: Exception) -> None:
        """Let the window show an error; ``title`` says what failed, "" if nothing in particular."""
        self.failed.emit(title, error)

    def stop(self, task: Task) -> None:
        """Do the same as ``task.stop()``; a task that is still waiting ends without having started."""
        task.stop()

    def shutdown(self) -> None:
        """Stop all tasks, wait for them and end the threads. Nothing is delivered afterwards."""
        if self._closed:
            return
        self._closed = True
        self._pulse.stop()
        for task in self.active():
            task.cancel()
        self._pool.close()
        self._writing.close()
        self._lane.todo.put(None)
        self._lane.wait()
        self._pool.wait()

    def _enqueue(self, task: Task) -> None:
        """Queue a task; background tasks come after all others and give way to them."""
        if task.background:
            self._waiting.append(task)
            return
        others = sum(1 for waiting in self._waiting if not waiting.background)
        self._waiting.insert(others, task)
        if self._current is not None and self._current.background:
            self._current.give_way()

    def _start_next(self) -> None:
        if self._current is not None or not self._waiting or self._closed:
            return
        if not self._lane.isRunning():
            self._lane.start(QThread.Priority.LowPriority)
        task = self._current = self._waiting.popleft()
        if task.state == "waiting":
            task.set_state("running")
        self.taskStarted.emit(task)
        self._lane.todo.put(task)

    def _hear(self, _task: Task) -> None:
        if not self._pulse.isActive() and not self._closed:
            self._pulse.start()

    def _hear_the_end(self, task: Task) -> None:
        task.over = True
        self._hear(task)

    def _deliver(self) -> None:
        """Deliver events for a few milliseconds; the rest follows in the next turn of the event loop."""
        task = self._current
        if task is None or self._closed:
            return
        task.signalled = False
        until = time.monotonic() + _DELIVERY_SECONDS
        while task.pending and time.monotonic() < until:
            self._hand_over(task, task.pending.popleft())
        if task.pending:
            self._pulse.start()
        elif task.over:
            self._finish(task)

    def _hand_over(self, task: Task, event: object) -> None:
        if self._closed or task.silent:
            return
        if isinstance(event, Progress):
            task.report(event.what, event.done, event.total, event.seconds_left)
        if task.listeners.on_event is not None:
            task.listeners.on_event(event)

    def _finish(self, task: Task) -> None:
        if task is not self._current or self._closed:
            return  # a handler opened its own event loop, in which the task finished
        self._current = None
        try:
            self._conclude(task)
        finally:
            self.taskFinished.emit(task)
            self._start_next()
            if not task.active:
                task.deleteLater()

    def _conclude(self, task: Task) -> None:
        if task.error is not None:
            log.error("%s failed", task.title, exc_info=task.error)
            task.set_state("failed")
            if not task.silent:
                (task.listeners.on_failed or partial(self.tell_failure, task.title))(task.error)
            return
        if task.gives_way and task.state == "running":  # otherwise it was also stopped by the user
            task.wait_again()
            self._enqueue(task)
            return
        task.set_state("stopped" if task.stop_asked.is_set() else "done")
        call = task.listeners.on_stopped if task.stop_asked.is_set() else task.listeners.on_done
        if call is not None and not task.silent:
            call()


def _once(fn: Callable[[], T]) -> Iterator[T]:
    yield fn()


def _events(task: Task) -> Generator[Any, None, None]:
    """Wrap the iterator that ``make`` returns in a generator; closing it closes the iterator too."""
    yield from task.make(task.stop_asked)
