"""Trunk outputs, computed once per image and view, shared by all runs with equal trunk and preprocessing."""

from __future__ import annotations

import hashlib
import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tldesk.base import Progress, ProgressMeter
from tldesk.base.throttle import Throttle
from tldesk.dataset import SnapshotItem
from tldesk.engine.choose_engine import Engine, computed_with, engine_for, evaluator_for, trunk_name
from tldesk.engine.device import Device
from tldesk.engine.feature_store import FeatureStore
from tldesk.engine.picture_batches import PreprocessedPictures, Square, UnusableImage, preparation_key
from tldesk.engine.trunk import TorchTrunk, TrunkEvaluator, to_input
from tldesk.model import LINE_ALL, Preprocessing
from tldesk.model.build import Network

_log = logging.getLogger(__name__)

_SECONDS_A_WRITE = 1.0
_BYTES_A_WRITE = 32 * 2**20


@dataclass(frozen=True, slots=True)
class View:
    """An augmentation that is applied to every image before its features are computed.

    Attributes:
        name: part of the key of the stored features; "" for the plain view.
        change: maps inputs (n, 3, S, S) uint8 and the images' content hashes to changed inputs of the same
            shape; None for no change. The change of an image must not depend on the batch.
    """

    name: str = ""
    change: Callable[[NDArray[np.uint8], Sequence[str]], NDArray[np.uint8]] | None = None


PLAIN = View()


class FeatureBank:
    """The outputs of one trunk for many images, stored on disk.

    A row is one image's output: at line "all" the pooled vector (features,), else the map (C, H, W) that is
    the input of the tail.

    A row depends on nothing but the image and the key: engines have stores of their own, and every batch has
    the same shape, so it does not matter which images are computed together.

    Attributes:
        shape: shape of one row.
        dtype: dtype of a row, float16.
        unconverted: whether OpenVINO was chosen, but could not convert the trunk, so that torch is used.
    """

    dtype = np.dtype(np.float16)

    def __init__(
        self,
        network: Network,
        line: str,
        pictures: PreprocessedPictures,
        device: Device,
        *,
        cache_dir: Path,
        view: View = PLAIN,
        count: int = 0,
        evaluator: TrunkEvaluator | None = None,
    ) -> None:
        self._pictures = pictures
        self._device = device
        self._view = view
        self._trunk = _trunk(network, line)
        self._name = trunk_name(network, line)
        self._evaluator = evaluator
        self._features = cache_dir / "features"
        self._engine: Engine = engine_for(network.card, pictures.preprocessing, device, count)
        self.unconverted = self._engine == "openvino" and self._is_kept(self._key(instead=True))
        self._store = self._opened()
        self.shape = self._store.shape

    @property
    def row_bytes(self) -> int:
        """Size of one image's features in bytes."""
        return self._store.row_bytes

    def fill(
        self, items: Sequence[SnapshotItem], stop: threading.Event | None = None
    ) -> Iterator[Progress | UnusableImage]:
        """Compute the missing rows; yield progress and unreadable images.

        When ``stop`` is set, it ends early and keeps the rows computed so far.

        Raises:
            ProblemError: there is not enough disk space.
        """
        todo = self._pictures.unfilled(items, self._store)
        if not todo:
            return
        meter = ProgressMeter("Letting the network see the pictures", len(todo))
        yield meter.at(0)
        with closing(self._pictures.ahead(todo, stop)) as pictures:
            # Taking the first picture starts the decoding threads, which then run while the engine loads.
            first = list(itertools.islice(pictures, 1))
            coming = itertools.chain(first, pictures)
            evaluator = self._loaded()
            if evaluator is not None:
                yield from self._filled(coming, evaluator, meter)
                return
        # OpenVINO cannot convert the trunk: torch's rows have a store of their own.
        self.unconverted = True
        self._store = self._opened()
        yield from self.fill(items, stop)

    def rows(self, contents: Sequence[str]) -> NDArray[np.generic]:
        """Return the rows of these content hashes, (n, *shape) float16, in the given order.

        Raises:
            KeyError: a row has not been computed.
        """
        return self._store.get(contents)

    def _filled(
        self,
        coming: Iterable[tuple[SnapshotItem, Square | UnusableImage]],
        evaluator: TrunkEvaluator,
        meter: ProgressMeter,
    ) -> Iterator[Progress | UnusableImage]:
        feed, writer, pace, done = (
            _BankFeed(coming, evaluator.batch, self._view),
            _Writer(self._store),
            Throttle(),
            0,
        )
        try:
            for rows in evaluator.stream(feed):
                contents = feed.under_way.popleft()
                writer.take(contents, _half(rows[: len(contents)]))
                self._pictures.work.computed += len(contents)
                done += len(contents)
                yield from feed.new_left_out()
                if pace.due():
                    yield meter.at(done + feed.left_out)
        finally:
            writer.flush()
        yield from feed.new_left_out()
        yield meter.at(done + feed.left_out)

    def _loaded(self) -> TrunkEvaluator | None:
        """Return the engine; None if it is not the one that the opened store belongs to."""
        if self._evaluator is None:
            engine: Engine = "torch" if self.unconverted else self._engine
            found = evaluator_for(self._trunk, self._name, self._pictures.preprocessing, self._device, engine)
            if engine == "openvino" and isinstance(found, TorchTrunk):
                return None
            self._evaluator = found
        return self._evaluator

    def _opened(self) -> FeatureStore:
        key = self._key(instead=self.unconverted)
        folder = self._features / key
        shape = FeatureStore.shape_in(folder, key) or self._measured_shape()
        return FeatureStore(folder, key, shape, self.dtype)

    def _is_kept(self, key: str) -> bool:
        return FeatureStore.shape_in(self._features / key, key) is not None

    def _key(self, *, instead: bool) -> str:
        """Return the key of the store for the chosen engine, or for torch if that could not be used."""
        how = computed_with(self._engine, self._device)
        how = f"{computed_with('torch', self._device)} instead of {how}" if instead else how
        return feature_key(self._name, self._pictures.preprocessing, how, self._view.name)

    def _measured_shape(self) -> tuple[int, ...]:
        side = self._pictures.preprocessing.size
        blank = torch.zeros(1, 3, side, side, dtype=torch.uint8)
        with torch.inference_mode():
            return tuple(self._trunk(to_input(blank, self._pictures.preprocessing, self._device)).shape[1:])


class _BankFeed:
    """Batches for an evaluator, together with the content hashes of their images.

    All batches have the same shape, because the rounding depends on it; the last one is filled with
    repetitions. Which other images are in a batch makes no difference.

    Attributes:
        under_way: content hashes of the batches that were yielded, in order.
        left_out: number of images that could not be read.
    """

    def __init__(
        self, coming: Iterable[tuple[SnapshotItem, Square | UnusableImage]], size: int, view: View
    ) -> None:
        self.under_way: deque[list[str]] = deque()
        self.left_out = 0
        self._coming = coming
        self._size = size
        self._view = view
        self._untold: list[UnusableImage] = []

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        batch: list[tuple[str, NDArray[np.uint8]]] = []
        for item, square in self._coming:
            if isinstance(square, UnusableImage):
                self.left_out += 1
                self._untold.append(square)
                continue
            batch.append((item.content, square))
            if len(batch) == self._size:
                yield self._joined(batch)
                batch = []
        if batch:
            yield self._joined(batch)

    def new_left_out(self) -> list[UnusableImage]:
        """Return the unreadable images since the last call."""
        untold, self._untold = self._untold, []
        return untold

    def _joined(self, batch: list[tuple[str, NDArray[np.uint8]]]) -> NDArray[np.uint8]:
        self.under_way.append([content for content, _ in batch])
        whole = batch + batch[-1:] * (self._size - len(batch))
        pixels = np.stack([square for _, square in whole])
        if self._view.change is None:
            return pixels
        return self._view.change(pixels, [content for content, _ in whole])


class _Writer:
    """Collects rows and writes them about once per second: little is lost if the process is killed, and the
    disk is not kept busy.
    """

    def __init__(self, store: FeatureStore) -> None:
        self._store = store
        self._contents: list[str] = []
        self._rows: list[NDArray[np.float16]] = []
        self._bytes = 0
        self._due = time.monotonic() + _SECONDS_A_WRITE

    def take(self, contents: list[str], rows: NDArray[np.float16]) -> None:
        self._contents += contents
        self._rows.append(rows)
        self._bytes += rows.nbytes
        if time.monotonic() >= self._due or self._bytes >= _BYTES_A_WRITE:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            contents, rows = self._contents, np.concatenate(self._rows)
            self._contents, self._rows, self._bytes = [], [], 0
            self._store.add(contents, rows)
        self._due = time.monotonic() + _SECONDS_A_WRITE


def feature_key(trunk: str, preprocessing: Preprocessing, how: str, view: str = "") -> str:
    """Return the key of a feature store: a hash of everything, except the image, that determines a feature.

    ``how`` is what it is computed with, see ``computed_with``.
    """
    # The crop ratio is part of the key only if it has an effect.
    part = preprocessing if preprocessing.fit == "crop" else replace(preprocessing, crop_ratio=1.0)
    text = f"{trunk}\n{preparation_key(part)}\n{part.mean}\n{part.std}\n{how}\n{view}"
    return hashlib.blake2b(text.encode("utf-8"), digest_size=16).hexdigest()


def _half(rows: NDArray[np.float32]) -> NDArray[np.float16]:
    # Clipped, because values beyond float16's range would become infinite.
    largest = float(np.finfo(np.float16).max)
    return rows.clip(-largest, largest).astype(np.float16)


def _trunk(network: Network, line: str) -> nn.Module:
    if line != LINE_ALL:
        return network.trunk(line)
    return nn.Sequential(network.trunk(line), network.head.get_submodule("pool"))
