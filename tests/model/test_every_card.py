"""Every card against torchvision's own network: one test each, one network each.

Pictures are small and weights random: what is asked is whether the stages are the network, not what it knows.
"""

from __future__ import annotations

import warnings
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from tldesk.model import CARDS, Card, card
from tldesk.model.build import Network, original_network
from tldesk.model.names import unfilled_network
from tldesk.prediction.saliency import weighted_map

HUGE = 500_000_000
"""Parameters from which a step needs more memory than a small machine has: two. Their stages are made by
the rules of their smaller siblings; names, shapes and order are checked in ``test_cards``."""
SIDES = {"AlexNet": 96, "Inception": 128}
"""Side in pixels of the pictures that give a map of more than one place, by family; elsewhere 64."""
PLACES = {"squeezenet1_0": 3, "squeezenet1_1": 3, "googlenet": 4, "maxvit_t": 7}
"""Places along a side of their map, counted by hand; elsewhere 2."""


def test_all_but_two_are_computed_with() -> None:
    left_out = {name for name, entry in CARDS.items() if entry.parameters > HUGE}
    assert left_out == {"regnet_y_128gf", "vit_h_14"}


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, entry in CARDS.items() if entry.parameters <= HUGE])
def test_the_stages_are_the_network(name: str) -> None:
    known = _small(card(name))
    whole = _filled(known)
    network = original_network(known, whole.state_dict())
    pictures = _pictures(known)
    _stages_hold_every_tensor_once_and_in_order(whole, network)
    _trunk_tail_and_head_are_the_whole(whole, network, pictures)
    del whole
    _the_map_shows_every_place(network, pictures[:1])
    _the_trunk_can_be_traced(network, pictures)
    _freezing_leaves_the_right_parameters(network)
    _a_step_changes_what_is_trained_and_nothing_else(network, pictures)


def _small(known: Card) -> Card:
    """A ViT for two by two patches: its builder takes any size, its weights one only."""
    if known.family != "ViT":
        return known
    side = 2 * int(known.name.rpartition("_")[2])
    return replace(known, input_size=side, options=(("image_size", side),))


def _pictures(known: Card) -> Tensor:
    side = known.input_size if known.fixed_size else max(known.minimum_size, SIDES.get(known.family, 64))
    return torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(1))


def _filled(known: Card) -> nn.Module:
    """torchvision's network with random numbers, and running statistics measured on pictures.

    With the neutral 0 and 1 the signal of a deep random network dies out, and any two networks would agree.
    """
    network = unfilled_network(known)
    generator = torch.Generator().manual_seed(5)
    numbers = torch.randn(1_000_003, generator=generator)  # a prime number: no two rows alike
    for module in network.modules():
        for name, own in module._parameters.items():
            if own is not None:
                module._parameters[name] = nn.Parameter(_some(numbers, own.shape))
    with torch.no_grad():
        _measure_statistics(network, _pictures(known))
    return network.eval()


def _some(numbers: Tensor, shape: torch.Size) -> Tensor:
    rows = numbers.repeat(-(-shape.numel() // len(numbers)))[: shape.numel()].reshape(shape)
    if len(shape) > 1:
        return rows.mul(float((2 / rows[0].numel()) ** 0.5))
    return rows.mul(0.1).add(1)


def _measure_statistics(network: nn.Module, pictures: Tensor) -> None:
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = 1.0
        norm.train()
    if norms:
        network(pictures)


def _stages_hold_every_tensor_once_and_in_order(whole: nn.Module, network: Network) -> None:
    known = network.card
    assert tuple(network.stages) == known.stage_names
    skipped = tuple(f"{name}." for name in (*known.classifier, *known.unused))
    if known.pool == "none":  # the classifier shares a container with the last stage
        skipped = tuple(f"{name}." for name in known.classifier)
    expected = {name: tensor for name, tensor in whole.state_dict().items() if not name.startswith(skipped)}
    found = network.backbone_state()
    assert set(found) == set(expected)
    if known.family != "ViT":  # its tokens' tensors belong to no module of torchvision's
        assert list(found) == list(expected)
    assert all(torch.equal(found[name], tensor) for name, tensor in expected.items())


@torch.no_grad()
def _trunk_tail_and_head_are_the_whole(whole: nn.Module, network: Network, pictures: Tensor) -> None:
    expected = whole(pictures)
    rounding, stages, features = _rounding(expected), list(network.stages.values()), pictures
    for position, line in enumerate(network.card.lines):
        assert _parts(network.trunk(line)) == stages[:position]
        assert _parts(network.tail(line)) == stages[position:]
        found = network.head(network.tail(line)(features))
        assert (found - expected).abs().max() < rounding, line
        if position < len(stages):  # what the trunk of the next line gives, without computing it all again
            features = stages[position](features)
    assert torch.equal(network.trunk("all")(pictures), features)


def _parts(module: nn.Module) -> list[nn.Module]:
    return list(module.children())


def _rounding(answers: Tensor) -> float:
    """What two ways to the same answers may differ by: far less than two pictures do."""
    difference = float((answers[0] - answers[1]).abs().max())
    assert difference > 1e-3 * float(answers.std())
    return 1e-2 * difference


def _the_map_shows_every_place(network: Network, picture: Tensor) -> None:
    known = network.card
    with torch.no_grad():
        features = network.until(known.saliency_stage)(picture)
    marks = weighted_map(features, network.after(known.saliency_stage), 3)
    side = PLACES.get(known.name, 2)
    assert tuple(marks.shape) == (side, side), marks.shape
    assert bool(marks.isfinite().all())
    leaf = features.clone().requires_grad_()
    network.after(known.saliency_stage)(leaf.clone())[0, 3].backward()
    assert leaf.grad is not None
    assert float(leaf.grad.abs().max()) > 0
    if leaf.dim() == 3:  # tokens: a place that is not looked at any more would get no gradient
        assert float(leaf.grad.abs().sum(dim=2).min()) > 0


@torch.no_grad()
def _the_trunk_can_be_traced(network: Network, pictures: Tensor) -> None:
    """As OpenVINO's conversion traces it: on pictures of zeros; what is traced serves others."""
    trunk = network.trunk("all")
    with warnings.catch_warnings(), torch.jit.optimized_execution(False):
        warnings.simplefilter("ignore")  # of every shape that is looked at
        traced = torch.jit.trace(trunk, torch.zeros_like(pictures), check_trace=False)
        found = traced(pictures)
    expected = trunk(pictures)
    assert (found - expected).abs().max() < _rounding(expected)


def _freezing_leaves_the_right_parameters(network: Network) -> None:
    for position, line in enumerate(network.card.lines):
        network.freeze(line)
        behind = set(network.card.stage_names[position:])
        for name, stage in network.stages.items():
            assert all(one.requires_grad == (name in behind) for one in stage.parameters()), (line, name)
        assert all(one.requires_grad for one in network.head.parameters())


def _a_step_changes_what_is_trained_and_nothing_else(network: Network, pictures: Tensor) -> None:
    line = network.card.stage_names[len(network.card.stages) // 2]
    network.freeze(line, keep_statistics=True)
    network.train()
    before = {name: tensor.clone() for name, tensor in network.stages.state_dict().items()}
    nn.functional.cross_entropy(network(pictures), torch.tensor([0, 1])).backward()
    given = {name for name, one in network.named_parameters() if one.grad is not None}
    trained = ("head.", *(f"stages.{name}." for name in network.card.stages_after(line)))
    assert given == {name for name, _ in network.named_parameters() if name.startswith(trained)}
    torch.optim.SGD(network.parameters(), lr=0.1).step()
    after = network.stages.state_dict()
    changed = {name for name, tensor in before.items() if not torch.equal(tensor, after[name])}
    assert {name.split(".")[0] for name in changed} == set(network.card.stages_after(line))
    assert not any("running_" in name or name.endswith("batches_tracked") for name in changed)
