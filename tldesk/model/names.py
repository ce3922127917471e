"""The tensors of a backbone under torchvision's names, and what a file must hold to fill them.

Shapes come from torchvision's own network, built on the meta device (no memory, no numbers).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from tldesk.model.cardtypes import Card
from tldesk.model.torchvision_models import models

COUNTER = "num_batches_tracked"
"""A batch-norm counter that no prediction depends on; files saved before torch 0.4.1 have none."""

_DRAWING = frozenset({"normal_", "uniform_", "fill_", "zero_"})


class _WithoutNumbers(TorchFunctionMode):
    """Parameters are made on the meta device, and where a network would draw first numbers nothing happens.

    Not all that a builder asks torch for are parameters: RegNet works out its own widths with tensors, so
    a whole builder cannot run on the meta device.
    """

    def __torch_function__(
        self,
        function: Callable[..., object],
        types: object,
        arguments: tuple[object, ...] = (),
        options: dict[str, object] | None = None,
    ) -> object:
        """``function`` with its arguments, or its first argument where numbers would be drawn."""
        named = options or {}
        if getattr(function, "__name__", "") in _DRAWING:
            return arguments[0] if arguments else named["tensor"]
        if function is torch.empty:  # what modules make their parameters with
            named = {**named, "device": "meta"}
        return function(*arguments, **named)


def unfilled_network(card: Card) -> nn.Module:
    """``torchvision_network`` whose parameters are on the meta device, to be given; buffers are as built.

    Nothing is drawn: even on that device torch would go through it, for half a second the first time.
    """
    with _WithoutNumbers():
        return torchvision_network(card)


def empty_network(card: Card) -> nn.Module:
    """``torchvision_network`` on the meta device: no memory, no numbers."""
    return unfilled_network(card).to("meta")


def torchvision_network(card: Card) -> nn.Module:
    """The network of this card as torchvision builds it, without pretrained weights, in evaluation mode."""
    network: nn.Module = models.get_model(card.name, weights=None, **dict(card.options))
    return network.eval()


@functools.cache
def backbone_shapes(card: Card) -> Mapping[str, tuple[int, ...]]:
    """Name to shape of every tensor before the classifier, in torchvision's names and order."""
    state = empty_network(card).state_dict()
    return {name: tuple(tensor.shape) for name, tensor in state.items() if not is_ignored(card, name)}


def is_ignored(card: Card, name: str) -> bool:
    """Whether a tensor belongs to the original classifier or to a part that is not used."""
    needed = {module for stage in card.stages for module in stage.modules}
    if _is_inside(name, needed):
        return False
    return _is_inside(name, {*card.classifier, *card.unused})


def differences(card: Card, shapes: Mapping[str, tuple[int, ...]]) -> tuple[str, ...]:
    """In words, each tensor that is missing, of another shape or foreign; () if they fit."""
    wanted = backbone_shapes(card)
    missing = [f"{name} is missing" for name in wanted if name not in shapes and not name.endswith(COUNTER)]
    other = [
        f"{name} is {_size(shapes[name])} instead of {_size(shape)}"
        for name, shape in wanted.items()
        if name in shapes and shapes[name] != shape
    ]
    extra = [
        f"{name} does not belong to it"
        for name in shapes
        if name not in wanted and not is_ignored(card, name)
    ]
    return (*missing, *other, *extra)


def shapes_of(tensors: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """Name to shape."""
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def _is_inside(name: str, modules: set[str]) -> bool:
    return any(name.startswith(f"{module}.") for module in modules)


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "one number"
