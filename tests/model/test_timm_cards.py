"""Every card of timm's against timm's own network, and what it says against what timm says."""

from __future__ import annotations

import math

import pytest
import torch
from card_checks import check_the_stages_are_the_network
from thorough import each_card

from tldesk.model import CARDS, Card
from tldesk.model.build import stages_of
from tldesk.model.cards import STARTER, TIMM_CARDS, TORCHVISION_CARDS
from tldesk.model.import_record import hash_prefix
from tldesk.model.tensor_names import backbone_shapes, empty_network

timm = pytest.importorskip("timm", reason="the extra tldesk[timm] is not installed")


@pytest.fixture(params=list(TIMM_CARDS))
def entry(request: pytest.FixtureRequest) -> Card:
    return TIMM_CARDS[request.param]


def test_they_are_all_offered_and_none_has_the_name_of_another() -> None:
    assert len(TIMM_CARDS) == 78
    assert set(TIMM_CARDS).isdisjoint(TORCHVISION_CARDS)
    assert list(CARDS) == [*TORCHVISION_CARDS, *TIMM_CARDS, STARTER.name]
    assert {entry.library for entry in TIMM_CARDS.values()} == {"timm"}


@pytest.mark.slow
@pytest.mark.parametrize("name", each_card(TIMM_CARDS.values()))
def test_the_stages_are_timms_network(name: str) -> None:
    check_the_stages_are_the_network(TIMM_CARDS[name])


def test_the_card_says_what_timm_says(entry: Card) -> None:
    told = timm.models.get_pretrained_cfg(f"{entry.name}.{entry.tag}")
    assert told.num_classes == 1000
    assert told.input_size == (3, entry.input_size, entry.input_size)
    assert (told.mean, told.std) == (entry.mean, entry.std)
    assert told.interpolation == entry.interpolation
    assert told.crop_pct == pytest.approx(entry.crop_ratio, abs=1e-4)
    assert entry.licence.split(" ")[0].casefold() == told.license
    assert entry.takes(entry.input_size)
    assert entry.fixed_size or not told.fixed_input_size
    assert entry.imagenet_accuracy is None


def test_the_weights_are_free_and_their_address_is_timms(entry: Card) -> None:
    assert entry.licence.startswith(("Apache-2.0 (timm)", "MIT (timm)", "BSD-3-Clause (timm)"))
    told = timm.models.get_pretrained_cfg(f"{entry.name}.{entry.tag}")
    (file,) = entry.weight_files
    if hash_prefix(file):
        assert entry.address == told.url
        assert entry.address.endswith(f"/{file}")
    else:
        assert entry.address == f"https://huggingface.co/{told.hf_hub_id}/resolve/main/model.safetensors"
        assert file == f"{entry.name}-{entry.tag}.safetensors"


@pytest.mark.parametrize("name", each_card(TIMM_CARDS.values()))
def test_the_strip_and_the_counts(name: str) -> None:
    entry = TIMM_CARDS[name]
    assert 4 <= len(entry.stages) <= 9
    assert len(set(entry.stage_names)) == len(entry.stages)
    assert {"all", "none"}.isdisjoint(entry.stage_names)
    whole = empty_network(entry)
    features, last_map = torch.zeros(1, 3, entry.input_size, entry.input_size, device="meta"), ""
    for known, stage in zip(entry.stages, stages_of(entry, whole).values(), strict=True):
        assert sum(one.numel() for one in stage.parameters()) == known.parameters
        features = stage(features)
        last_map = known.name if features.dim() == 4 and features.shape[2] > 1 else last_map
    assert entry.saliency_stage == (last_map if entry.family != "ViT" else entry.stage_names[-2])
    assert features.shape[1] == entry.features
    assert (features.dim() == 4) == (entry.pool == "avg")
    assert entry.parameters == sum(one.numel() for one in whole.parameters())
    assert 0.6 * entry.gmacs < sum(stage.gmacs for stage in entry.stages) < 1.01 * entry.gmacs


@pytest.mark.parametrize(
    "families",
    [
        pytest.param({"LCNet", "FBNet", "GhostNet", "RepViT", "ViT"}, id="some"),
        pytest.param({entry.family for entry in TIMM_CARDS.values()}, marks=pytest.mark.thorough, id="all"),
    ],
)
def test_no_two_networks_take_the_same_tensors(families: set[str]) -> None:
    """Otherwise a file would not tell whose it is."""
    entries = [entry for entry in TIMM_CARDS.values() if entry.family in families]
    shapes = [tuple(sorted(backbone_shapes(entry).items())) for entry in entries]
    assert len(set(shapes)) == len(shapes) > 10


def test_work_by_hand() -> None:
    """ResNet-18-D: the stem's three 3x3 convolutions, 112 x 112 places of 3 -> 32 -> 32 -> 64 channels."""
    stem = TIMM_CARDS["resnet18d"].stages[0]
    products = 9 * (3 * 32 + 32 * 32 + 32 * 64)
    assert stem.gmacs == pytest.approx(112 * 112 * products / 1e9, rel=0.01)
    assert stem.parameters == products + 2 * (32 + 32 + 64)
    assert math.isclose(TIMM_CARDS["resnet18d"].gmacs, 2.054)
