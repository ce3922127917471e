"""The network with its freeze line against torchvision's own network."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torchvision import models

from tldesk.base import ProblemError
from tldesk.model import Card, card
from tldesk.model.build import Network, build_network, trunk_hash
from tldesk.model.seeded_init import seeded
from tldesk.model.tensor_names import published_network
from tldesk.recipe import HeadSpec

LINEAR = HeadSpec(kind="linear", dropout=0.0)
SMALL = "mobilenet_v3_small"


def _whole(entry: Card) -> nn.Module:
    """torchvision's network with random numbers."""
    with seeded(5):
        return published_network(entry)


def _pictures(entry: Card, count: int = 2) -> Tensor:
    side = max(entry.minimum_size, 64)
    return torch.randn(count, 3, side, side, generator=torch.Generator().manual_seed(1))


def test_torchvision_hosts_the_same_network_by_that_name() -> None:
    with torch.device("meta"):
        theirs = models.get_model("mobilenet_v2", weights=None)
    ours = build_network(card("mobilenet_v2"), 2, LINEAR, weights=None, seed=0)
    names = [name for name in theirs.state_dict() if not name.startswith("classifier")]
    assert list(ours.backbone_state()) == names


def _step(network: Network, pictures: Tensor) -> dict[str, Tensor]:
    """One training step; gives the stages' state before it."""
    before = {name: tensor.clone() for name, tensor in network.stages.state_dict().items()}
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1)
    loss = nn.functional.cross_entropy(network(pictures), torch.tensor([0, 1, 1, 0]))
    loss.backward()
    optimiser.step()
    return before


def test_a_training_step_changes_nothing_before_the_line_and_statistics_behind_it() -> None:
    network = build_network(card(SMALL), 2, LINEAR, weights=None, seed=3)
    network.freeze("stage4")
    network.train()
    assert network.training
    before = _step(network, _pictures(network.card, 4))
    after = network.stages.state_dict()
    changed = {name for name, tensor in before.items() if not torch.equal(tensor, after[name])}
    frozen = network.card.stages_before("stage4")
    assert not {name for name in changed if name.split(".")[0] in frozen}
    behind = {name for name in before if name.split(".")[0] not in frozen}
    assert {name for name in behind if name.endswith("running_mean")} <= changed
    assert {name for name in behind if name.endswith("conv.weight")} <= changed


def test_kept_statistics_stay_and_normalise_while_everything_else_behind_the_line_is_trained() -> None:
    network = build_network(card(SMALL), 2, LINEAR, weights=None, seed=3)
    pictures = _pictures(network.card, 4)
    with torch.no_grad():
        expected = network.eval()(pictures)
    network.freeze("stage4", keep_statistics=True)
    network.train()
    # No dropout in this network but the head's: with the kept statistics training sees what use will see.
    network.head.eval()
    torch.testing.assert_close(network(pictures), expected)
    network.head.train()
    before = _step(network, pictures)
    after = network.stages.state_dict()
    changed = {name for name, tensor in before.items() if not torch.equal(tensor, after[name])}
    behind = {name for name in before if name.split(".")[0] in network.card.stages_after("stage4")}
    statistics = {name for name in behind if "running_" in name or name.endswith("batches_tracked")}
    assert changed <= behind - statistics
    norms = {name.removesuffix("running_mean") for name in statistics if name.endswith("running_mean")}
    assert {f"{norm}bias" for norm in norms} & changed  # their scale and shift are trained
    network.freeze("stage4")
    assert any(isinstance(one, nn.BatchNorm2d) and one.training for one in network.stages.modules())


def test_dropout_inside_a_frozen_stage_is_off_and_comes_back() -> None:
    network = build_network(card("efficientnet_b0"), 2, LINEAR, weights=None, seed=3)
    network.train()
    pictures = _pictures(network.card)
    network.freeze("all")
    trunk = network.trunk("all")
    with torch.no_grad():
        assert torch.equal(trunk(pictures), trunk(pictures))  # stochastic depth is off
    network.freeze("none")
    assert network.stages["stem"].training
    network.eval()
    assert not network.stages["stem"].training


def test_the_seed_decides_every_number_and_torchs_generator_goes_on() -> None:
    torch.manual_seed(11)
    expected = torch.rand(1)
    torch.manual_seed(11)
    first = build_network(card(SMALL), 3, LINEAR, weights=None, seed=1).state_dict()
    assert torch.equal(torch.rand(1), expected)
    again = build_network(card(SMALL), 3, LINEAR, weights=None, seed=1).state_dict()
    other = build_network(card(SMALL), 3, LINEAR, weights=None, seed=2).state_dict()
    assert all(torch.equal(again[name], tensor) for name, tensor in first.items())
    assert not torch.equal(other["stages.stem.0.0.weight"], first["stages.stem.0.0.weight"])
    assert not torch.equal(other["head.layers.1.weight"], first["head.layers.1.weight"])


def test_the_head_is_the_same_with_and_without_pretrained_weights() -> None:
    weights = build_network(card(SMALL), 2, LINEAR, weights=None, seed=9).backbone_state()
    drawn = build_network(card(SMALL), 3, LINEAR, weights=None, seed=1)
    given = build_network(card(SMALL), 3, LINEAR, weights=weights, seed=1)
    assert torch.equal(drawn.head.layers[1].weight, given.head.layers[1].weight)
    assert torch.equal(given.backbone_state()["features.0.0.weight"], weights["features.0.0.weight"])


def test_weights_are_copied_and_a_missing_counter_starts_at_zero() -> None:
    whole = _whole(card(SMALL)).state_dict()
    given = {name: tensor for name, tensor in whole.items() if not name.endswith("num_batches_tracked")}
    network = build_network(card(SMALL), 2, LINEAR, weights=given, seed=0)
    assert int(network.backbone_state()["features.0.1.num_batches_tracked"]) == 0
    with torch.no_grad():
        network.stages["stem"][0][0].weight.add_(1)
    assert not torch.equal(network.backbone_state()["features.0.0.weight"], whole["features.0.0.weight"])
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert all(not tensor.is_meta for tensor in network.state_dict().values())


def test_weights_loaded_behind_a_freeze_line_leave_it_where_it_is() -> None:
    network = build_network(card(SMALL), 2, LINEAR, weights=None, seed=0)
    network.freeze("stage4")
    network.load_backbone(_whole(card(SMALL)).state_dict())
    trained = {name for name, stage in network.stages.items() for p in stage.parameters() if p.requires_grad}
    assert trained == set(network.card.stages_after("stage4"))


def test_weights_that_do_not_fit_name_the_first_differences() -> None:
    entry = card("resnet18")
    state = dict(_whole(entry).state_dict())
    del state["conv1.weight"]
    state["bn1.weight"] = torch.zeros(32)
    state["layer9.weight"] = torch.zeros(1)
    with pytest.raises(ProblemError) as caught:
        build_network(entry, 2, LINEAR, weights=state, seed=0)
    text = str(caught.value)
    assert "conv1.weight is missing" in text
    assert "bn1.weight is 32 instead of 64" in text
    assert "layer9.weight does not belong to it" in text
    other = build_network(entry, 2, LINEAR, weights=None, seed=0)
    before = other.backbone_state()["bn1.bias"].clone()
    with pytest.raises(ProblemError):
        other.load_backbone(state)
    assert torch.equal(other.backbone_state()["bn1.bias"], before)


def test_an_unknown_line_names_the_stages() -> None:
    network = build_network(card(SMALL), 2, LINEAR, weights=None, seed=0)
    with pytest.raises(ProblemError, match=r"none, stem, stage1, .*, fc, all"):
        network.freeze("layer4")
    assert network.line == "none"


def test_the_trunk_hash_follows_the_trunks_numbers_only() -> None:
    network = build_network(card(SMALL), 2, LINEAR, weights=None, seed=0)
    first = network.trunk_hash("stage3")
    assert first != network.trunk_hash("stage4")
    with torch.no_grad():
        network.stages["fc"][2].weight.add_(1)
    assert network.trunk_hash("stage3") == first
    network.stages["stem"][0][1].running_mean.add_(1)
    assert network.trunk_hash("stage3") != first
    assert trunk_hash(card(SMALL), "aa", "all") != trunk_hash(card(SMALL), "ab", "all")
    assert trunk_hash(card(SMALL), "aa", "none") == trunk_hash(card(SMALL), "aa", "stem")
