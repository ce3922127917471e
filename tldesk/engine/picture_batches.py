"""Images as network inputs, decoded by several threads ahead of the consumer."""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tldesk.base import Problem, ProblemError, Progress, ProgressMeter, file_size
from tldesk.base.parallel import in_threads
from tldesk.base.throttle import Throttle
from tldesk.dataset import SnapshotItem
from tldesk.engine.cache_misses import CacheMisses
from tldesk.engine.feature_store import FeatureStore
from tldesk.engine.preprocess import RULES, fit_pixels, prepared_side
from tldesk.imaging import UnreadableImage
from tldesk.imaging.prepared_cache import PreparedCache
from tldesk.model import Preprocessing

Square = NDArray[np.uint8]

_CHUNK = 64
_SPARE_DISK = 1_000_000_000
_AHEAD_BYTES = 128 * 2**20
"""Memory for decoded pictures that wait: enough to continue decoding while an engine is loaded."""


@dataclass(frozen=True, slots=True)
class UnusableImage:
    """An image that the scan could read, but that cannot be read now.

    Attributes:
        path: the file.
        content: its content hash from the scan.
        reason: the reason in plain words, with advice.
    """

    path: Path
    content: str
    reason: str


class PreprocessedPictures:
    """Network inputs, (3, size, size) uint8, made from prepared pictures by one preprocessing.

    ``ahead`` yields them once, to compute features. ``fill`` and ``read`` store them on disk, for training
    that needs them in every epoch.

    Attributes:
        preprocessing: how pictures are turned into inputs.
        left_out: content hash -> image that could not be read.
        work: counts the decoded pictures.
    """

    def __init__(
        self, cache_dir: Path, preprocessing: Preprocessing, work: CacheMisses | None = None
    ) -> None:
        self.preprocessing = preprocessing
        self.left_out: dict[str, UnusableImage] = {}
        self.work = work or CacheMisses()
        self._cache_dir = cache_dir
        self._prepared = PreparedCache(
            cache_dir / "prepared", side=prepared_side(preprocessing), rendering=preprocessing.rendering
        )
        self._opened: FeatureStore | None = None

    def ahead(
        self, items: Sequence[SnapshotItem], stop: threading.Event | None = None
    ) -> Generator[tuple[SnapshotItem, Square | UnusableImage], None, None]:
        """Yield the input of each image in order, or why it cannot be read; decoded ahead in several threads.

        Ends early when ``stop`` is set. Close the generator to end its threads.
        """
        waiting = _AHEAD_BYTES // (3 * self.preprocessing.size**2)
        squares = in_threads(self._with_square, items, stop, name="decode", ahead=waiting)
        with closing(squares):
            for item, square in squares:
                if isinstance(square, UnusableImage):
                    self.left_out[item.content] = square
                else:
                    self.work.decoded += 1
                yield item, square

    def square(self, item: SnapshotItem) -> Square | UnusableImage:
        """Return the input of one image, or why it cannot be read; thread-safe."""
        try:
            return fit_pixels(self._prepared.read(item.path, item.content), self.preprocessing)
        except UnreadableImage as error:
            return UnusableImage(item.path, item.content, error.reason)

    def fill(
        self, items: Sequence[SnapshotItem], stop: threading.Event | None = None
    ) -> Iterator[Progress | UnusableImage]:
        """Store the missing inputs on disk; yield progress and unreadable images.

        When ``stop`` is set, it ends early and keeps the inputs stored so far.

        Raises:
            ProblemError: there is not enough disk space.
        """
        todo = self.unfilled(items, self._store)
        if not todo:
            return
        self._check_disk(len(todo))
        meter, pace = ProgressMeter("Reading pictures", len(todo)), Throttle()
        chunk: list[tuple[str, Square]] = []
        with closing(self.ahead(todo, stop)) as coming:
            for done, (item, square) in enumerate(coming, start=1):
                if isinstance(square, UnusableImage):
                    yield square
                else:
                    chunk.append((item.content, square))
                if len(chunk) == _CHUNK:
                    self._keep(chunk)
                    chunk = []
                if pace.due() or done == len(todo):
                    yield meter.at(done)
        self._keep(chunk)

    def read(self, contents: Sequence[str]) -> Square:
        """Return the stored inputs of these content hashes, (n, 3, size, size) uint8, in the given order.

        Raises:
            KeyError: an input has not been stored.
        """
        return self._store.get(contents).astype(np.uint8, copy=False)

    def unfilled(self, items: Sequence[SnapshotItem], store: FeatureStore) -> list[SnapshotItem]:
        """Return one item per content hash that is missing in the store and not known to be unreadable."""
        wanted = set(store.missing(item.content for item in items)) - set(self.left_out)
        return list({item.content: item for item in items if item.content in wanted}.values())

    def usable(self, items: Sequence[SnapshotItem]) -> list[SnapshotItem]:
        """Return the items without those that could not be read."""
        return [item for item in items if item.content not in self.left_out]

    def _with_square(self, item: SnapshotItem) -> tuple[SnapshotItem, Square | UnusableImage]:
        return item, self.square(item)

    @property
    def _store(self) -> FeatureStore:
        if self._opened is None:
            side, key = self.preprocessing.size, f"inputs-{preparation_key(self.preprocessing)}"
            folder = self._cache_dir / "features" / key
            self._opened = FeatureStore(folder, key, (3, side, side), np.uint8)
        return self._opened

    def _keep(self, chunk: list[tuple[str, Square]]) -> None:
        if chunk:
            self._store.add([content for content, _ in chunk], np.stack([square for _, square in chunk]))

    def _check_disk(self, count: int) -> None:
        needed = count * self._store.row_bytes
        free = shutil.disk_usage(self._store.folder).free
        if needed + min(needed, _SPARE_DISK) > free:
            raise ProblemError(
                Problem(
                    str(self._store.folder),
                    f"the network's inputs need {file_size(needed)}, and only {file_size(free)} are free",
                    "Free some space on that disk, or choose a smaller input size",
                )
            )


def preparation_key(preprocessing: Preprocessing) -> str:
    """Return a key of all settings that determine an input's bytes: readable, usable as a folder name."""
    crop = f"-{preprocessing.crop_ratio:g}" if preprocessing.fit == "crop" else ""
    colour = hashlib.blake2b(repr(preprocessing.mean).encode(), digest_size=4).hexdigest()
    padding = f"-{colour}" if preprocessing.fit == "letterbox" else ""
    how = f"-{preprocessing.rendering.key}" if preprocessing.rendering.key else ""
    name = f"{preprocessing.size}-{preprocessing.fit}{crop}{padding}-{preprocessing.interpolation}"
    return f"{name}{how}-r{RULES}"
