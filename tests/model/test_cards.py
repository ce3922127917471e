"""The table of backbones against torchvision's own statements about its networks."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from torchvision import models

from tldesk.base import ProblemError
from tldesk.model import CARDS, Card, card
from tldesk.model.names import torchvision_network


@pytest.fixture(params=list(CARDS))
def entry(request: pytest.FixtureRequest) -> Card:
    return card(request.param)


def test_the_card_says_what_torchvision_says(entry: Card) -> None:
    published = {w.url.rpartition("/")[2]: w for w in models.get_model_weights(entry.name)}
    assert set(entry.weight_files) <= set(published)
    weights = published[entry.weight_files[0]]
    presets = weights.transforms()
    assert entry.parameters == weights.meta["num_params"]
    assert entry.gmacs == weights.meta["_ops"]
    assert entry.imagenet_accuracy == weights.meta["_metrics"]["ImageNet-1K"]["acc@1"]
    assert entry.input_size == presets.crop_size[0]
    assert entry.interpolation == presets.interpolation.value
    assert entry.crop_ratio == pytest.approx(presets.crop_size[0] / presets.resize_size[0], abs=2e-3)
    if entry.name != "inception_v3":
        assert (list(entry.mean), list(entry.std)) == (presets.mean, presets.std)
    assert entry.minimum_size >= weights.meta["min_size"][0]


def test_inceptions_normalisation_is_what_torchvision_does_in_two_steps() -> None:
    entry = card("inception_v3")
    presets = models.Inception_V3_Weights.IMAGENET1K_V1.transforms()
    value = torch.tensor([0.1, 0.5, 0.9])
    normalised = (value - torch.tensor(presets.mean)) / torch.tensor(presets.std)
    with torch.device("meta"):
        theirs = models.inception_v3(weights=None, transform_input=True, init_weights=False)
    twice = theirs._transform_input(normalised.reshape(1, 3, 1, 1)).flatten()
    ours = (value - torch.tensor(entry.mean)) / torch.tensor(entry.std)
    torch.testing.assert_close(ours, twice)


def test_every_stages_parameters_and_work_are_counted_right(entry: Card) -> None:
    with torch.device("meta"):
        network = torchvision_network(entry)
        features = torch.zeros(1, 3, entry.input_size, entry.input_size)
    saliency = None
    for stage in entry.stages:
        modules = [network.get_submodule(name) for name in stage.modules if not name.endswith("()")]
        assert sum(p.numel() for module in modules for p in module.parameters()) == stage.parameters
        with FlopCounterMode(display=False) as counter:
            for name in stage.modules:
                features = (
                    features.flatten(1) if name == "flatten()" else network.get_submodule(name)(features)
                )
        assert counter.get_total_flops() / 2e9 == pytest.approx(stage.gmacs, rel=0.01)
        saliency = stage.name if features.dim() == 4 else saliency
    assert saliency == entry.saliency_stage
    assert features.shape[1] == entry.features
    assert (features.dim() == 4) == (entry.pool == "avg")


def test_there_are_few_enough_stages_for_the_strip_and_their_names_are_unique(entry: Card) -> None:
    assert 4 <= len(entry.stages) <= 9
    assert len(set(entry.stage_names)) == len(entry.stages)
    assert {"all", "none"}.isdisjoint(entry.stage_names)


def test_the_freeze_line_parts_the_stages() -> None:
    entry = card("resnet18")
    assert entry.lines == ("none", "layer1", "layer2", "layer3", "layer4", "all")
    assert entry.stages_before("layer3") == ("stem", "layer1", "layer2")
    assert entry.stages_after("layer3") == ("layer3", "layer4")
    assert entry.stages_before("none") == entry.stages_after("all") == ()
    assert entry.stages_before("stem") == ()
    assert entry.trained_parameters("layer4") == 8_393_728
    assert (
        entry.trained_parameters("none") == 11_689_512 - 513_000
    )  # without the classifier, 512 x 1000 + 1000
    with pytest.raises(ProblemError, match="ResNet-18 has no such stage"):
        entry.stages_before("fc")


def test_an_unknown_backbone_names_the_nearest() -> None:
    with pytest.raises(ProblemError, match="mobilenet_v3_large"):
        card("mobilenet_v3")


def test_cards_and_library_are_listed_without_torch() -> None:
    code = (
        "import sys; from tldesk.model import CARDS; from tldesk.model.library import WeightsLibrary;"
        "assert len(WeightsLibrary().entries()) == len(CARDS) >= 10;"
        "sys.exit('torch' in sys.modules or 'torchvision' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
