"""The thread for writing: one call after the other, in the order in which they were asked for, none lost."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal

T = TypeVar("T")

log = logging.getLogger(__name__)


class WritingLane(QObject):
    """Calls functions on its one thread; their results arrive on the interface thread, in the same order."""

    failed = Signal(object)  # an error that no caller handles
    _answered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)  # it starts its calls in the order in which they came
        self._pool.setExpiryTimeout(-1)
        self._pending = 0
        self._closed = False
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether a call waits or runs, or its result is still to be delivered."""
        return self._pending > 0

    def write(
        self,
        fn: Callable[[], T],
        on_done: Callable[[T], None] | None,
        on_failed: Callable[[Exception], None] | None,
    ) -> None:
        """As ``Tasks.write``."""
        assert not self._closed, "the writing lane was closed"
        self._pending += 1

        def work() -> None:
            tell = self._result_of(fn, on_done, on_failed)
            if not self._closed:
                self._answered.emit(tell)

        self._pool.start(work)

    def close(self) -> None:
        """Wait until all that was asked for is written. Results are not delivered any more."""
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
    """For a call whose result nobody asked for."""
