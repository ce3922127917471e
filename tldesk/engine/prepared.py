"""Prepared pictures: decoded once, fitted to the network's input, kept as bytes in the project's cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tldesk.base import Problem, ProblemError, Progress, ProgressMeter, file_size
from tldesk.base.pace import Pace
from tldesk.dataset import Item
from tldesk.engine.preprocess import read_input
from tldesk.engine.store import FeatureStore
from tldesk.imaging import UnreadableImage, content_hash
from tldesk.model import Preprocessing

_CHUNK = 64
_AHEAD_PER_THREAD = 4
_SPARE_DISK = 1_000_000_000
_CHANGED = "The file changed since it was last scanned. Scan the folder again."


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An image that cannot be used now although the scan could read it.

    Attributes:
        path: the file.
        content: its content hash as scanned.
        reason: in plain words, with what to do.
    """

    path: Path
    content: str
    reason: str


class PreparedPictures:
    """Pictures as the network wants them, (3, size, size) uint8, in a store of the project's cache.

    Attributes:
        preprocessing: how they were fitted.
        left_out: content hash -> image that could not be read.
    """

    def __init__(self, cache_dir: Path, preprocessing: Preprocessing) -> None:
        self.preprocessing = preprocessing
        self.left_out: dict[str, LeftOut] = {}
        side = preprocessing.size
        key = preparation_key(preprocessing)
        self._store = FeatureStore(cache_dir / "prepared" / key, key, (3, side, side), np.uint8)

    def fill(
        self, items: Sequence[Item], stop: threading.Event | None = None
    ) -> Iterator[Progress | LeftOut]:
        """Read those that are missing. Ends early, keeping what is done, when ``stop`` is set.

        Raises:
            ProblemError: the disk is too full.
        """
        wanted = set(self._store.missing(item.content for item in items)) - set(self.left_out)
        todo = list({item.content: item for item in items if item.content in wanted}.values())
        if not todo:
            return
        self._check_disk(len(todo))
        meter, pace = ProgressMeter("Reading pictures", len(todo)), Pace()
        chunk: list[tuple[str, NDArray[np.uint8]]] = []
        for done, (item, answer) in enumerate(_decoded(todo, self.preprocessing, stop), start=1):
            if isinstance(answer, str):
                left_out = LeftOut(item.path, item.content, answer)
                self.left_out[item.content] = left_out
                yield left_out
            else:
                chunk.append((item.content, answer))
            if len(chunk) == _CHUNK:
                self._keep(chunk)
                chunk = []
            if pace.due() or done == len(todo):
                yield meter.at(done)
        self._keep(chunk)

    def read(self, contents: Sequence[str]) -> NDArray[np.uint8]:
        """(n, 3, size, size) uint8 in the order of ``contents``.

        Raises:
            KeyError: one of them was not filled.
        """
        return self._store.get(contents).astype(np.uint8, copy=False)

    def usable(self, items: Sequence[Item]) -> list[Item]:
        """The items that were not left out."""
        return [item for item in items if item.content not in self.left_out]

    def _keep(self, chunk: list[tuple[str, NDArray[np.uint8]]]) -> None:
        if chunk:
            self._store.add([content for content, _ in chunk], np.stack([pixels for _, pixels in chunk]))

    def _check_disk(self, count: int) -> None:
        needed = count * self._store.row_bytes
        free = shutil.disk_usage(self._store.folder).free
        if needed + _SPARE_DISK > free:
            raise ProblemError(
                Problem(
                    str(self._store.folder),
                    f"the prepared pictures need {file_size(needed)}, and only {file_size(free)} are free",
                    "Free some space on that disk, or choose a smaller input size",
                )
            )


def preparation_key(preprocessing: Preprocessing) -> str:
    """Names everything that decides the bytes of a prepared picture; readable, fit for a folder name."""
    crop = f"-{preprocessing.crop_ratio:g}" if preprocessing.fit == "crop" else ""
    colour = hashlib.blake2b(repr(preprocessing.mean).encode(), digest_size=4).hexdigest()
    padding = f"-{colour}" if preprocessing.fit == "letterbox" else ""
    return f"{preprocessing.size}-{preprocessing.fit}{crop}{padding}-{preprocessing.interpolation}"


def _decoded(
    items: Sequence[Item], preprocessing: Preprocessing, stop: threading.Event | None
) -> Generator[tuple[Item, NDArray[np.uint8] | str], None, None]:
    """Items in order with their pixels or the reason why not; decoded by threads a bounded number ahead."""
    threads = min(8, max(2, os.cpu_count() or 2))
    waiting: deque[tuple[Item, Future[NDArray[np.uint8] | str]]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="decode")
    try:
        for item in items:
            if stop is not None and stop.is_set():
                return
            waiting.append((item, pool.submit(_decode, item, preprocessing)))
            if len(waiting) >= threads * _AHEAD_PER_THREAD:
                first, future = waiting.popleft()
                yield first, future.result()
        for last, future in waiting:
            if stop is not None and stop.is_set():
                return
            yield last, future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _decode(item: Item, preprocessing: Preprocessing) -> NDArray[np.uint8] | str:
    try:
        # What is kept under this hash must be this content: a changed file would poison the cache.
        if content_hash(item.path) != item.content:
            return _CHANGED
        return read_input(item.path, preprocessing)
    except UnreadableImage as error:
        return error.reason
    except OSError as error:
        words = error.strerror or error
        return f"The file cannot be opened ({words}). Check that it is there and that you may read it."
