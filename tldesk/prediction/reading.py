"""Pictures decoded a little ahead of the network, in order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tldesk.engine import read_input
from tldesk.imaging import UnreadableImage
from tldesk.model import Preprocessing

THREADS = 2
AHEAD = 64

Input = NDArray[np.uint8]


def read_ahead(
    paths: Sequence[Path], preprocessing: Preprocessing, stop: threading.Event | None = None
) -> Generator[tuple[Path, Input | str], None, None]:
    """Each picture in order as (3, size, size) uint8, or the reason why it cannot be read.

    At most ``AHEAD`` pictures wait in memory. Ends early when ``stop`` is set.
    """
    waiting: deque[tuple[Path, Future[Input | str]]] = deque()
    coming = iter(paths)
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="predict-decode")
    try:
        for path in coming:
            waiting.append((path, pool.submit(_read, path, preprocessing)))
            if len(waiting) < AHEAD:
                continue
            if _stopped(stop):
                return
            first, future = waiting.popleft()
            yield first, future.result()
        while waiting and not _stopped(stop):
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _stopped(stop: threading.Event | None) -> bool:
    return stop is not None and stop.is_set()


def _read(path: Path, preprocessing: Preprocessing) -> Input | str:
    try:
        return read_input(path, preprocessing)
    except UnreadableImage as error:
        return error.reason
    except OSError as error:
        words = error.strerror or error
        return f"The file cannot be opened ({words}). Check that it is there and that you may read it."
