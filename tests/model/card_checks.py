"""What every card is held to: its stages are the published network, and its freeze line does what it says.

Pictures are small and weights random: what is asked is whether the stages are the network, not what it knows.
Each network is built once, and what it makes of the pictures is computed once, stage by stage.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from tldesk.model import Card
from tldesk.model.build import Network, original_network
from tldesk.model.tensor_names import unfilled_network
from tldesk.prediction.saliency import weighted_map

SIDES = {"AlexNet": 96, "Inception": 128}
"""Side in pixels of the pictures that give a map of more than one place, by family; elsewhere 64."""
PLACES = {"squeezenet1_0": 3, "squeezenet1_1": 3, "googlenet": 4, "maxvit_t": 7, "swin_s3_tiny_224": 7}
"""Places along a side of their map, counted by hand; elsewhere 2."""


@dataclass(frozen=True)
class Computed:
    """What a network makes of pictures.

    Attributes:
        pictures: two of them, (2, 3, side, side).
        after: each stage's output by its name.
        answers: the published network's logits.
    """

    pictures: Tensor
    after: Mapping[str, Tensor]
    answers: Tensor


def check_the_stages_are_the_network(known: Card) -> None:
    """Everything, of one card."""
    known = _small(known)
    whole = _filled(known)
    network = original_network(known, whole.state_dict())
    _stages_hold_every_tensor_once_and_in_order(whole, network)
    seen = _computed(whole, network)
    del whole
    _trunk_tail_and_head_are_the_whole(network, seen)
    _the_map_shows_every_place(network, seen)
    _the_trunk_can_be_traced(network, seen)
    _freezing_leaves_the_right_parameters(network)
    _a_step_changes_what_is_trained_and_nothing_else(network, seen.pictures)
    _empty(network)


def _empty(network: Network) -> None:
    """Torch never lets go of a traced function, nor that of the tensors in it: all cards' would be 10 GB."""
    for one in network.parameters():
        one.grad = None
        one.untyped_storage().resize_(0)


def _small(known: Card) -> Card:
    """A ViT for two by two patches: its builder takes any size, its weights one only."""
    if known.family != "ViT":
        return known
    if known.library == "timm":
        return replace(known, input_size=32, options=(("img_size", 32),))
    side = 2 * int(known.name.rpartition("_")[2])
    return replace(known, input_size=side, options=(("image_size", side),))


def _pictures(known: Card) -> Tensor:
    side = known.input_size if known.fixed_size else max(known.minimum_size, SIDES.get(known.family, 64))
    return torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(1))


def _filled(known: Card) -> nn.Module:
    """The published network with random numbers, and running statistics measured on pictures.

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
    count = shape.numel()
    scale = (2 / shape[1:].numel()) ** 0.5
    if count > len(numbers):
        return numbers.repeat(-(-count // len(numbers)))[:count].reshape(shape).mul_(scale)
    rows = numbers[:count].reshape(shape)
    return rows.mul(scale) if len(shape) > 1 else rows.mul(0.1).add_(1)


def _measure_statistics(network: nn.Module, pictures: Tensor) -> None:
    norms = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    for norm in norms:
        norm.momentum = 1.0
        norm.train()
    if norms:
        network(pictures)


def _stages_hold_every_tensor_once_and_in_order(whole: nn.Module, network: Network) -> None:
    known = network.card
    assert tuple(network.stages) == known.stage_names
    skipped = tuple(f"{name}." for name in (*known.classifier, *known.unused))
    inside = tuple(f"{module}." for stage in known.stages for module in stage.modules)
    expected = {
        name: tensor
        for name, tensor in whole.state_dict().items()
        if name.startswith(inside) or not name.startswith(skipped)
    }
    found = network.backbone_state()
    assert set(found) == set(expected)
    if known.family != "ViT":  # its tokens' tensors belong to no module of the published network
        assert list(found) == list(expected)
    assert all(torch.equal(found[name], tensor) for name, tensor in expected.items())


@torch.no_grad()
def _computed(whole: nn.Module, network: Network) -> Computed:
    pictures = _pictures(network.card)
    after, features = {}, pictures
    for name, stage in network.stages.items():
        # A stage may begin with an operation in place, and what went in is looked at again.
        features = stage(features.clone())
        after[name] = features
    return Computed(pictures, after, whole(pictures))


@torch.no_grad()
def _trunk_tail_and_head_are_the_whole(network: Network, seen: Computed) -> None:
    """At every line trunk and tail are the very stages; what these make of pictures is computed already."""
    names, stages = network.card.stage_names, list(network.stages.values())
    for position, line in enumerate(network.card.lines):
        assert _parts(network.trunk(line)) == stages[:position]
        assert _parts(network.tail(line)) == stages[position:]
    answers = network.head(seen.after[names[-1]])
    assert (answers - seen.answers).abs().max() < _rounding(seen.answers)


def _parts(module: nn.Module) -> list[nn.Module]:
    return list(module.children())


def _rounding(answers: Tensor) -> float:
    """What two ways to the same answers may differ by: far less than two pictures do."""
    difference = float((answers[0] - answers[1]).abs().max())
    assert difference > 1e-3 * float(answers.std())
    return 1e-4 * difference


def _the_map_shows_every_place(network: Network, seen: Computed) -> None:
    known = network.card
    last = known.stage_names.index(known.saliency_stage) + 1
    assert _parts(network.until(known.saliency_stage)) == list(network.stages.values())[:last]
    features = seen.after[known.saliency_stage][:1]
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
    network.zero_grad()


@torch.no_grad()
def _the_trunk_can_be_traced(network: Network, seen: Computed) -> None:
    """On pictures of zeros, as for OpenVINO; what is traced serves others.

    Traced is a function: to make a module of a trace as well, which takes three times as long, is what
    ``test_openvino_trunk`` does with one network of each kind.
    """
    trunk = network.trunk("all").requires_grad_(False)

    def computed(pictures: Tensor) -> Tensor:
        found: Tensor = trunk(pictures)
        return found

    with warnings.catch_warnings(), torch.jit.optimized_execution(False):
        warnings.simplefilter("ignore")  # of every shape that is looked at
        zeros = torch.zeros_like(seen.pictures)
        traced = torch.jit.trace(computed, zeros, check_trace=False)
        found = traced(seen.pictures)
    expected = seen.after[network.card.stage_names[-1]]
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
    behind = tuple(f"{name}." for name in network.card.stages_after(line))
    state = network.stages.state_dict()
    before = {name: _some_of(tensor).clone() for name, tensor in state.items() if name.startswith(behind)}
    written = {name: tensor._version for name, tensor in state.items()}
    nn.functional.cross_entropy(network(pictures), torch.tensor([0, 1])).backward()
    given = {name for name, one in network.named_parameters() if one.grad is not None}
    trained = ("head.", *(f"stages.{name}" for name in behind))
    assert given == {name for name, _ in network.named_parameters() if name.startswith(trained)}
    with torch.no_grad():
        for one in network.parameters():
            if one.grad is not None:
                one.sub_(one.grad, alpha=0.1)
    after = network.stages.state_dict()
    touched = {name for name, tensor in after.items() if tensor._version != written[name]}
    assert all(name.startswith(behind) for name in touched)  # not even written with the same numbers
    changed = {name for name, tensor in before.items() if not torch.equal(tensor, _some_of(after[name]))}
    assert {name.split(".")[0] for name in changed} == set(network.card.stages_after(line))
    assert not any("running_" in name or name.endswith("batches_tracked") for name in changed)


def _some_of(tensor: Tensor) -> Tensor:
    """A copy of a whole large network is what takes longest; a step changes some of its first numbers."""
    return tensor.flatten()[:1000]
