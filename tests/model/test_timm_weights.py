"""Files of timm's networks: known by their tensors, kept under timm's names, used as timm itself would."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
import safetensors.torch
import torch
from thorough import each_card
from torch import Tensor, nn

from tldesk.base import ProblemError
from tldesk.model import CARDS, card, cards
from tldesk.model.build import build_network, original_network
from tldesk.model.cards import TIMM_CARDS, TORCHVISION_CARDS
from tldesk.model.library import WeightsLibrary
from tldesk.model.missing_weights import published_url, steps_for
from tldesk.model.recognise import timms_card
from tldesk.model.tensor_names import backbone_shapes
from tldesk.recipe import HeadSpec

timm = pytest.importorskip("timm", reason="the extra tldesk[timm] is not installed")

# What is asked is what a library holds that began empty.
pytestmark = pytest.mark.usefixtures("no_starter")


def _timms(name: str) -> nn.Module:
    torch.manual_seed(3)
    return timm.create_model(name, pretrained=False).eval()


@pytest.mark.parametrize("name", ["lcnet_050", "resnet10t", "edgenext_xx_small", "deit_tiny_patch16_224"])
@pytest.mark.parametrize("form", ["safetensors", "checkpoint"])
def test_a_file_of_timms_is_known_and_computes_as_with_timm(name: str, form: str, tmp_path: Path) -> None:
    network = _timms(name)
    path = tmp_path / "model.bin"
    if form == "safetensors":
        safetensors.torch.save_file(network.state_dict(), path)
    else:
        wrapped = {f"module.{key}": value for key, value in network.state_dict().items()}
        torch.save({"epoch": 3, "state_dict": wrapped}, path)
    entry = WeightsLibrary().import_file(path)
    assert entry.name == name
    assert any("pictures are prepared as for" in note for note in entry.notes)
    loaded = WeightsLibrary().load(name)
    assert _same(loaded, network.state_dict())
    pictures = torch.randn(2, 3, card(name).input_size, card(name).input_size)
    with torch.no_grad():
        torch.testing.assert_close(
            original_network(card(name), loaded)(pictures), network(pictures), rtol=1e-4, atol=1e-5
        )


def test_a_network_trained_for_other_classes_is_taken_without_its_classifier(tmp_path: Path) -> None:
    network = timm.create_model("lcnet_050", pretrained=False, num_classes=7)
    torch.save(network.state_dict(), tmp_path / "mine.pth")
    entry = WeightsLibrary().import_file(tmp_path / "mine.pth")
    assert entry.name == "lcnet_050"
    assert "Its classifier for 7 classes is not used" in entry.notes
    built = build_network(
        card("lcnet_050"), 3, HeadSpec(), weights=WeightsLibrary().load("lcnet_050"), seed=0
    )
    taken, given = built.backbone_state(), network.state_dict()
    assert _same(taken, {name: given[name] for name in taken})


def test_a_file_of_as_many_numbers_in_other_shapes_is_refused(tmp_path: Path) -> None:
    state = _timms("lcnet_050").state_dict()
    state["conv_stem.weight"] = state["conv_stem.weight"].flip(0).transpose(0, 1).contiguous()
    torch.save(state, tmp_path / "turned.pth")
    with pytest.raises(
        ProblemError, match=r"nearest to LCNet 0\.5 but do not fit it: conv_stem\.weight is 3 x 8"
    ):
        WeightsLibrary().import_file(tmp_path / "turned.pth")


@pytest.mark.parametrize("name", each_card(TIMM_CARDS.values()))
def test_every_network_of_timms_is_known_by_its_own_tensors(name: str) -> None:
    found = timms_card(backbone_shapes(TIMM_CARDS[name]))
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("name", each_card(TORCHVISION_CARDS.values()))
def test_none_of_torchvisions_networks_is_taken_for_one_of_timms(name: str) -> None:
    assert timms_card(backbone_shapes(TORCHVISION_CARDS[name])) is None


def test_random_numbers_depend_on_the_seed_alone() -> None:
    first, again, other = (
        build_network(card("lcnet_050"), 3, HeadSpec(), weights=None, seed=seed).backbone_state()
        for seed in (1, 1, 2)
    )
    assert _same(first, again)
    assert not _same(first, other)


def test_a_download_without_a_published_hash_is_checked_by_its_tensors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.safetensors"
    safetensors.torch.save_file(_timms("starnet_s1").state_dict(), path)
    assert WeightsLibrary().fetch("starnet_s1", url=path.as_uri()).source == "starnet_s1-in1k.safetensors"
    with pytest.raises(ProblemError, match="holds weights of StarNet S1, so it was thrown away"):
        WeightsLibrary().fetch("starnet_s2", url=path.as_uri())
    assert WeightsLibrary().present() == ("starnet_s1",)
    hashed = replace(CARDS["starnet_s1"], weight_files=("starnet_s1-00000000.pth",))
    monkeypatch.setattr(cards, "CARDS", MappingProxyType({**CARDS, "starnet_s1": hashed}))
    with pytest.raises(ProblemError, match="its hash differs"):
        WeightsLibrary().fetch("starnet_s1", url=path.as_uri())


def test_where_a_file_is_published_and_what_to_call_it() -> None:
    hub, released = card("starnet_s1"), card("lcnet_050")
    assert published_url(hub) == "https://huggingface.co/timm/starnet_s1.in1k/resolve/main/model.safetensors"
    assert steps_for(hub)[0].endswith("save the file under the name starnet_s1-in1k.safetensors")
    assert published_url(released).endswith("/v0.1-weights/lcnet_050-f447553b.pth")
    assert steps_for(released)[0].endswith("in the browser and save the file")


def _same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return set(one) == set(other) and all(torch.equal(one[name], other[name]) for name in one)
