"""The tensors of a backbone under torchvision's names, and what a file must hold to fill them.

Shapes come from torchvision's own network, built on the meta device (no memory, no numbers).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torchvision import models

from tldesk.model.cardtypes import Card

COUNTER = "num_batches_tracked"
"""A batch-norm counter that no prediction depends on; files saved before torch 0.4.1 have none."""


def torchvision_network(card: Card) -> nn.Module:
    """The network of this card as torchvision builds it, without pretrained weights, in evaluation mode.

    On the meta device inside ``with torch.device("meta")``.
    """
    network: nn.Module = models.get_model(card.name, weights=None, **dict(card.options))
    return network.eval()


@functools.cache
def backbone_shapes(card: Card) -> Mapping[str, tuple[int, ...]]:
    """Name to shape of every tensor before the classifier, in torchvision's names and order."""
    with torch.device("meta"):
        state = torchvision_network(card).state_dict()
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
