"""The optimisers give what torch.optim's classes give, to the last digit, and load no compiler."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tldesk.trainer.strategies.optimizer import Optimizer, adamw, sgd

Theirs = Callable[[list[dict[str, Any]]], torch.optim.Optimizer]
BOTH = {
    "adamw": (adamw, lambda groups: torch.optim.AdamW(groups, lr=1.0)),
    "sgd": (sgd, lambda groups: torch.optim.SGD(groups, lr=1.0, momentum=0.9, nesterov=True)),
}
pairs = pytest.mark.parametrize(("ours", "theirs"), BOTH.values(), ids=BOTH)


def small_network() -> nn.Sequential:
    torch.manual_seed(5)
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3))


def groups_of(network: nn.Sequential) -> list[dict[str, Any]]:
    """Weights decay, biases do not; the last group is empty, as that of a frozen stage."""
    weights = [one for one in network.parameters() if one.dim() > 1]
    biases = [one for one in network.parameters() if one.dim() == 1]
    return [
        {"params": weights, "weight_decay": 0.3, "scale": 0.5},
        {"params": biases, "weight_decay": 0.0, "scale": 1.0},
        {"params": [], "weight_decay": 0.3, "scale": 0.25},
    ]


def go(network: nn.Sequential, optimizer: Any, steps: range) -> None:
    """Steps of falling rates; in the second one the first layer has no gradients."""
    for step in steps:
        for group in optimizer.param_groups:
            group["lr"] = 0.1 / (1 + step) * group["scale"]
        optimizer.zero_grad()
        inputs = torch.randn(5, 4, generator=torch.Generator().manual_seed(step))
        network(inputs).square().sum().backward()
        if step == 1:
            network[0].weight.grad = network[0].bias.grad = None
        optimizer.step()


def numbers(network: nn.Sequential) -> list[list[float]]:
    return [one.detach().flatten().tolist() for one in network.parameters()]


def on_disk_and_back(state: dict[str, Any]) -> dict[str, Any]:
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return dict(torch.load(file, weights_only=True))


@pairs
def test_every_step_is_torchs_to_the_last_digit(ours: Callable[..., Optimizer], theirs: Theirs) -> None:
    mine, other = small_network(), small_network()
    begin = numbers(mine)
    my_optimizer, other_optimizer = ours(groups_of(mine)), theirs(groups_of(other))
    for step in range(6):
        go(mine, my_optimizer, range(step, step + 1))
        go(other, other_optimizer, range(step, step + 1))
        assert numbers(mine) == numbers(other), step
    assert all(now != then for now, then in zip(numbers(mine), begin, strict=True))


@pairs
@pytest.mark.parametrize("writer", ["ours", "theirs"])
def test_training_goes_on_from_a_state_of_either(
    ours: Callable[..., Optimizer], theirs: Theirs, writer: str
) -> None:
    whole, half = small_network(), small_network()
    go(whole, ours(groups_of(whole)), range(6))
    written = {"ours": ours, "theirs": theirs}[writer](groups_of(half))
    go(half, written, range(3))
    later = small_network()
    later.load_state_dict(half.state_dict())
    optimizer = ours(groups_of(later))
    optimizer.load_state_dict(on_disk_and_back(written.state_dict()))
    go(later, optimizer, range(3, 6))
    assert numbers(later) == numbers(whole)


@pairs
def test_torchs_class_goes_on_from_our_state(ours: Callable[..., Optimizer], theirs: Theirs) -> None:
    """The form of the checkpoints is the same in both directions."""
    network = small_network()
    optimizer = ours(groups_of(network))
    go(network, optimizer, range(3))
    mine, state = optimizer.state_dict(), theirs(groups_of(network)).state_dict()
    assert [group["params"] for group in mine["param_groups"]] == [[0, 1], [2, 3], []]
    other = theirs(groups_of(network))
    other.load_state_dict({**state, "state": mine["state"]})
    for parameter in network.parameters():
        assert {name: value.tolist() for name, value in other.state[parameter].items()} == (
            {name: value.tolist() for name, value in values_of(optimizer, parameter).items()}
        )


def values_of(optimizer: Optimizer, parameter: Tensor) -> dict[str, Tensor]:
    order = [one for group in optimizer.param_groups for one in group["params"]]
    return dict(optimizer.state_dict()["state"][[one is parameter for one in order].index(True)])


def test_a_state_of_other_groups_is_refused() -> None:
    network = small_network()
    optimizer = adamw(groups_of(network))
    state = optimizer.state_dict()
    with pytest.raises(ValueError, match="other groups"):
        adamw(groups_of(network)[:2]).load_state_dict(state)


def test_moments_go_where_the_parameters_are_and_the_count_of_steps_does_not() -> None:
    network = small_network()
    optimizer = adamw(groups_of(network))
    go(network, optimizer, range(2))
    halved = small_network().half()
    other = adamw(groups_of(halved))
    other.load_state_dict(optimizer.state_dict())
    assert {name: one.dtype for name, one in other.state_dict()["state"][0].items()} == {
        "step": torch.float32,
        "exp_avg": torch.float16,
        "exp_avg_sq": torch.float16,
    }


def test_a_step_and_a_state_load_no_compiler() -> None:
    code = (
        "import sys, torch\n"
        "from tldesk.trainer.strategies.optimizer import adamw, sgd\n"
        "weight = torch.nn.Parameter(torch.ones(2))\n"
        "for make in (adamw, sgd):\n"
        "    optimizer = make([{'params': [weight], 'weight_decay': 0.1}])\n"
        "    optimizer.zero_grad()\n"
        "    weight.sum().backward()\n"
        "    optimizer.step()\n"
        "    optimizer.load_state_dict(optimizer.state_dict())\n"
        "print(weight.tolist() != [1, 1], 'torch._dynamo' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.split() == ["True", "False"], done.stderr
