"""Measures the cost of training a backbone on this computer: a few steps on noise, timed stage by stage."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median

import torch
from torch import Tensor, nn

from tldesk.engine.device import Device
from tldesk.engine.trunk import autocast, to_input
from tldesk.model import Card
from tldesk.model.build import Network, build_network
from tldesk.recipe import Augmentation, Recipe
from tldesk.trainer.costs.cost_book import BackboneCosts, CostBook, StageCost, costs_key
from tldesk.trainer.data.augment import augment, draws
from tldesk.trainer.strategies.fused_batchnorm import folded_for_training
from tldesk.trainer.strategies.optimizer import adamw

_PASSES = 3  # the first pass is not counted: it allocates memory and selects kernels
_WORK = 30.0  # billions of multiply-additions per pass, about a second on a CPU …
_LEAST, _MOST = 2, 16  # … within these batch sizes
_CHANGED = Augmentation(flip_horizontal=True, rotation=10.0, zoom=0.1, brightness=0.1, contrast=0.1)
_SEED = 0


class _Meter:
    """Times of one pass and bytes kept for the backward pass, stage by stage."""

    def __init__(self, device: Device, stages: int) -> None:
        self._device = device
        self.forward = [0.0] * stages
        self.backward = [0.0] * stages
        self.kept = [0] * stages
        self.outputs = [0] * stages

    def now(self) -> float:
        """Return the time in seconds after all work queued on the device has finished."""
        if self._device.kind == "cuda":
            torch.cuda.synchronize()
        elif self._device.kind == "mps":
            torch.mps.synchronize()
        return time.perf_counter()


def known_or_measured(
    card: Card,
    recipe: Recipe,
    device: Device,
    stop: threading.Event | None = None,
    book: CostBook | None = None,
) -> BackboneCosts | None:
    """Return the stored costs of a recipe's backbone, or measure and store them; None if ``stop`` was set."""
    book, key = book or CostBook(), costs_key(card, recipe, device)
    known = book.get(key)
    if known is None:
        known = measure(card, recipe, device, stop)
        if known is not None:
            book.put(key, known)
    return known


def measure(
    card: Card, recipe: Recipe, device: Device, stop: threading.Event | None = None
) -> BackboneCosts | None:
    """Measure the costs of a recipe's backbone at its input size, in seconds; None if ``stop`` was set.

    Random weights are used: the weights do not affect the time.

    Raises:
        RuntimeError, MemoryError: memory ran out.
    """
    size = recipe.input_size or card.input_size
    network = build_network(card, 2, recipe.head, weights=None, seed=_SEED)
    network.to(memory_format=torch.channels_last)
    network.to(device.name)
    keep = recipe.batch_norm == "keep"
    network.freeze("none", keep_statistics=keep)
    parts = [folded_for_training(one) if keep else one for one in network.stages.values()]
    count = _batch(card, size)
    inputs = torch.randn(count, 3, size, size, device=device.name).contiguous(
        memory_format=torch.channels_last
    )
    meters, looks = [], []
    for _pass in range(_PASSES):
        if stop is not None and stop.is_set():
            return None
        network.train()
        meters.append(_learn(parts, inputs, device))
        looks.append(_look(network, inputs, device))
    return _costs(meters[1:], looks[1:], count, _picture(card, recipe, device), _update(network, device))


def _batch(card: Card, size: int) -> int:
    work = max(card.gmacs, 0.01) * (size / card.input_size) ** 2
    return min(_MOST, max(_LEAST, round(_WORK / 3 / work)))


def _learn(parts: Sequence[nn.Module], inputs: Tensor, device: Device) -> _Meter:
    """Run one training step stage by stage, passing the gradient back from each stage to the previous one."""
    meter = _Meter(device, len(parts))
    maps, given, taken = inputs, [], []
    for at, part in enumerate(parts):
        taken.append(maps.detach().requires_grad_())
        with _counted(meter.kept, at, maps):
            began = meter.now()
            with autocast(device):
                given.append(part(taken[at]))
            meter.forward[at] = meter.now() - began
        maps = given[at].detach()
        meter.outputs[at] = maps[0].numel()
    gradient = torch.ones_like(given[-1])
    for at in reversed(range(len(parts))):
        began = meter.now()
        given[at].backward(gradient)
        meter.backward[at] = meter.now() - began
        found = taken[at].grad
        assert found is not None  # every stage uses its input
        gradient = found
    for part in parts:
        part.zero_grad(set_to_none=True)
    return meter


@contextmanager
def _counted(kept: list[int], at: int, inputs: Tensor) -> Iterator[None]:
    """Add up the bytes kept for the backward pass: each feature map once, the weights not at all."""
    seen: set[int] = set()

    def pack(tensor: Tensor) -> Tensor:
        place = tensor.untyped_storage().data_ptr()
        if tensor.shape[:1] == inputs.shape[:1] and place not in seen:
            seen.add(place)
            kept[at] += tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        yield


def _look(network: Network, inputs: Tensor, device: Device) -> list[float]:
    network.eval()
    meter, maps, seconds = _Meter(device, 0), inputs, []
    with torch.no_grad(), autocast(device):
        for stage in network.stages.values():
            began = meter.now()
            maps = stage(maps)
            seconds.append(meter.now() - began)
    return seconds


def _picture(card: Card, recipe: Recipe, device: Device) -> float:
    """Return seconds per image for turning pixels into the network's input, with augmentation."""
    preprocessing = card.preprocessing(recipe.input_size, recipe.fit)
    shape = (_MOST, 3, preprocessing.size, preprocessing.size)
    pixels = torch.randint(0, 256, shape, dtype=torch.uint8, device=device.name)
    names = [str(number) for number in range(_MOST)]

    def turn() -> None:
        to_input(augment(pixels, draws(_SEED, 1, names), _CHANGED), preprocessing, device)

    return _timed(turn, device) / _MOST


def _update(network: Network, device: Device) -> float:
    """Return seconds of an optimiser step per trainable parameter."""
    parameters = list(network.head.parameters()) + list(network.stages.parameters())
    for one in parameters:
        one.grad = torch.zeros_like(one)
    optimizer = adamw([{"params": parameters, "lr": 0.0, "weight_decay": 0.01}])

    def step() -> None:
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()

    seconds = _timed(step, device)
    return seconds / sum(one.numel() for one in parameters)


def _timed(call: Callable[[], None], device: Device) -> float:
    meter, seconds = _Meter(device, 0), []
    for _pass in range(_PASSES):
        began = meter.now()
        call()
        seconds.append(meter.now() - began)
    return median(seconds[1:])


def _costs(
    meters: Sequence[_Meter], looks: Sequence[Sequence[float]], count: int, picture: float, update: float
) -> BackboneCosts:
    # The faster of two passes: interference can only add time.
    stages = tuple(
        StageCost(
            forward=min(meter.forward[at] for meter in meters) / count,
            backward=min(meter.backward[at] for meter in meters) / count,
            look=min(look[at] for look in looks) / count,
            kept=math.ceil(meters[-1].kept[at] / count),
            outputs=meters[-1].outputs[at],
        )
        for at in range(len(meters[-1].forward))
    )
    return BackboneCosts(stages, picture, update)
