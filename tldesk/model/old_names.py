"""Tensor names that torchvision's published files have, but its networks no longer."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

# As torchvision itself renames when it loads these files.
_DENSENET = re.compile(r"(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\.\w+)")
_VIT = re.compile(r"(.*encoder_layer_\d+\.mlp)\.linear_([12])\.(\w+)")
_VIT_PLACES = {"1": "0", "2": "3"}


def modern_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors under today's names; old files of DenseNet and ViT have other names for some."""
    return {_modern(name): tensor for name, tensor in tensors.items()}


def _modern(name: str) -> str:
    if found := _DENSENET.fullmatch(name):
        return "".join(found.groups())
    if found := _VIT.fullmatch(name):
        layer, which, rest = found.groups()
        return f"{layer}.{_VIT_PLACES[which]}.{rest}"
    return name
