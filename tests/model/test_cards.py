"""The table of backbones against torchvision's own statements about its networks."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from backbones import backbones
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision import models

from tldesk.base import ProblemError
from tldesk.model import CARDS, Card, card
from tldesk.model.build import stages_of
from tldesk.model.cards import OUTLINES, STARTER, TORCHVISION_CARDS
from tldesk.model.cards.measured import measured_file, read_measured
from tldesk.model.tensor_names import empty_network


@pytest.fixture(params=list(TORCHVISION_CARDS))
def entry(request: pytest.FixtureRequest) -> Card:
    return card(request.param)


def test_every_classification_network_of_torchvision_has_a_card() -> None:
    assert sorted(TORCHVISION_CARDS) == sorted(models.list_models(module=models))
    assert len(TORCHVISION_CARDS) == len(OUTLINES) == 80
    assert list(CARDS)[:80] == list(TORCHVISION_CARDS)
    assert list(CARDS)[-1] == STARTER.name


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
    if entry.family != "Inception":
        assert (list(entry.mean), list(entry.std)) == (presets.mean, presets.std)
    if entry.family != "Swin":  # takes smaller ones than torchvision says: test_every_card gives it such
        assert entry.minimum_size >= weights.meta["min_size"][0]
    assert entry.takes(entry.input_size)


def test_the_first_weights_may_be_used_as_the_licence_says(entry: Card) -> None:
    """SWAG weights may not be used commercially; they are only named where there are no others."""
    swag = ["swag" in name for name in entry.weight_files]
    assert all(swag) == any(swag) == ("CC-BY-NC" in entry.licence)
    assert any(swag) == (entry.name in {"regnet_y_128gf", "vit_h_14"})


@pytest.mark.parametrize(
    ("name", "weights"),
    [("inception_v3", models.Inception_V3_Weights), ("googlenet", models.GoogLeNet_Weights)],
)
def test_inceptions_normalisation_is_what_torchvision_does_in_two_steps(
    name: str, weights: type[models.WeightsEnum]
) -> None:
    entry = card(name)
    presets = weights.IMAGENET1K_V1.transforms()
    value = torch.tensor([0.1, 0.5, 0.9])
    normalised = (value - torch.tensor(presets.mean)) / torch.tensor(presets.std)
    with torch.device("meta"):
        theirs = models.get_model(name, weights=None, transform_input=True, init_weights=False)
    twice = theirs._transform_input(normalised.reshape(1, 3, 1, 1)).flatten()
    ours = (value - torch.tensor(entry.mean)) / torch.tensor(entry.std)
    torch.testing.assert_close(ours, twice)


@functools.cache
def _empty_network(entry: Card) -> nn.Module:
    """Built once for all that is asked of it."""
    return empty_network(entry)


def test_every_stages_parameters_are_counted_right_and_nothing_is_left_out(entry: Card) -> None:
    whole = _empty_network(entry)
    stages = stages_of(entry, whole)
    counts = [sum(one.numel() for one in stage.parameters()) for stage in stages.values()]
    assert counts == [stage.parameters for stage in entry.stages]
    classifier = (whole.get_submodule(name) for name in entry.classifier if not name.endswith("()"))
    rest = sum(one.numel() for module in classifier for one in module.parameters())
    assert sum(counts) + rest == sum(one.numel() for one in whole.parameters())
    if entry.name != "inception_v3":  # published with its training aid
        assert sum(counts) + rest == entry.parameters


@pytest.mark.parametrize("name", [*backbones(), STARTER.name])
def test_every_stages_work_is_counted_right(name: str) -> None:
    entry = card(name)
    features = torch.zeros(1, 3, entry.input_size, entry.input_size, device="meta")
    last_map = None
    for known, stage in zip(entry.stages, stages_of(entry, _empty_network(entry)).values(), strict=True):
        with FlopCounterMode(display=False) as counter:
            features = stage(features)
        assert counter.get_total_flops() / 2e9 == pytest.approx(known.gmacs, rel=0.01)
        last_map = known.name if features.dim() == 4 else last_map
    assert entry.saliency_stage == (last_map if entry.family != "ViT" else entry.stage_names[-2])
    assert features.shape[1] == entry.features
    assert (features.dim() == 4) == (entry.pool == "avg")
    # What was counted by stages and what torchvision published for the whole are about the same.
    inside = sum(stage.gmacs for stage in entry.stages)
    if entry.family == "SqueezeNet":  # its classifier is a convolution over the whole map
        inside += 512 * 1000 * 13 * 13 / 1e9
    assert inside == pytest.approx(entry.gmacs, rel=0.05)


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
        "assert len(WeightsLibrary().entries()) == len(CARDS) >= 80;"
        "sys.exit(not {'torch', 'torchvision', 'timm'}.isdisjoint(sys.modules))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_transformer_with_a_place_for_every_patch_takes_its_own_size_only() -> None:
    entry = card("vit_b_16")
    assert entry.takes(224)
    assert not entry.takes(256)
    assert entry.size_problems(None) == entry.size_problems(224) == []
    (problem,) = entry.size_problems(128)
    assert (problem.where, problem.fix) == ("input_size", "Choose 224")
    (problem,) = card("vgg11").size_problems(16)
    assert problem.fix == "Choose at least 32"


def test_a_damaged_file_of_numbers_is_one_problem(tmp_path: Path) -> None:
    whole = json.loads(measured_file("torchvision").read_text(encoding="utf-8"))
    resnet = whole["resnet18"]
    file = tmp_path / "torchvision.json"
    file.write_text(json.dumps({"resnet18": resnet}), encoding="utf-8")
    assert read_measured(file)["resnet18"].features == 512
    damages = (
        {"stages": [[1]]},
        {"features": "many"},
        {"interpolation": "nearest"},
        {"published": {"mean": [1]}},
    )
    texts = [json.dumps({"resnet18": {**resnet, **damage}}) for damage in damages]
    for text in ("", "[]", '{"resnet18": {}}', json.dumps(whole)[:1000], *texts):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ProblemError, match="numbers of the backbones cannot be read"):
            read_measured(file)
    file.unlink()
    with pytest.raises(ProblemError, match=r"torchvision.json.*Install tldesk again"):
        read_measured(file)
