"""Ctrl-C, and the signals by which a system ends a program, in two steps: the first stops the work and keeps
its results so far, the second aborts.

SIGTERM is what containers and batch systems send before they kill, SIGHUP what a closed terminal or a log-out
sends.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tldesk.cli.console import Console

_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
_ALL = (signal.SIGINT, *_ENDING)
_Handler = Callable[[int, FrameType | None], None]


class Ended(KeyboardInterrupt):
    """A signal ended the command: whatever leaves nothing half done at Ctrl-C does so here.

    Attributes:
        number: the signal's.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def status_of(number: int) -> int:
    """Return the exit status of a command that a signal stopped, as shells count it: 130 for Ctrl-C."""
    return 128 + number


@contextlib.contextmanager
def ending_is_told() -> Iterator[None]:
    """Let signals that end the program raise ``Ended``, unless whoever started it chose otherwise (nohup)."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise Ended(number)

    asked = [one for one in _ENDING if signal.getsignal(one) == signal.SIG_DFL]
    with _handled(end, asked):
        yield


@contextlib.contextmanager
def stop_on_signal(message: str, console: Console) -> Iterator[threading.Event]:
    """Yield a stop flag that the first signal sets, with ``message`` on stderr; the second aborts.

    The console remembers the signal: it marks the JSON document, and decides the exit status.
    """
    stop = threading.Event()

    def stopping(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise Ended(number)
        console.stopped_by = number
        stop.set()
        sys.stderr.write(message + "\n")

    with _handled(stopping, [one for one in _ALL if signal.getsignal(one) != signal.SIG_IGN]):
        yield stop


@contextlib.contextmanager
def _handled(handler: _Handler, numbers: list[signal.Signals]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # Python delivers signals to the main thread only
        return
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
