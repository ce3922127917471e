"""Run a function on many items in several threads, a bounded number of results ahead of the consumer."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_MOST_THREADS = 8
_AHEAD = 4  # calls per thread
_GENTLE_NICENESS = 10
_NICEST = 19


def in_threads(
    work: Callable[[T], R],
    things: Iterable[T],
    stop: threading.Event | None = None,
    *,
    name: str = "work",
    gentle: bool = False,
    ahead: int | None = None,
) -> Generator[R, None, None]:
    """Yield the results of ``work`` in the order of ``things``; its exceptions are raised here.

    Uses one thread per core, 8 at most. The first result is yielded once ``ahead`` calls have been submitted
    (None: four per thread). When ``stop`` is set or the generator is closed, the running calls finish and no
    new ones start; no thread outlives the generator. ``gentle`` threads run at a lower priority (Linux).
    """
    threads = min(_MOST_THREADS, os.cpu_count() or 1)
    most = max(threads, ahead or threads * _AHEAD)
    waiting: deque[Future[R]] = deque()
    pool = ThreadPoolExecutor(threads, name, _be_gentle if gentle else None)
    try:
        for thing in things:
            if _is_set(stop):
                return
            waiting.append(pool.submit(work, thing))
            if len(waiting) >= most:
                yield waiting.popleft().result()
        while waiting and not _is_set(stop):
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def lower_priority(by: int) -> None:
    """Lower the priority of the calling thread. Only on Linux, where each thread has its own niceness.

    Args:
        by: added to the current niceness, because the program itself may run at a raised niceness.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):
            niceness = os.getpriority(os.PRIO_PROCESS, thread) + by
            os.setpriority(os.PRIO_PROCESS, thread, min(niceness, _NICEST))


def _be_gentle() -> None:
    lower_priority(_GENTLE_NICENESS)


def _is_set(stop: threading.Event | None) -> bool:
    return stop is not None and stop.is_set()
