"""Grad-CAM on whole networks against captum, which hooks and differentiates all of it, and what it leaves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam

from tldesk.model import card
from tldesk.model.build import Network, build_network
from tldesk.prediction.saliency import explain, grad_cam
from tldesk.recipe import HeadSpec


def _network(name: str) -> Network:
    """Random weights, but features and a head of the size that training gives them."""
    network = build_network(card(name), 3, HeadSpec(kind="dense", hidden=16), weights=None, seed=4)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    network.train()
    with torch.no_grad():
        network(torch.randn(8, 3, 96, 96, generator=torch.Generator().manual_seed(2)))
    torch.nn.init.normal_(network.head.layers[3].weight, generator=torch.Generator().manual_seed(3))
    network.freeze("all")
    return network.eval()


def _batch(size: int = 96) -> torch.Tensor:
    return torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", ["mobilenet_v2", "mobilenet_v3_small", "squeezenet1_1"])
def test_same_as_captum(name: str) -> None:
    network, batch = _network(name), _batch()
    stage = network.stages[network.card.saliency_stage]
    ours = [grad_cam(network, batch, index) for index in range(3)]
    leaf = batch.clone().requires_grad_()  # captum goes through the whole network: something must be open
    for index, marks in enumerate(ours):
        theirs = LayerGradCam(network, stage).attribute(leaf, target=index, relu_attributions=True)
        np.testing.assert_allclose(marks, theirs[0, 0].detach().numpy(), atol=1e-5)
    assert max(marks.max() for marks in ours) > 1e-3  # not three empty maps that agree


def test_frozen_network_is_left_as_it_was() -> None:
    network, batch = _network("squeezenet1_1"), _batch()
    network.train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    modes = [module.training for module in network.modules()]
    explain(network, batch, 0, "rust")
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert [module.training for module in network.modules()] == modes
    assert not any(module._forward_hooks or module._backward_hooks for module in network.modules())
    assert all(value.grad is None for value in network.parameters())


def test_a_failure_leaves_nothing_behind() -> None:
    network = _network("squeezenet1_1")
    network.train()
    modes = [module.training for module in network.modules()]
    with pytest.raises(RuntimeError):
        grad_cam(network, torch.zeros(1, 4, 96, 96), 0)  # four channels where three are due
    assert [module.training for module in network.modules()] == modes
    assert all(value.grad is None for value in network.parameters())


def test_classes_have_maps_of_their_own() -> None:
    network, batch = _network("mobilenet_v2"), _batch()
    one, two = grad_cam(network, batch, 0), grad_cam(network, batch, 1)
    assert np.corrcoef(one.ravel(), two.ravel())[0, 1] < 0.99
