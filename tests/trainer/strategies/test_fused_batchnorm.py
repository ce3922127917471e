"""Batch norms with kept statistics are a part of the convolutions before them: the same gradients, sooner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tiny_project import LATE_LINE, make_project, random_weights, small_recipe
from torch import Tensor, nn

from tldesk.dataset import Project
from tldesk.model import card
from tldesk.model.build import Network, build_network
from tldesk.recipe import HeadSpec
from tldesk.trainer.loop import Training
from tldesk.trainer.plan import make_plan
from tldesk.trainer.strategies.fused_batchnorm import FoldedConvolution, folded_for_training


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    random_weights(tmp_path / "weights", monkeypatch)
    with make_project(tmp_path) as made:
        yield made


def moved_statistics(network: nn.Module) -> Iterator[nn.BatchNorm2d]:
    """Its batch norms, now with statistics, scales and shifts that are not 0 and 1."""
    generator = torch.Generator().manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            with torch.no_grad():
                for values, least in (
                    (module.running_mean, -0.1),
                    (module.running_var, 0.5),
                    (module.weight, 0.5),
                    (module.bias, -0.1),
                ):
                    assert values is not None
                    values.copy_(least + torch.rand(values.shape, generator=generator))
            yield module


def gradients(network: Network, tail: nn.Module, inputs: Tensor) -> dict[str, Tensor]:
    network.zero_grad(set_to_none=True)
    torch.manual_seed(0)  # dropout draws the same in both
    network.head(tail(inputs)).square().sum().backward()
    return {name: one.grad for name, one in network.named_parameters() if one.grad is not None}


# One of each way to put modules together; the larger networks of these families have no others.
@pytest.mark.parametrize(
    "name",
    [
        "resnet18",
        "mobilenet_v2",
        "mobilenet_v3_small",
        "efficientnet_b0",
        "squeezenet1_1",
        "inception_v3",
    ],
)
def test_every_parameter_gets_the_gradient_that_it_gets_without_folding(name: str) -> None:
    known = card(name)
    network = build_network(known, 3, HeadSpec(), weights=None, seed=0)
    norms = list(moved_statistics(network))
    line = known.stage_names[-2]
    network.freeze(line, keep_statistics=True)
    network.train()
    side = max(known.minimum_size, 64)
    with torch.no_grad():
        inputs = network.trunk(line)(torch.rand(2, 3, side, side))
    tail = network.tail(line)
    quick = folded_for_training(tail)
    assert any(isinstance(one, FoldedConvolution) for one in quick.modules()) == (
        any(isinstance(one, nn.BatchNorm2d) for one in tail.modules())
    )
    called: list[nn.Module] = []
    for norm in norms:
        norm.register_forward_pre_hook(lambda module, _inputs: called.append(module))
    found = gradients(network, quick, inputs)
    assert not called
    expected = gradients(network, tail, inputs)
    assert found.keys() == expected.keys()
    for key, gradient in expected.items():
        assert float((found[key] - gradient).norm()) <= 1e-4 * float(gradient.norm()), key


# With batch norms that have an activation inside, convolutions that pad by themselves, and plain ones.
@pytest.mark.parametrize("name", ["lcnet_050", "tf_efficientnetv2_b0", "tiny_vit_5m_224", "resnet18d"])
def test_timms_networks_get_the_gradients_that_they_get_without_folding(name: str) -> None:
    pytest.importorskip("timm", reason="the extra tldesk[timm] is not installed")
    network = build_network(card(name), 3, HeadSpec(), weights=None, seed=0)
    list(moved_statistics(network))
    line = network.card.stage_names[-3]
    network.freeze(line, keep_statistics=True)
    network.train()
    with torch.no_grad():
        inputs = network.trunk(line)(torch.rand(2, 3, 64, 64))
    tail = network.tail(line)
    found = gradients(network, folded_for_training(tail), inputs)
    expected = gradients(network, tail, inputs)
    assert found.keys() == expected.keys()
    for key, gradient in expected.items():
        assert float((found[key] - gradient).norm()) <= 1e-3 * float(gradient.norm()), key


@pytest.mark.parametrize("batch_norm", ["keep", "adapt"])
def test_a_training_folds_where_the_statistics_are_kept(project: Project, batch_norm: str) -> None:
    recipe = small_recipe(LATE_LINE, epochs=2, batch_norm=batch_norm)
    training = Training(make_plan(project, recipe, device="cpu"))
    called_in_steps: list[bool] = []
    for module in training.network.tail(LATE_LINE).modules():
        if isinstance(module, nn.BatchNorm2d):
            module.register_forward_pre_hook(
                lambda _module, _inputs: called_in_steps.append(training.network.training)
            )
    list(training.events())
    assert any(called_in_steps) == (batch_norm == "adapt")


def test_a_convolution_of_another_kind_is_left_alone() -> None:
    class Doubled(nn.Conv2d):
        def forward(self, maps: Tensor) -> Tensor:
            return 2 * super().forward(maps)

    class Rectified(nn.BatchNorm2d):
        def forward(self, maps: Tensor) -> Tensor:
            return super().forward(maps).relu()

    first = nn.Sequential(Doubled(3, 3, 1), nn.BatchNorm2d(3)).eval()
    second = nn.Sequential(nn.Conv2d(3, 3, 1), Rectified(3)).eval()
    assert folded_for_training(first) is first
    assert folded_for_training(second) is second


def test_a_map_that_something_else_uses_too_is_left_alone() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = nn.Conv2d(3, 3, 1)
            self.norm = nn.BatchNorm2d(3)

        def forward(self, maps: Tensor) -> Tensor:
            maps = self.convolution(maps)
            normed: Tensor = self.norm(maps)
            return normed + maps

    twice = Twice().eval()
    assert folded_for_training(twice) is twice


def test_a_tail_that_cannot_be_looked_through_is_trained_as_it_is() -> None:
    class Winding(nn.Module):
        def forward(self, maps: Tensor) -> Tensor:
            return maps if maps.mean() > 0 else -maps

    winding = Winding().eval()
    assert folded_for_training(winding) is winding
