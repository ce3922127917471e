"""The same work on many things, on several threads, a bounded number ahead of whoever takes the results."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_MOST_THREADS = 8
_AHEAD = 4  # for each thread


def in_threads(
    work: Callable[[T], R], things: Iterable[T], stop: threading.Event | None = None, *, name: str = "work"
) -> Generator[R, None, None]:
    """Results of ``work`` in the order of ``things``; what it raises is raised here.

    As many threads as cores, 8 at most. Ends as soon as the running calls have ended when ``stop`` is set
    or the generator is closed; no thread outlives it.
    """
    threads = min(_MOST_THREADS, os.cpu_count() or 1)
    waiting: deque[Future[R]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
    try:
        for thing in things:
            if _is_set(stop):
                return
            waiting.append(pool.submit(work, thing))
            if len(waiting) >= threads * _AHEAD:
                yield waiting.popleft().result()
        while waiting and not _is_set(stop):
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _is_set(stop: threading.Event | None) -> bool:
    return stop is not None and stop.is_set()
