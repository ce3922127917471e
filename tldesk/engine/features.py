"""Trunk outputs, computed once an image and kept for every run with the same trunk and preprocessing."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from tldesk.base import Progress, ProgressMeter
from tldesk.base.pace import Pace
from tldesk.dataset import Item
from tldesk.engine.device import Device
from tldesk.engine.memory import free_memory, is_out_of_memory
from tldesk.engine.prepared import LeftOut, PreparedPictures, preparation_key
from tldesk.engine.store import FeatureStore
from tldesk.engine.trunk import TRUNK_BATCH, TorchTrunk, TrunkEvaluator
from tldesk.model import LINE_ALL, Preprocessing
from tldesk.model.build import Network

_log = logging.getLogger(__name__)

VIEW_PLAIN = 0
"""The picture as it is; other views (augmented copies) get other numbers."""

_ROWS_PER_WRITE = 64


class FeatureBank:
    """What a trunk gives for many images.

    At line "all" a row is the pooled vector (features,) float32, else the map (C, H, W) float16 that goes
    into the tail.

    Attributes:
        shape: of one row.
        dtype: of a row's numbers.
    """

    def __init__(
        self,
        network: Network,
        line: str,
        pictures: PreparedPictures,
        device: Device,
        *,
        cache_dir: Path,
        evaluator: TrunkEvaluator | None = None,
    ) -> None:
        self._pictures = pictures
        self._batch = TRUNK_BATCH[device.kind]
        self._device = device
        self._trunk = evaluator or TorchTrunk(_trunk(network, line), pictures.preprocessing, device)
        side = pictures.preprocessing.size
        self.shape = self._trunk(np.zeros((1, 3, side, side), np.uint8)).shape[1:]
        self.dtype = np.dtype(np.float32 if line == LINE_ALL else np.float16)
        key = feature_key(network.trunk_hash(line), pictures.preprocessing, self._trunk.name)
        self._store = FeatureStore(cache_dir / "features" / key, key, self.shape, self.dtype)

    @property
    def row_bytes(self) -> int:
        """Bytes of one image's features."""
        return self._store.row_bytes

    def fill(
        self, items: Sequence[Item], stop: threading.Event | None = None
    ) -> Iterator[Progress | LeftOut]:
        """Compute those that are missing. Ends early, keeping what is done, when ``stop`` is set.

        Raises:
            ProblemError: the disk is too full.
        """
        wanted = set(self._store.missing(item.content for item in items))
        todo = [item for item in items if item.content in wanted]
        yield from self._pictures.fill(todo, stop)
        contents = list(dict.fromkeys(item.content for item in self._pictures.usable(todo)))
        if not contents:
            return
        meter, pace, done = ProgressMeter("Letting the network see the pictures", len(contents)), Pace(), 0
        waiting: list[NDArray[np.generic]] = []
        for rows in self._computed(contents, stop):
            waiting.append(rows)
            done += len(rows)
            if pace.due() or done == len(contents):
                yield meter.at(done)
            if sum(map(len, waiting)) >= _ROWS_PER_WRITE:
                self._keep(contents[:done], waiting)
                waiting = []
        self._keep(contents[:done], waiting)

    def rows(self, contents: Sequence[str]) -> NDArray[np.generic]:
        """(n, *shape) in the order of ``contents``.

        Raises:
            KeyError: one of them was not filled.
        """
        return self._store.get(contents)

    def _keep(self, done: Sequence[str], waiting: list[NDArray[np.generic]]) -> None:
        """Write the rows that wait, which belong to the last of ``done``."""
        if waiting:
            rows = np.concatenate(waiting)
            self._store.add(done[-len(rows) :], rows)

    def _computed(
        self, contents: Sequence[str], stop: threading.Event | None
    ) -> Iterator[NDArray[np.generic]]:
        """Rows batch by batch; smaller batches from when the memory does not suffice."""
        done = 0
        while done < len(contents) and not (stop is not None and stop.is_set()):
            rows = self._batch_of_rows(contents[done : done + self._batch])
            if rows is None:
                self._batch = max(1, self._batch // 2)
                free_memory(self._device)
                _log.info("not enough memory for features; %d images at a time from now on", self._batch)
            else:
                done += len(rows)
                yield rows

    def _batch_of_rows(self, contents: Sequence[str]) -> NDArray[np.generic] | None:
        try:
            rows = self._trunk(self._pictures.read(contents))
        except (RuntimeError, MemoryError) as error:
            if self._batch == 1 or not is_out_of_memory(error):
                raise
            return None
        # Values beyond float16's range would become infinite.
        largest = float(np.finfo(np.float16).max)
        return rows if self.dtype == rows.dtype else rows.clip(-largest, largest).astype(self.dtype)


def feature_key(trunk_hash: str, preprocessing: Preprocessing, engine: str, view: int = VIEW_PLAIN) -> str:
    """Names everything that decides a feature beside the image."""
    # The ratio is a part of the key only where it decides something.
    part = preprocessing if preprocessing.fit == "crop" else replace(preprocessing, crop_ratio=1.0)
    text = f"{trunk_hash}\n{preparation_key(part)}\n{part.mean}\n{part.std}\n{engine}\n{view}"
    return hashlib.blake2b(text.encode("utf-8"), digest_size=16).hexdigest()


def _trunk(network: Network, line: str) -> nn.Module:
    if line != LINE_ALL:
        return network.trunk(line)
    return nn.Sequential(network.trunk(line), network.head.get_submodule("pool"))
