"""Grad-CAM on whole networks against captum, which hooks and differentiates all of it, and what it leaves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam

from tldesk.engine import device_named, normalise
from tldesk.engine.openvino_trunk import OpenVinoTrunk
from tldesk.engine.trunk import TorchTrunk
from tldesk.model import card
from tldesk.model.build import Network, build_network
from tldesk.prediction.explainer import Explainer
from tldesk.recipe import HeadSpec

pytestmark = pytest.mark.usefixtures("in_float32")


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


def _pixels(size: int = 96) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (1, 3, size, size), dtype=np.uint8)


def _explainer(network: Network, size: int = 96) -> Explainer:
    return Explainer(network, network.card.preprocessing(size), device_named("cpu"))


@pytest.mark.parametrize("name", ["mobilenet_v2", "mobilenet_v3_small", "squeezenet1_1"])
def test_same_as_captum(name: str) -> None:
    network, pixels = _network(name), _pixels()
    stage = network.stages[network.card.saliency_stage]
    ours = [_explainer(network).marks(pixels, index) for index in range(3)]
    leaf = normalise(torch.from_numpy(pixels), network.card.preprocessing(96))
    leaf.requires_grad_()  # captum goes through the whole network: something must be open
    for index, marks in enumerate(ours):
        theirs = LayerGradCam(network, stage).attribute(leaf, target=index, relu_attributions=True)
        np.testing.assert_allclose(marks, theirs[0, 0].detach().numpy(), atol=1e-4)
    assert max(marks.max() for marks in ours) > 1e-2  # not three empty maps that agree


def test_network_is_left_as_it_was() -> None:
    network = _network("squeezenet1_1")
    before = {name: value.clone() for name, value in network.state_dict().items()}
    _explainer(network).explain(_pixels(), ("rust", "rot", "healthy"), 0)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert not any(module._forward_hooks or module._backward_hooks for module in network.modules())
    assert all(value.grad is None for value in network.parameters())


def test_classes_have_maps_of_their_own() -> None:
    explainer, pixels = _explainer(_network("mobilenet_v2")), _pixels()
    one, two = explainer.marks(pixels, 0), explainer.marks(pixels, 1)
    assert np.corrcoef(one.ravel(), two.ravel())[0, 1] < 0.99


def test_the_predicted_class_is_explained_where_none_is_named() -> None:
    network, pixels = _network("mobilenet_v3_small"), _pixels()
    with torch.no_grad():
        batch = normalise(torch.from_numpy(pixels), network.card.preprocessing(96))
        predicted = int(network(batch)[0].argmax())
    marks, chosen, check = _explainer(network).explain(pixels, ("rust", "rot", "healthy"))
    assert chosen == predicted
    named, _, again = _explainer(network).explain(pixels, ("rust", "rot", "healthy"), predicted)
    np.testing.assert_allclose(marks, named, atol=1e-6)
    assert check.text == again.text


@pytest.mark.slow
def test_many_maps_are_computed_by_the_faster_engine_and_stay_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLDESK_HOME", str(tmp_path))
    network, pixels = _network("mobilenet_v3_small"), _pixels()
    explainer = _explainer(network)
    first = explainer.marks(pixels, 0)
    # As if the network were larger: OpenVINO is not worth converting one as small as this for a few maps.
    monkeypatch.setattr("tldesk.engine.choose_engine._LEAST_WORK", 0.01)
    for _ in range(3):  # of eleven pictures each: the map's, and ten for its check
        assert isinstance(explainer._engine, TorchTrunk)
        explainer.explain(pixels, ("rust", "rot", "healthy"))
    np.testing.assert_allclose(explainer.marks(pixels, 0), first, atol=1e-4 * first.max())
    assert isinstance(explainer._engine, OpenVinoTrunk)
