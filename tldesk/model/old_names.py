"""Tensor names in torchvision's older published files that its networks no longer use."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

# The same renaming as torchvision's when it loads these files.
_DENSENET = re.compile(r"(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\.\w+)")
_VIT = re.compile(r"(.*encoder_layer_\d+\.mlp)\.linear_([12])\.(\w+)")
_VIT_PLACES = {"1": "0", "2": "3"}


def modern_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors under their current names; some differ in old files of DenseNet and ViT."""
    return {_modern(name): tensor for name, tensor in tensors.items()}


def _modern(name: str) -> str:
    if found := _DENSENET.fullmatch(name):
        return "".join(found.groups())
    if found := _VIT.fullmatch(name):
        layer, which, rest = found.groups()
        return f"{layer}.{_VIT_PLACES[which]}.{rest}"
    return name
