"""A nearest-neighbour head: nothing is optimised, the training images are stored."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from tldesk.base import derive_seed
from tldesk.dataset import SnapshotItem
from tldesk.model import LINE_ALL
from tldesk.model.build import Network
from tldesk.model.heads import Head
from tldesk.trainer.data.batches import BatchSource
from tldesk.trainer.data.phase_data import PhaseData
from tldesk.trainer.events import Event, Notice
from tldesk.trainer.plan import Plan
from tldesk.trainer.strategies.learner import ValidationResult, class_weights, validation_result
from tldesk.trainer.strategies.strategy import EpochPosition, EpochResult, PhaseClock

MOST_BYTES = 2**30
"""Size limit of the stored features; if there are more images, a random sample is stored."""
_ROWS = 1024
_NOBODY = -2.0  # less than any cosine similarity


class NearestNeighbourHead:
    """Stores every training image with all its cached views, in a single epoch.

    The training accuracy is measured by leaving out: an image is not predicted from itself, its other views
    or the rest of its group.
    """

    epochs = 1
    batch_size = None
    trainable = 0
    judges = True

    def __init__(self, plan: Plan, network: Network, data: PhaseData) -> None:
        network.freeze(LINE_ALL)
        network.eval()
        assert isinstance(network.head, Head)
        assert network.head.nearest is not None
        self._plan = plan
        self._pool = network.head.pool
        self._nearest = network.head.nearest
        self._data = data

    def epoch(
        self, at: EpochPosition, clock: PhaseClock, stop: threading.Event | None
    ) -> Generator[Event, None, EpochResult | None]:
        """Store the training images and validate; None if it was stopped."""
        del at, clock
        train = self._data.train
        places = self._chosen(len(train.items))
        if len(places) < len(train.items):
            yield Notice(
                f"Of {len(train.items):,} training images {len(places):,} are remembered, drawn at random; "
                "more would not fit into memory."
            )
        vectors = self._vectors(train, places)
        labels = train.labels[torch.as_tensor(places)]
        self._nearest.remember(vectors, labels, self._worth(labels))
        logits = self._by_the_others(vectors, [train.items[place] for place in places], stop)
        if logits is None:
            return None
        own = validation_result(logits, labels)
        return EpochResult(own.loss, own.accuracy, self._checked(), 0.0)

    def state(self) -> dict[str, Any]:
        """Empty: the stored images are among the network's weights."""
        return {}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Nothing to restore."""

    def _chosen(self, count: int) -> Sequence[int]:
        most = MOST_BYTES // (4 * self._plan.card.features)
        if count <= most:
            return range(count)
        random = torch.Generator().manual_seed(derive_seed(self._plan.recipe.seed, "remembered"))
        return sorted(torch.randperm(count, generator=random)[:most].tolist())

    def _worth(self, labels: Tensor) -> Tensor:
        classes = len(self._plan.snapshot.classes)
        balanced = self._plan.recipe.class_balance == "weighted"
        return class_weights(labels, classes) if balanced else torch.ones(classes)

    def _vectors(self, source: BatchSource, places: Sequence[int]) -> Tensor:
        """Return (n, features) float32."""
        with torch.no_grad():
            starts = range(0, len(places), _ROWS)
            return torch.cat([self._pool(source.batch(places[begin : begin + _ROWS])) for begin in starts])

    def _by_the_others(
        self, vectors: Tensor, items: Sequence[SnapshotItem], stop: threading.Event | None
    ) -> Tensor | None:
        """Return (n, classes) on the CPU: the votes of all images outside each image's own group."""
        kinds = _numbered([item.group or item.content for item in items]).to(vectors.device)
        unit = functional.normalize(vectors, dim=1)
        parts = []
        for begin in range(0, len(unit), _ROWS):
            if stop is not None and stop.is_set():
                return None
            rows = slice(begin, begin + _ROWS)
            own = kinds[rows, None] == kinds[None, :]
            similarity = (unit[rows] @ self._nearest.memory.T).masked_fill(own, _NOBODY)
            parts.append(self._nearest.votes(similarity).cpu())
        return torch.cat(parts)

    def _checked(self) -> ValidationResult | None:
        validation = self._data.validation
        if validation is None:
            return None
        with torch.no_grad():
            vectors = self._vectors(validation, range(len(validation.items)))
            parts = [self._nearest(part).cpu() for part in torch.split(vectors, _ROWS)]
        return validation_result(torch.cat(parts), validation.labels)


def _numbered(names: Sequence[str]) -> Tensor:
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return torch.tensor([numbers[name] for name in names])
