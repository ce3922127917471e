"""Intervals against the literature, by hand, and against plain resampling."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score

from tldesk.evaluation import wilson
from tldesk.evaluation.intervals import balanced_accuracy_of, class_averages, macro_f1_of


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (9, 10, 0.5958, 0.9821),
        # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_numbers_of_the_literature(hits: int, n: int, low: float, high: float) -> None:
    interval = wilson(hits, n)
    assert interval.value == hits / n
    assert interval.low == pytest.approx(low, abs=6e-5)
    assert interval.high == pytest.approx(high, abs=6e-5)


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_wilson_holds_its_value_and_mirrors(hits: int, n: int) -> None:
    hits = min(hits, n)
    interval, mirrored = wilson(hits, n), wilson(n - hits, n)
    assert 0 <= interval.low <= interval.value <= interval.high <= 1
    assert interval.low < interval.high
    assert interval.low == pytest.approx(1 - mirrored.high, abs=1e-12)


def test_nothing_measured_is_said_to_be_nothing() -> None:
    interval = wilson(0, 0)
    assert math.isnan(interval.value)
    assert interval.as_dict() == {"value": None, "low": 0.0, "high": 1.0}
    with pytest.raises(ValueError, match="not a proportion"):
        wilson(3, 2)
    with pytest.raises(ValueError, match="not a proportion"):
        wilson(-1, 2)


def test_averages_by_hand() -> None:
    # recalls 3/4, 2/3, 1; precisions 3/4, 2/3, 1, so the F1 are the same: both means are 29/36.
    confusion = np.array([[3, 1, 0], [1, 2, 0], [0, 0, 3]])
    balanced, f1 = class_averages(confusion)
    assert balanced.value == pytest.approx(29 / 36)
    assert f1.value == pytest.approx(29 / 36)
    assert balanced.low < 29 / 36 < balanced.high


def test_a_class_without_images_is_left_out_of_the_averages() -> None:
    # class 2 has no image; its one answer is a mistake for class 1: recalls 1 and 1/2.
    # F1: class 0: 2*2/(2+2) = 1; class 1: 2*1/(2+1) = 2/3; mean 5/6.
    confusion = np.array([[2, 0, 0], [0, 1, 1], [0, 0, 0]])
    balanced, f1 = class_averages(confusion)
    assert balanced.value == pytest.approx(0.75)
    assert f1.value == pytest.approx(5 / 6)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60))
@settings(max_examples=50, deadline=None)
def test_averages_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    true, predicted = (np.array(column) for column in zip(*pairs, strict=True))
    confusion = np.zeros((4, 4), dtype=np.int64)
    np.add.at(confusion, (true, predicted), 1)
    present = np.unique(true)
    expected_f1 = f1_score(true, predicted, labels=present, average="macro", zero_division=0)
    recalls = [np.mean(predicted[true == c] == c) for c in present]
    assert float(balanced_accuracy_of(confusion)) == pytest.approx(np.mean(recalls))
    assert float(macro_f1_of(confusion)) == pytest.approx(expected_f1)
    for interval in class_averages(confusion):
        assert 0 <= interval.low <= interval.value <= interval.high <= 1
        assert interval.low < interval.high


def test_the_bootstrap_agrees_with_plain_resampling_of_images() -> None:
    generator = np.random.default_rng(3)
    true = np.repeat([0, 1, 2], [120, 60, 30])
    predicted = np.where(generator.random(210) < 0.75, true, generator.integers(0, 3, 210))
    confusion = np.zeros((3, 3), dtype=np.int64)
    np.add.at(confusion, (true, predicted), 1)
    plain = np.array([scores(true, stratified(true, predicted, generator)) for _ in range(300)])
    for interval, column in zip(class_averages(confusion), plain.T, strict=True):
        low, high = np.quantile(column, (0.025, 0.975))
        assert interval.low == pytest.approx(low, abs=0.02)
        assert interval.high == pytest.approx(high, abs=0.02)


def stratified(true: np.ndarray, predicted: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return np.concatenate(
        [generator.choice(predicted[true == c], (true == c).sum()) for c in np.unique(true)]
    )


def scores(true: np.ndarray, predicted: np.ndarray) -> tuple[float, float]:
    return balanced_accuracy_score(true, predicted), f1_score(true, predicted, average="macro")


def test_all_right_is_not_said_to_be_certain() -> None:
    # 10 of 10 twice. Wilson's low is n / (n + z^2) = 10 / 13.8415 = 0.72247, so each recall may be 0.27753
    # lower; their mean by sqrt(2 * 0.27753^2) / 2 = 0.19624.
    for interval in class_averages(np.diag([10, 10])):
        assert interval.value == 1
        assert interval.low == pytest.approx(1 - 0.19624, abs=1e-4)
        assert interval.high == 1


def test_the_same_seed_gives_the_same_bounds() -> None:
    confusion = np.array([[30, 5], [9, 21]])
    assert class_averages(confusion, seed=1) == class_averages(confusion, seed=1)
    assert class_averages(confusion, seed=1) != class_averages(confusion, seed=2)
    with pytest.raises(ValueError, match="at least one image"):
        class_averages(np.zeros((2, 2), dtype=np.int64))
