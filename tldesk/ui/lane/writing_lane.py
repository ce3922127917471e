"""The thread for writing: one call after the other in the order requested; none is lost."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal

T = TypeVar("T")

log = logging.getLogger(__name__)


class WritingLane(QObject):
    """Calls functions on a single thread; their results arrive on the interface thread in the same order."""

    failed = Signal(object)  # an error that no caller handles
    _answered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        # A single thread runs its calls in the order in which they were added
        self._pool.setMaxThreadCount(1)
        self._pool.setExpiryTimeout(-1)
        self._pending = 0
        self._closed = False
        # Emitted on the writing thread; queued, so that callbacks run on the interface thread.
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether a call is waiting or running, or its result has not been delivered yet."""
        return self._pending > 0

    def write(
        self,
        fn: Callable[[], T],
        on_done: Callable[[T], None] | None,
        on_failed: Callable[[Exception], None] | None,
    ) -> None:
        """See ``Tasks.write``."""
        assert not self._closed, "the writing lane was closed"
        self._pending += 1

        def work() -> None:
            tell = self._result_of(fn, on_done, on_failed)
            if not self._closed:
                self._answered.emit(tell)

        self._pool.start(work)

    def close(self) -> None:
        """Wait until all requested calls have finished. Their results are no longer delivered."""
        self._closed = True
        self._pool.waitForDone()
        self._pending = 0

    def _result_of(
        self,
        fn: Callable[[], T],
        on_done: Callable[[T], None] | None,
        on_failed: Callable[[Exception], None] | None,
    ) -> Callable[[], None]:
        try:
            result = fn()
        except Exception as error:
            log.warning("something was not written", exc_info=error)
            failure = error
            tell = self.failed.emit if on_failed is None else on_failed
            return lambda: tell(failure)
        return _nothing if on_done is None else lambda: on_done(result)

    def _deliver(self, tell: Callable[[], None]) -> None:
        if not self._closed:
            self._pending -= 1
            tell()


def _nothing() -> None:
    """Do nothing, for a call without ``on_done``."""
