"""The only maker of threads in the window: a serial lane for computing, one for writing, a pool for reading.

Everything given to a callback arrives on the interface thread. Events of a task are put in a list of its own,
and a timer hands them over from there: a cancelled task is silent at once (signals that are already queued
would still be delivered after ``disconnect``), and a flood of events leaves the window half of the time.
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

_DELIVERY_SECONDS = 0.008  # events are handed over for at most half a frame …
_DELIVERY_PAUSE = 16  # … once a frame (ms)
_MOST_PENDING = 5000  # events; a task that makes more waits until some were handled
_LANE_NICENESS = 5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who hears of a task, all on the interface thread."""

    on_event: Callable[[Any], None] | None = None
    on_done: Callable[[], None] | None = None
    on_failed: Callable[[Exception], None] | None = None
    on_stopped: Callable[[], None] | None = None


class Task(QObject):
    """One piece of work in the compute lane. States: waiting, running, stopping, done, stopped, failed."""

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
        self.short = short  # nothing to stop and nothing to ask about when the window closes
        self.background = background  # nobody asked for it: it runs when nothing else is to be done
        self.gives_way = False  # it was told to stop because something else was asked for
        self.pending: deque[Any] = deque()
        self.signalled = False  # whether the interface thread knows that events are pending
        self.over = False  # whether its last event was made

    @property
    def active(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in {"waiting", "running", "stopping"}

    @property
    def asked_for(self) -> bool:
        """Whether it is worth a question before it is stopped: not for short or background tasks."""
        return not self.short and not self.background

    def stop(self) -> None:
        """Ask it to end soon and keep what it has; its last events and ``on_stopped`` still arrive."""
        if not self.active:
            return
        self.stop_asked.set()
        self.set_state("stopping")

    def cancel(self) -> None:
        """Ask it to end and hear nothing of it any more, not even what is already on its way."""
        self.silent = True
        self.stop()

    def report(self, text: str, done: int, total: int, seconds_left: float | None = None) -> None:
        """Say how far it is; ``total`` 0 means not known. ``Progress`` events are reported by themselves.

        May be called on the compute thread too: whoever listens hears of it on the interface thread.
        """
        self.text, self.done, self.total, self.seconds_left = text, done, total, seconds_left
        self.progressed.emit()

    def give_way(self) -> None:
        """End soon to begin again later, unless somebody stops it meanwhile."""
        if self.state == "running":
            self.gives_way = True
            self.stop_asked.set()

    def wait_again(self) -> None:
        """Be as it was before it began."""
        self.stop_asked = threading.Event()
        self.gives_way = self.over = False
        self.set_state("waiting")

    def set_state(self, state: str) -> None:
        """Change the state and tell."""
        self.state = state
        self.stateChanged.emit(state)


class _Lane(QThread):
    """The compute thread: takes one task after the other and iterates its events.

    One thread for all tasks, because torch keeps a pool of threads and SQLite a connection for each thread.
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
    """Runs work beside the interface thread. Make one for each program, call ``shutdown`` at the end."""

    taskStarted = Signal(object)
    taskFinished = Signal(object)  # also for one that gave way and waits again
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
        queued = Qt.ConnectionType.QueuedConnection
        self._pulse = QTimer(self)
        self._pulse.setSingleShot(True)
        self._pulse.setInterval(_DELIVERY_PAUSE)
        self._pulse.timeout.connect(self._deliver)
        self._lane.produced.connect(self._hear, queued)
        self._lane.ended.connect(self._hear_the_end, queued)

    @property
    def busy(self) -> bool:
        """Whether a task of the compute lane runs or waits; those in the background do not count."""
        return any(not task.background for task in self.active())

    @property
    def current(self) -> Task | None:
        """The task that runs, or is the next to run; those in the background do not count."""
        return next((task for task in self.active() if not task.background), None)

    def active(self) -> tuple[Task, ...]:
        """The running task and those that wait, in order."""
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
        """Iterate ``make(stop)`` on the compute thread after what waits there already.

        A task in the background waits until nothing else is to be done. When something else is asked for, it
        is told to stop, and ``make`` is called again later: it must go on where it was.

        Exactly one of ``on_done``, ``on_stopped`` (somebody asked it to stop, and it ended without an error)
        and ``on_failed`` is called. Without ``on_failed`` the window shows the error (signal ``failed``).
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
        """Call ``fn`` on the compute thread; its answer goes to ``on_done``."""
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
        """Call ``fn`` in the pool (pictures, queries, thumbnails): also while the compute lane is busy.

        What stands behind begins when nothing else has been read for a moment, or after two seconds, one at a
        time. It is for what takes its time and is not what the user waits for: counts, looks at all files.
        """
        return self._pool.read(fn, on_done, on_failed, priority, behind=behind)

    @property
    def writing(self) -> bool:
        """Whether something given to ``write`` is pending, or its result is still to be delivered."""
        return self._writing.busy

    def write(
        self,
        fn: Callable[[], T],
        *,
        on_done: Callable[[T], None] | None = None,
        on_failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Call ``fn`` on the writing thread after all that was given to ``write`` before.

        It cannot be cancelled, and ``shutdown`` waits for it: what the user did is never lost. Results arrive
        in the order of the calls. Without ``on_failed`` the window shows the error (signal ``failed``).
        """
        self._writing.write(fn, on_done, on_failed)

    def tell_failure(self, title: str, error: Exception) -> None:
        """Let the window show an error; ``title`` names what failed, "" for nothing in particular."""
        self.failed.emit(title, error)

    def stop(self, task: Task) -> None:
        """The same as ``task.stop()``; a task that still waits ends without having begun."""
        task.stop()

    def shutdown(self) -> None:
        """Stop everything, wait for it, end the threads. Nothing is delivered afterwards."""
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
        """Those in the background stand behind all others, and make way for them."""
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
        """Hand over events for a few milliseconds; what is left gets another turn."""
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
            return  # a handler opened an event loop of its own, in which the task was finished
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
        if task.gives_way and task.state == "running":  # else somebody stopped it as well
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
    """A generator around whatever iterator ``make`` gives; closing it closes that one too."""
    yield from task.make(task.stop_asked)
