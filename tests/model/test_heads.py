"""Heads, with numbers by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tldesk.model.heads import Head, build_head
from tldesk.recipe import HeadSpec

LINEAR = HeadSpec(kind="linear", dropout=0.0)
DENSE = HeadSpec(kind="dense", hidden=3, dropout=0.0)


def _filled(layer: nn.Module, weight: list[list[float]], bias: list[float]) -> None:
    assert isinstance(layer, nn.Linear)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weight))
        layer.bias.copy_(torch.tensor(bias))


def test_the_linear_head_by_hand() -> None:
    head = build_head(2, 2, LINEAR, seed=0)
    _filled(head.layers[1], [[1.0, 2.0], [0.0, -1.0]], [0.5, 0.0])
    # Two features, two places each: means 2 and 5.
    features = torch.tensor([[[[1.0, 3.0]], [[4.0, 6.0]]]])
    assert head(features).tolist() == [[12.5, -5.0]]
    assert head(torch.tensor([[2.0, 5.0]])).tolist() == [[12.5, -5.0]]
    # Training features 0, 4 and 5, 5: mean 2, spread 2; the constant one is only centred.
    head.set_statistics(torch.tensor([[0.0, 5.0], [4.0, 5.0]]))
    assert head.standardise.mean.tolist() == [2.0, 5.0]
    assert head.standardise.std.tolist() == [2.0, 1.0]
    assert head(torch.tensor([[4.0, 6.0]])).tolist() == [[3.5, -1.0]]


def test_the_dense_head_by_hand() -> None:
    head = build_head(2, 2, DENSE, seed=0).eval()
    first, last = head.layers[0], head.layers[-1]
    _filled(first, [[1.0, 0.0], [0.0, -1.0], [1.0, 1.0]], [0.0, 0.0, 1.0])
    _filled(last, [[1.0, 1.0, 1.0], [2.0, 0.0, -1.0]], [0.0, 1.0])
    # (2, 5) -> hidden (2, -5, 8) -> after the ReLU (2, 0, 8) -> (10, 4 - 8 + 1)
    assert head(torch.tensor([[2.0, 5.0]])).tolist() == [[10.0, -3.0]]


def test_a_feature_that_hardly_varies_is_not_blown_up() -> None:
    head = build_head(3, 2, LINEAR, seed=0)
    head.set_statistics(torch.tensor([[0.0, 0.0, 0.0], [4.0, 2.0, 2e-6]]))
    assert head.standardise.std.tolist() == pytest.approx([2.0, 1.0, 0.01])  # spreads 2, 1, 1e-6; median 1


def test_the_statistics_are_kept_but_never_trained() -> None:
    head = build_head(2, 2, LINEAR, seed=0)
    head.set_statistics(torch.tensor([[0.0, 5.0], [4.0, 7.0]]))
    assert {name for name, _ in head.named_parameters()} == {"layers.1.weight", "layers.1.bias"}
    other = build_head(2, 2, LINEAR, seed=1)
    other.load_state_dict(head.state_dict())
    assert other.standardise.std.tolist() == [2.0, 1.0]


def test_an_untrained_head_finds_all_classes_about_equally_likely() -> None:
    vectors = torch.randn(20, 512, generator=torch.Generator().manual_seed(0))
    probabilities = build_head(512, 4, LINEAR, seed=3)(vectors).detach().softmax(1)
    assert float((probabilities - 0.25).abs().max()) < 0.2


def _loss_after(head: Head, features: torch.Tensor, labels: torch.Tensor, steps: int = 60) -> float:
    optimiser = torch.optim.AdamW(head.parameters(), lr=0.01)
    for _ in range(steps):
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(head(features), labels)
        loss.backward()
        optimiser.step()
    return float(loss.detach())


def test_standardising_makes_training_well_conditioned() -> None:
    """The telling feature is ten thousand times smaller than the noise beside it."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(64) % 2
    features = torch.stack([1e-3 * (labels * 2 - 1.0), 10 * torch.randn(64, generator=generator)], dim=1)
    raw, standardised = build_head(2, 2, LINEAR, seed=0), build_head(2, 2, LINEAR, seed=0)
    standardised.set_statistics(features)
    assert _loss_after(raw, features, labels) > 0.6  # chance is 0.69
    assert _loss_after(standardised, features, labels) < 0.45
