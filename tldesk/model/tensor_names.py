"""The tensors of a backbone under its library's names, and what a file must contain to fill them.

Shapes come from torchvision's or timm's own network, built on the meta device (no memory, no numbers).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from tldesk.model.card_types import Card
from tldesk.model.timm_models import timm
from tldesk.model.torchvision_models import models

COUNTER = "num_batches_tracked"
"""A batch-norm counter that no prediction depends on; files saved before torch 0.4.1 have none."""

_DRAWING = frozenset({"normal_", "uniform_", "fill_", "zero_"})


class _WithoutNumbers(TorchFunctionMode):
    """Parameters are made on ``device``, and where a network would draw first numbers nothing happens.

    Not all that a builder asks torch for are parameters: RegNet works out its own widths with tensors, so
    a whole builder cannot run on the meta device.
    """

    def __init__(self, device: str) -> None:
        super().__init__()
        self.device = device

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
            named = {**named, "device": self.device}
        return function(*arguments, **named)


def unfilled_network(card: Card) -> nn.Module:
    """``published_network`` whose parameters are on the meta device, to be given; buffers are as built.

    Nothing is drawn: even on that device torch would go through it, for half a second the first time.
    """
    if card.library == "torchvision":
        with _WithoutNumbers("meta"):
            return published_network(card)
    # timm's make some buffers where their parameters are; memory that nobody writes to costs nothing.
    with _WithoutNumbers("cpu"):
        network = published_network(card)
    for module in network.modules():
        for name, own in module._parameters.items():
            if own is not None:
                module._parameters[name] = nn.Parameter(own.to("meta"), requires_grad=own.requires_grad)
    return network


def empty_network(card: Card) -> nn.Module:
    """``published_network`` on the meta device: no memory, no numbers."""
    return unfilled_network(card).to("meta")


def published_network(card: Card) -> nn.Module:
    """The network of this card as its library builds it, without pretrained weights, in evaluation mode.

    Raises:
        ProblemError: it is one of timm's, which does not start.
    """
    options, name = dict(card.options), card.builder or card.name
    network: nn.Module = (
        timm().create_model(f"{name}.{card.tag}", pretrained=False, **options)
        if card.library == "timm"
        else models.get_model(name, weights=None, **options)
    )
    return network.eval()


@functools.cache
def backbone_shapes(card: Card) -> Mapping[str, tuple[int, ...]]:
    """Name to shape of every tensor before the classifier, in its library's names and order."""
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
