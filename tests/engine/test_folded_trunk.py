from __future__ import annotations

import pytest
import torch
from backbones import backbones
from torch import nn

from tldesk.engine.trunk import folded
from tldesk.model import card
from tldesk.model.build import build_network
from tldesk.recipe import HeadSpec


@pytest.mark.slow
@pytest.mark.parametrize("name", backbones())
def test_folding_batch_norm_changes_nothing_but_rounding(name: str) -> None:
    known = card(name)
    network = build_network(known, 2, HeadSpec(), weights=None, seed=0)
    generator = torch.Generator().manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            # Statistics that fit the weights no better than real ones do, and are never 0 and 1.
            module.running_mean.copy_(0.1 * torch.randn(module.num_features, generator=generator))
            module.running_var.copy_(0.5 + torch.rand(module.num_features, generator=generator))
    trunk = network.trunk("all")
    quick = folded(trunk)
    # A batch norm before a convolution, as in these, stays.
    if known.library == "torchvision":  # of timm's some have an activation inside, and those stay as well
        left = any(isinstance(module, nn.BatchNorm2d) for module in quick.modules())
        assert left == (known.family in {"DenseNet", "MaxViT"})
    side = max(known.minimum_size, 64)
    inputs = torch.randn(2, 3, side, side, generator=generator)
    with torch.no_grad():
        expected, found = trunk(inputs), quick(inputs)
    assert torch.allclose(found, expected, rtol=1e-3, atol=1e-4 * float(expected.abs().max()))


def test_the_trunk_is_left_as_it_is() -> None:
    """A convolution without a batch norm behind it, the last one here, is used as it is, but copied."""
    trunk = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 4, 3)).eval()
    modules = list(trunk.modules())
    before = {name: (tensor.clone(), tensor.stride()) for name, tensor in trunk.state_dict().items()}
    quick = folded(trunk)
    assert list(trunk.modules()) == modules
    for name, tensor in trunk.state_dict().items():
        assert torch.equal(tensor, before[name][0])
        assert tensor.stride() == before[name][1]
    weights = [one for one in quick.parameters() if one.dim() == 4]
    assert len(weights) == 2
    assert all(one.is_contiguous(memory_format=torch.channels_last) for one in weights)


def test_a_trunk_that_cannot_be_looked_through_is_used_as_it_is() -> None:
    class Winding(nn.Module):
        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            return pictures if pictures.mean() > 0 else -pictures

    winding = Winding().eval()
    assert folded(winding) is winding
