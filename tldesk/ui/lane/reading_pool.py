"""The thread pool for reading pictures and querying the database; work that is not urgent comes last."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, QThread, QThreadPool, QTimer, Signal

from tldesk.base import ClosedProjectError
from tldesk.base.parallel import lower_priority

T = TypeVar("T")

_NICENESS = 3
_QUIET = 0.1  # seconds without a read until the pool counts as quiet: one result often leads to the next read
_LONGEST_WAIT = 2.0  # seconds that deferred work waits at most if the pool is never quiet
_LOOK_MS = 50


class Ticket:
    """Returned by ``Tasks.read``: cancels a read whose result is no longer wanted."""

    __slots__ = ("cancelled",)

    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        """Skip the call if it has not begun; otherwise drop its result."""
        self.cancelled = True


class ReadingPool(QObject):
    """Calls functions on its threads; results arrive on the interface thread.

    It must be used only from the interface thread.
    """

    failed = Signal(object)  # an error that no caller handles
    _answered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(max(2, (os.cpu_count() or 2) - 1))
        self._pool.setExpiryTimeout(-1)
        self._pool.setThreadPriority(QThread.Priority.LowPriority)
        self._closed = False
        self._in_front = 0  # number of running and waiting reads, without deferred ones
        # Deferred calls, each with the time since which it has been waiting.
        self._behind: deque[tuple[float, Ticket, Callable[[], None]]] = deque()
        self._busy_behind = False
        self._quiet_since = time.monotonic()
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._begin_behind)
        # Emitted on the pool's threads; queued, so that callbacks run on the interface thread.
        self._answered.connect(_call, Qt.ConnectionType.QueuedConnection)

    def read(
        self,
        fn: Callable[[], T],
        on_done: Callable[[T], None] | None,
        on_failed: Callable[[Exception], None] | None,
        priority: int,
        *,
        behind: bool,
    ) -> Ticket:
        """See ``Tasks.read``."""
        ticket = Ticket()
        if self._closed:
            return ticket
        over = self._over_behind if behind else self._over_in_front

        def work() -> None:
            answer = None if ticket.cancelled else self._answer_of(fn, on_done, on_failed)
            if not self._closed:
                self._answered.emit(lambda: self._deliver(ticket, over, answer))

        if behind:
            self._behind.append((time.monotonic(), ticket, work))
            self._look.start()
        else:
            self._in_front += 1
            self._pool.start(work, priority)
        return ticket

    def close(self) -> None:
        """Deliver no more results and drop waiting reads."""
        self._closed = True
        self._look.stop()
        self._behind.clear()
        self._pool.clear()

    def wait(self) -> None:
        """Wait until the last read has ended."""
        self._pool.waitForDone()

    def _answer_of(
        self,
        fn: Callable[[], T],
        on_done: Callable[[T], None] | None,
        on_failed: Callable[[Exception], None] | None,
    ) -> Callable[[], None] | None:
        lower_priority(_NICENESS)
        try:
            answer = fn()
        except ClosedProjectError:
            return None  # another project is open by now, where this one's failure would be shown
        except Exception as error:  # noqa: BLE001 - shown by whoever asked, or by the window
            failure = error
            tell = self.failed.emit if on_failed is None else on_failed
            return lambda: tell(failure)
        return None if on_done is None else lambda: on_done(answer)

    def _deliver(self, ticket: Ticket, over: Callable[[], None], answer: Callable[[], None] | None) -> None:
        if self._closed:
            return
        over()
        if answer is not None and not ticket.cancelled:
            answer()

    def _over_in_front(self) -> None:
        self._in_front -= 1
        self._quiet_since = time.monotonic()

    def _over_behind(self) -> None:
        self._busy_behind = False

    def _begin_behind(self) -> None:
        """Start deferred work, one call at a time, so that a thread stays free for urgent reads."""
        while self._behind and self._behind[0][1].cancelled:
            self._behind.popleft()
        if not self._behind:
            self._look.stop()
        elif not self._busy_behind and (self._quiet() or self._waited_long()):
            self._busy_behind = True
            _since, _ticket, work = self._behind.popleft()
            self._pool.start(work, -1)

    def _quiet(self) -> bool:
        return not self._in_front and time.monotonic() - self._quiet_since >= _QUIET

    def _waited_long(self) -> bool:
        return time.monotonic() - self._behind[0][0] >= _LONGEST_WAIT


def _call(call: Callable[[], None]) -> None:
    call()
