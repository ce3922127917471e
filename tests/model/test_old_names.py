"""Published files of DenseNet and ViT have names from before; torchvision's own loading is the measure."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from tldesk.model import card
from tldesk.model.read_weights import read_weights
from tldesk.model.recognise import recognise
from tldesk.model.tensor_names import empty_network


def _published(name: str) -> dict[str, Tensor]:
    """A state as in the published file: the names that torchvision's loading renames, and no counters."""
    old = {}
    for key, tensor in empty_network(card(name)).state_dict().items():
        shown = key.replace(".mlp.0.", ".mlp.linear_1.").replace(".mlp.3.", ".mlp.linear_2.")
        if "denselayer" in key:
            for part in ("norm1", "norm2", "conv1", "conv2"):
                shown = shown.replace(f".{part}.", f".{part[:-1]}.{part[-1]}.")
        if not key.endswith("num_batches_tracked"):
            old[shown] = torch.zeros(tensor.shape, dtype=tensor.dtype)
    return old


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("densenet121", "features.denseblock1.denselayer1.norm.1.weight"),
        ("vit_b_32", "encoder.layers.encoder_layer_0.mlp.linear_1.weight"),
    ],
)
def test_a_published_file_with_old_names_is_recognised(name: str, key: str, tmp_path: Path) -> None:
    state = _published(name)
    assert key in state
    torch.save(state, tmp_path / "file.pth")
    weights = read_weights(tmp_path / "file.pth")
    assert recognise(weights.tensors, tmp_path / "file.pth").name == name
