"""Names and shapes of a backbone's tensors in its library, and the differences of a file from them.

The shapes are those of torchvision's or timm's own network, built on the meta device (without memory).
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
"""A batch-norm counter that does not affect predictions; files saved before torch 0.4.1 do not have it."""

_DRAWING = frozenset({"normal_", "uniform_", "fill_", "zero_"})


class _WithoutNumbers(TorchFunctionMode):
    """Creates parameters on ``device`` and skips their random initialisation.

    Only the parameters are redirected, because builders also use other tensors: RegNet computes its widths
    with tensors, so it cannot be built entirely on the meta device.
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
        """Call ``function``; if it is an initialisation, only return its first argument."""
        named = options or {}
        if getattr(function, "__name__", "") in _DRAWING:
            return arguments[0] if arguments else named["tensor"]
        if function is torch.empty:  # modules create their parameters with it
            named = {**named, "device": self.device}
        return function(*arguments, **named)


def unfilled_network(card: Card) -> nn.Module:
    """Return ``published_network`` with parameters on the meta device, to be filled; buffers are as built.

    Random initialisation is skipped: even on the meta device it would take half a second the first time.
    """
    if card.library == "torchvision":
        with _WithoutNumbers("meta"):
            return published_network(card)
    # timm's networks create some buffers on the device of their parameters, so build them on the CPU first.
    # Memory that is never written to costs nothing.
    with _WithoutNumbers("cpu"):
        network = published_network(card)
    for module in network.modules():
        for name, own in module._parameters.items():
            if own is not None:
                module._parameters[name] = nn.Parameter(own.to("meta"), requires_grad=own.requires_grad)
    return network


def empty_network(card: Card) -> nn.Module:
    """Return ``published_network`` on the meta device, where tensors have no memory and no values."""
    return unfilled_network(card).to("meta")


def published_network(card: Card) -> nn.Module:
    """Return the card's network as built by its library, without pretrained weights, in evaluation mode.

    Raises:
        ProblemError: it is a timm network and timm cannot be imported.
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
    """Return the shapes of all tensors before the classifier by name, in the library's names and order."""
    state = empty_network(card).state_dict()
    return {name: tuple(tensor.shape) for name, tensor in state.items() if not is_ignored(card, name)}


def is_ignored(card: Card, name: str) -> bool:
    """Return whether a tensor belongs to the original classifier or to an unused part."""
    needed = {module for stage in card.stages for module in stage.modules}
    if _is_inside(name, needed):
        return False
    return _is_inside(name, {*card.classifier, *card.unused})


def differences(card: Card, shapes: Mapping[str, tuple[int, ...]]) -> tuple[str, ...]:
    """Describe each tensor that is missing, of another shape or unexpected; () if all match."""
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
    """Return the shapes of the tensors by name."""
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def _is_inside(name: str, modules: set[str]) -> bool:
    return any(name.startswith(f"{module}.") for module in modules)


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "one number"
