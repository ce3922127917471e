"""The outputs of a trained network for the images of a split: logits and embeddings."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from tldesk.base import Progress, ProgressMeter
from tldesk.dataset import SnapshotItem
from tldesk.engine.out_of_memory import free_memory, is_out_of_memory
from tldesk.engine.trunk import autocast
from tldesk.model import LINE_ALL
from tldesk.model.build import Network
from tldesk.model.heads import Head
from tldesk.trainer.data.batches import BatchSource
from tldesk.trainer.data.phase_data import TrainingData
from tldesk.trainer.events import Preparing
from tldesk.trainer.plan import Plan

_BATCH = 64


@dataclass(frozen=True, eq=False)
class NetworkOutputs:
    """The outputs of a network for some images.

    Attributes:
        items: the images that could be read, in order.
        logits: (n, classes) float32.
        embeddings: (n, features) float32, the pooled features of the last stage.
    """

    items: Sequence[SnapshotItem]
    logits: NDArray[np.float32]
    embeddings: NDArray[np.float32]


def network_outputs(
    data: TrainingData, items: Sequence[SnapshotItem], what: str, stop: threading.Event | None = None
) -> Generator[Progress, None, NetworkOutputs | None]:
    """Compute logits and embeddings; None when ``stop`` was set. Cached features are reused.

    Args:
        data: made from the training's plan and the trained network, on the plan's device; the stages before
            the lowest freeze line must be unchanged.
        items: the images.
        what: description for the progress display.
        stop: set it to stop early.
    """
    steps = data.source(items, data.plan.lowest_line, stop)
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            source: BatchSource | None = end.value
            break
        if isinstance(step, Preparing):
            yield Progress(step.what, step.done, step.total, step.seconds_left)
    if source is None:
        return None
    return (yield from _computed(data.plan, data.network, source, what, stop))


def _computed(
    plan: Plan, network: Network, source: BatchSource, what: str, stop: threading.Event | None
) -> Generator[Progress, None, NetworkOutputs | None]:
    head, tail = network.head, network.tail(plan.lowest_line)
    assert isinstance(head, Head)
    network.eval()
    meter, done, size = ProgressMeter(what, len(source.items)), 0, _BATCH
    logits: list[NDArray[np.float32]] = []
    vectors: list[NDArray[np.float32]] = []
    while done < len(source.items):
        if stop is not None and stop.is_set():
            return None
        places = range(done, min(done + size, len(source.items)))
        try:
            with torch.inference_mode():
                inputs = source.batch(places)
                if plan.lowest_line != LINE_ALL:
                    with autocast(plan.device):
                        inputs = tail(inputs)
                vector = head.pool(inputs).float()
                vectors.append(vector.cpu().numpy())
                table = source.table[places.start : places.stop]
                logits.append(head.classify(vector, table).cpu().numpy())
            done = places.stop
        except (RuntimeError, MemoryError) as error:
            if size == 1 or not is_out_of_memory(error):
                raise
            size //= 2
        else:
            yield meter.at(done)
            continue
        free_memory(plan.device)
    classes = len(plan.snapshot.classes)
    return NetworkOutputs(
        source.items,
        np.concatenate([np.empty((0, classes), np.float32), *logits]),
        np.concatenate([np.empty((0, plan.card.features), np.float32), *vectors]),
    )
