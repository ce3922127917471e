"""Sources of batches: cached features, or pictures that are run through the frozen stages in every epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from tldesk.dataset import SnapshotItem
from tldesk.engine.device import Device
from tldesk.engine.feature_bank import FeatureBank
from tldesk.engine.picture_batches import PreprocessedPictures
from tldesk.engine.trunk import TRUNK_BATCH, autocast, folded, to_input
from tldesk.model.table_code import NO_TABLE, TableCode
from tldesk.recipe import Augmentation
from tldesk.trainer.data.augment import augment, draws
from tldesk.trainer.data.views import view_at

# Features up to this size are kept in memory; larger ones are read from disk batch by batch.
_IN_MEMORY = 256 * 2**20


class BatchSource(Protocol):
    """Provides the input of the trained part (the tail) for the images of one split.

    Attributes:
        items: the images in order.
        labels: (n,) int64 on the CPU.
        table: (n, width) float32 on the CPU, the encoded table columns for the head; width 0 without columns.
    """

    items: Sequence[SnapshotItem]
    labels: Tensor
    table: Tensor

    def batch(self, places: Sequence[int], epoch: int = 0) -> Tensor:
        """Return the tail's input for these images: (len(places), ...) float32 on the device.

        It has no gradients.
        """
        ...


class CachedFeatures:
    """Vectors or feature maps from a feature bank that contains all images; ``epoch`` is ignored."""

    def __init__(
        self, bank: FeatureBank, items: Sequence[SnapshotItem], device: Device, code: TableCode = NO_TABLE
    ) -> None:
        self.items = items
        self.labels = _labels(items)
        self.table = _table(items, code)
        self._bank = bank
        self._device = device
        self._rows: Tensor | None = None
        if items and bank.row_bytes * len(items) <= _IN_MEMORY:
            self._rows = self._read(range(len(items)))

    def batch(self, places: Sequence[int], epoch: int = 0) -> Tensor:  # noqa: ARG002 - of the protocol
        """See ``BatchSource``."""
        if self._rows is None:
            return self._read(places).to(self._device.name).float()
        return self._rows[torch.as_tensor(places)].to(self._device.name).float()

    def all(self) -> Tensor:
        """Return all features, (n, ...) float32 on the device."""
        return self.batch(range(len(self.items)))

    def _read(self, places: Sequence[int]) -> Tensor:
        return torch.from_numpy(self._bank.rows([self.items[place].content for place in places]))


class RotatingViews:
    """Several cached views of the same images; each epoch uses a different view."""

    def __init__(self, views: Sequence[CachedFeatures]) -> None:
        self.items = views[0].items
        self.labels = views[0].labels
        self.table = views[0].table
        self._views = views

    def batch(self, places: Sequence[int], epoch: int = 0) -> Tensor:
        """See ``BatchSource``; the epoch determines which view of each image is used."""
        return _joined(self._views, [(view_at(place, epoch, len(self._views)), place) for place in places])


class AllViews:
    """All cached views one after the other, as if each view were a separate image."""

    def __init__(self, views: Sequence[CachedFeatures]) -> None:
        self.items: Sequence[SnapshotItem] = [item for view in views for item in view.items]
        self.labels = torch.cat([view.labels for view in views])
        self.table = torch.cat([view.table for view in views])
        self._views = views

    def batch(self, places: Sequence[int], epoch: int = 0) -> Tensor:  # noqa: ARG002 - of the protocol
        """See ``BatchSource``; ``epoch`` is ignored."""
        return _joined(self._views, [divmod(place, len(self._views[0].items)) for place in places])


class PictureSource:
    """Pictures, optionally augmented, run through the frozen stages (the trunk) batch by batch.

    The trunk must be in evaluation mode and must not change.
    """

    def __init__(
        self,
        pictures: PreprocessedPictures,
        items: Sequence[SnapshotItem],
        trunk: nn.Module,
        device: Device,
        *,
        augmentation: Augmentation | None = None,
        seed: int = 0,
        code: TableCode = NO_TABLE,
    ) -> None:
        self.items = items
        self.labels = _labels(items)
        self.table = _table(items, code)
        self._pictures = pictures
        self._trunk = trunk if isinstance(trunk, nn.Identity) else folded(trunk)
        self._device = device
        self._augmentation = augmentation
        self._seed = seed

    def batch(self, places: Sequence[int], epoch: int = 0) -> Tensor:
        """See ``BatchSource``; the epoch determines the random changes."""
        contents = [self.items[place].content for place in places]
        size = TRUNK_BATCH[self._device.kind]
        parts = [self._part(contents[at : at + size], epoch) for at in range(0, len(contents), size)]
        return torch.cat(parts).contiguous(memory_format=torch.channels_last)

    def _part(self, contents: list[str], epoch: int) -> Tensor:
        pixels = torch.from_numpy(self._pictures.read(contents)).to(self._device.name)
        if self._augmentation is not None:
            pixels = augment(pixels, draws(self._seed, epoch, contents), self._augmentation)
        inputs = to_input(pixels, self._pictures.preprocessing, self._device)
        if isinstance(self._trunk, nn.Identity):
            return inputs
        with torch.no_grad(), autocast(self._device):
            features: Tensor = self._trunk(inputs)
        return features.float()


def _joined(views: Sequence[CachedFeatures], wanted: Sequence[tuple[int, int]]) -> Tensor:
    """Return one row per (view, place) pair, in this order."""
    parts, order = [], []
    for number, view in enumerate(views):
        mine = [at for at, (wish, _) in enumerate(wanted) if wish == number]
        if mine:
            parts.append(view.batch([wanted[at][1] for at in mine]))
            order += mine
    return torch.cat(parts)[torch.argsort(torch.tensor(order))]


def _labels(items: Sequence[SnapshotItem]) -> Tensor:
    return torch.tensor([item.label for item in items], dtype=torch.int64)


def _table(items: Sequence[SnapshotItem], code: TableCode) -> Tensor:
    return torch.from_numpy(code.encode([item.values for item in items]))
