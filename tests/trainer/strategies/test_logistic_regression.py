"""The exact head against scikit-learn, and its folds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.utils.class_weight import compute_class_weight

from tldesk.dataset import SnapshotItem, Split
from tldesk.trainer.data.inner_folds import group_folds
from tldesk.trainer.strategies.logistic_regression import LogisticRegression as OurRegression
from tldesk.trainer.strategies.logistic_regression import PrincipalAxes

CLASSES = 4


def features_and_labels(n: int, width: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = np.random.default_rng(n + width)
    labels = np.concatenate(
        [np.arange(CLASSES), generator.choice(CLASSES, n - CLASSES, p=(0.4, 0.3, 0.2, 0.1))]
    )
    middles = generator.normal(0, 0.7, (CLASSES, width))
    values = generator.normal(size=(n, width)) @ np.diag(np.linspace(0.1, 2, width)) + middles[labels]
    values = (values - values.mean(0)) / values.std(0)
    return torch.from_numpy(values).float(), torch.from_numpy(labels)


def solved(task: OurRegression, strength: float, tolerance: float | None = 1e-7) -> torch.Tensor:
    found = task.solve(strength, task.start(), tolerance=tolerance)
    assert found is not None
    return found


# More images than features, and fewer; the second kind leaves directions in which no image lies.
@pytest.mark.parametrize(("n", "width"), [(200, 30), (60, 150)])
@pytest.mark.parametrize("strength", [0.001, 0.05, 1.0])
@pytest.mark.parametrize("balance", [None, "balanced"])
def test_the_solution_is_sklearn_s(n: int, width: int, strength: float, balance: str | None) -> None:
    features, labels = features_and_labels(n, width)
    weights = np.ones(CLASSES)
    if balance:
        weights = compute_class_weight("balanced", classes=np.arange(CLASSES), y=labels.numpy())
    task = OurRegression(features, labels, torch.from_numpy(weights))
    weight, bias = task.layer(solved(task, strength))
    other = LogisticRegression(C=strength, class_weight=balance, tol=1e-8, max_iter=5000)
    other.fit(features.double().numpy(), labels.numpy())
    assert np.allclose(weight, other.coef_, atol=1e-3)
    assert np.allclose(bias - bias.mean(), other.intercept_ - other.intercept_.mean(), atol=1e-3)


def test_single_precision_comes_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    features, labels = features_and_labels(200, 30)
    double = OurRegression(features, labels, torch.ones(CLASSES))
    monkeypatch.setattr("tldesk.trainer.strategies.logistic_regression._IN_DOUBLE", 0)
    single = OurRegression(features, labels, torch.ones(CLASSES))
    assert single.start().dtype == torch.float32
    one, other = (task.layer(solved(task, 0.1, None))[0] for task in (double, single))
    assert torch.allclose(one, other, atol=2e-3)


def test_the_usual_tolerance_gives_the_same_probabilities() -> None:
    features, labels = features_and_labels(60, 150)
    task = OurRegression(features, labels, torch.ones(CLASSES))
    one, other = (task.logits(solved(task, 1.0, how)).softmax(-1) for how in (1e-8, None))
    assert torch.allclose(one, other, atol=1e-3)


def test_label_smoothing_is_a_share_of_every_image_in_every_class() -> None:
    # Each image four times, once a class, weighing what the smoothed label gives that class.
    features, labels = features_and_labels(80, 10)
    smoothing, strength = 0.2, 0.1
    shares = np.full((80, CLASSES), smoothing / CLASSES)
    shares[np.arange(80), labels.numpy()] += 1 - smoothing
    other = LogisticRegression(C=strength, tol=1e-8, max_iter=5000)
    other.fit(
        np.repeat(features.double().numpy(), CLASSES, axis=0),
        np.tile(np.arange(CLASSES), 80),
        sample_weight=shares.ravel(),
    )
    task = OurRegression(features, labels, torch.ones(CLASSES), label_smoothing=smoothing)
    assert np.allclose(task.layer(solved(task, strength))[0], other.coef_, atol=1e-3)


def test_the_loss_is_torch_s_with_weights_and_smoothing() -> None:
    features, labels = features_and_labels(80, 10)
    weights = torch.tensor([0.5, 1.0, 1.5, 3.0])
    task = OurRegression(features, labels, weights, label_smoothing=0.1)
    coefficients = solved(task, 0.1)
    weight, bias = task.layer(coefficients)
    logits = features.double() @ weight.T + bias
    loss, accuracy = task.loss(coefficients)
    expected = torch.nn.functional.cross_entropy(logits, labels, weights.double(), label_smoothing=0.1)
    assert loss == pytest.approx(float(expected), rel=1e-6)
    assert accuracy == pytest.approx(float((logits.argmax(1) == labels).double().mean()))


def test_a_copy_is_the_solution_without_its_fold() -> None:
    features, labels = features_and_labels(120, 40)
    fold = torch.arange(10, 40)
    task = OurRegression(features, labels, torch.ones(CLASSES), folds=[fold])
    coefficients = solved(task, 0.1)
    rest = np.delete(np.arange(120), fold.numpy())
    other = LogisticRegression(C=0.1, tol=1e-8, max_iter=5000)
    other.fit(features.double().numpy()[rest], labels.numpy()[rest])
    expected = -other.predict_log_proba(features.double().numpy()[fold])[range(30), labels[fold]]
    assert np.allclose(task.left_out_loss(coefficients), expected, atol=1e-3)
    whole = OurRegression(features, labels, torch.ones(CLASSES))
    assert torch.allclose(task.layer(coefficients)[0], whole.layer(solved(whole, 0.1))[0], atol=1e-3)


def test_where_it_begins_does_not_matter() -> None:
    features, labels = features_and_labels(60, 150)
    task = OurRegression(features, labels, torch.ones(CLASSES))
    near = solved(task, 0.1)
    begin = torch.randn(near.shape, dtype=near.dtype, generator=torch.Generator().manual_seed(0))
    far = task.solve(0.1, begin, tolerance=1e-7)
    assert far is not None
    assert torch.allclose(task.layer(near)[0], task.layer(far)[0], atol=1e-3)


def test_it_stops_when_it_is_told_to() -> None:
    features, labels = features_and_labels(60, 150)
    task = OurRegression(features, labels, torch.ones(CLASSES))
    asked = []
    assert task.solve(1.0, task.start(), stopped=lambda: bool(asked.append(1)) or len(asked) > 2) is None
    assert len(asked) < 6


def test_a_feature_that_never_varies_gets_no_weight() -> None:
    features, labels = features_and_labels(60, 20)
    features[:, 3] = 0
    task = OurRegression(features, labels, torch.ones(CLASSES))
    weight, _ = task.layer(solved(task, 1.0))
    assert weight[:, 3].abs().max() < 1e-9
    assert torch.isfinite(weight).all()


def test_features_without_any_difference_give_the_classes_shares() -> None:
    labels = torch.tensor([0, 0, 0, 1])
    task = OurRegression(torch.zeros(4, 5), labels, torch.ones(2))
    weight, bias = task.layer(solved(task, 1.0))
    assert weight.abs().max() == 0
    assert bias.softmax(0).tolist() == pytest.approx([0.75, 0.25], abs=1e-3)


def test_axes_are_the_principal_ones() -> None:
    features, _ = features_and_labels(60, 150)
    axes = PrincipalAxes.of(features)
    values = np.linalg.svd(features.double().numpy(), compute_uv=False)
    assert np.allclose(axes.variance.flip(0), (values**2 / 60)[: len(axes.variance)])
    assert len(axes.variance) <= 60
    product = axes.directions.T @ axes.directions
    assert torch.allclose(product, torch.eye(len(product), dtype=torch.float64), atol=1e-6)


def item(number: int, label: int, group: str | None = None, content: str | None = None) -> SnapshotItem:
    return SnapshotItem(number, Path(f"{number}.jpg"), content or f"{number:032x}", label, Split.TRAIN, group)


def test_folds_keep_groups_and_equal_files_together() -> None:
    grouped = [item(n, (n // 3) % 2, f"plant {n // 3}") for n in range(60)]
    twins = [item(100 + n, n % 2, content=f"twin {n % 4}") for n in range(8)]
    items = [*grouped, *twins]
    folds = group_folds(items, seed=0)
    assert sorted(np.concatenate(folds)) == list(range(len(items)))
    of_fold = {place: number for number, fold in enumerate(folds) for place in fold}
    homes: dict[str, set[int]] = {}
    for place, one in enumerate(items):
        homes.setdefault(one.group or one.content, set()).add(of_fold[place])
    assert all(len(where) == 1 for where in homes.values())
    assert [fold.tolist() for fold in group_folds(items, seed=0)] == [fold.tolist() for fold in folds]


def test_every_class_stays_in_whatever_fold_is_out() -> None:
    # Class 1 has two groups: two folds, one of them in each.
    items = [item(n, 0) for n in range(20)] + [item(20 + n, 1, f"patient {n % 2}") for n in range(10)]
    folds = group_folds(items, seed=0)
    assert len(folds) == 2
    for fold in folds:
        assert {items[place].label for place in set(range(30)) - set(fold.tolist())} == {0, 1}


def test_a_class_of_a_single_group_makes_folds_impossible() -> None:
    items = [item(n, 0) for n in range(20)] + [item(20 + n, 1, "patient") for n in range(10)]
    assert group_folds(items, seed=0) == []
    assert group_folds([], seed=0) == []
