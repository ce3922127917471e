"""Probabilities: softmax, temperature, calibration error, the threshold of being unsure."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax as scipy_softmax

from tldesk.evaluation import (
    fit_temperature,
    reliability,
    softmax,
    unsure_threshold,
)
from tldesk.evaluation.calibration import BINS, calibration_error_of


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> float:
    return calibration_error_of(reliability(probabilities, labels, bins))


logit_matrices = st.tuples(st.integers(1, 12), st.integers(2, 5)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.floats(-50, 50))
)


@given(logit_matrices, st.floats(0.05, 20))
def test_softmax_is_a_distribution_with_the_same_winner(logits: np.ndarray, temperature: float) -> None:
    probabilities = softmax(logits, temperature)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(probabilities, scipy_softmax(logits / temperature, axis=1), atol=1e-12)
    winner = probabilities[np.arange(len(logits)), logits.argmax(axis=1)]
    np.testing.assert_array_equal(winner, probabilities.max(axis=1))


def test_softmax_by_hand_and_without_overflow() -> None:
    # logits 0 and ln 3: 1/4 and 3/4; at temperature 1/2 the odds are squared: 1/10 and 9/10.
    logits = np.array([[0.0, math.log(3)]])
    np.testing.assert_allclose(softmax(logits), [[0.25, 0.75]])
    np.testing.assert_allclose(softmax(logits, 0.5), [[0.1, 0.9]])
    np.testing.assert_allclose(softmax(np.array([[1e4, -1e4]], dtype=np.float32), 0.05), [[1.0, 0.0]])


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.nan])
def test_a_temperature_is_positive(temperature: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        softmax(np.zeros((1, 2)), temperature)


def test_temperature_by_hand() -> None:
    # Every answer has logits (4, 0) and 80 % are right: sigmoid(4 / T) = 0.8, so T = 4 / ln 4 = 2.885.
    logits = np.tile([4.0, 0.0], (5000, 1))
    labels = (np.arange(5000) % 5 == 0).astype(np.int64)
    assert fit_temperature(logits, labels) == pytest.approx(4 / math.log(4), rel=2e-3)


@pytest.mark.parametrize("true_temperature", [0.4, 1.0, 3.0])
def test_the_temperature_of_an_over_or_undersure_network_is_found(true_temperature: float) -> None:
    generator = np.random.default_rng(0)
    honest = generator.normal(0, 2, (4000, 5))
    labels = (softmax(honest).cumsum(axis=1) > generator.random((4000, 1))).argmax(axis=1)
    logits = (honest * true_temperature).astype(np.float32)
    fitted = fit_temperature(logits, labels)
    assert fitted == pytest.approx(true_temperature, rel=0.06)
    before = expected_calibration_error(softmax(logits), labels)
    after = expected_calibration_error(softmax(logits, fitted), labels)
    assert after < 0.03
    assert true_temperature == 1.0 or after < before / 2


@given(logit_matrices, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_temperature_is_always_within_its_bounds(logits: np.ndarray, random) -> None:
    labels = np.array([random.randrange(logits.shape[1]) for _ in logits])
    assert 0.05 <= fit_temperature(logits, labels) <= 20


def test_a_few_images_that_are_all_right_do_not_make_it_certain() -> None:
    logits = np.array([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [2.0, 0.0, 0.0]])
    labels = np.array([0, 1, 0])  # the third class is absent
    fitted = fit_temperature(logits, labels)
    assert 0.05 < fitted < 1
    assert softmax(logits, fitted).max() < 0.99
    assert fit_temperature(np.empty((0, 3)), np.empty(0, dtype=np.int64)) == 1.0
    assert fit_temperature(logits, np.array([2, 2, 2])) > 1


def test_calibration_error_by_hand() -> None:
    # Bin of 0.95: two answers, one right: |0.5 - 0.95| = 0.45. Bin of 0.55: two, both right: 0.45. Mean 0.45.
    probabilities = np.array([[0.95, 0.05], [0.95, 0.05], [0.55, 0.45], [0.45, 0.55]])
    labels = np.array([0, 1, 0, 1])
    assert expected_calibration_error(probabilities, labels) == pytest.approx(0.45)
    # In one bin: mean probability 0.75, three of four right.
    assert expected_calibration_error(probabilities, labels, bins=1) == pytest.approx(0)


def test_bins_take_their_upper_edge() -> None:
    probabilities = np.array([[0.5, 0.5], [0.6, 0.4], [1.0, 0.0]])
    counts = [one.n for one in reliability(probabilities, np.array([0, 0, 0]), bins=2)]
    assert counts == [1, 2]  # (0, 0.5] and (0.5, 1]
    empty = reliability(probabilities, np.array([0, 0, 0]), bins=10)[0]
    assert empty.n == 0
    assert empty.as_dict()["confidence"] is None
    assert empty.accuracy.as_dict()["value"] is None


@given(logit_matrices, st.integers(1, 20), st.randoms(use_true_random=False))
def test_calibration_error_is_a_share_and_every_image_is_in_a_bin(
    logits: np.ndarray, bins: int, random
) -> None:
    labels = np.array([random.randrange(logits.shape[1]) for _ in logits])
    probabilities = softmax(logits)
    assert 0 <= expected_calibration_error(probabilities, labels, bins) <= 1
    assert sum(one.n for one in reliability(probabilities, labels, bins)) == len(logits)


def test_no_image_has_no_calibration_error() -> None:
    assert math.isnan(expected_calibration_error(np.empty((0, 2)), np.empty(0, dtype=np.int64)))
    with pytest.raises(ValueError, match="bin"):
        reliability(np.ones((1, 1)), np.array([0]), bins=0)


FOUR = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]])


@pytest.mark.parametrize(
    ("labels", "target", "threshold"),
    [
        ([0, 0, 1, 0], 1.0, 0.8),  # 1/1, 2/2, 2/3, 3/4: the most that is kept with all right is two
        ([0, 0, 1, 0], 0.75, 0.0),  # all four reach 3/4
        ([0, 1, 0, 0], 0.7, 0.0),  # 3/4 again, though 1/2 on the way
        ([0, 1, 1, 1], 0.9, 0.9),
        ([1, 0, 0, 0], 0.9, 1.0),  # 0, 1/2, 2/3, 3/4: never
    ],
)
def test_threshold_by_hand(labels: list[int], target: float, threshold: float) -> None:
    assert unsure_threshold(FOUR, np.array(labels), target) == threshold


def test_equal_probabilities_are_kept_or_left_together() -> None:
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.8, 0.2]])
    assert unsure_threshold(probabilities, np.array([0, 0, 1]), 1.0) == 0.9
    assert unsure_threshold(probabilities, np.array([0, 1, 0]), 1.0) == 0.9


@given(logit_matrices, st.floats(0, 1), st.randoms(use_true_random=False))
def test_those_above_the_threshold_reach_the_target(logits: np.ndarray, target: float, random) -> None:
    labels = np.array([random.randrange(logits.shape[1]) for _ in logits])
    probabilities = softmax(logits)
    threshold = unsure_threshold(probabilities, labels, target)
    sure = probabilities.max(axis=1) >= threshold
    right = probabilities.argmax(axis=1) == labels
    assert 0 <= threshold <= 1
    assert threshold == 1.0 or right[sure].mean() >= target - 1e-6


def test_a_threshold_of_nothing() -> None:
    assert unsure_threshold(np.empty((0, 2)), np.empty(0, dtype=np.int64)) == 0.0
    with pytest.raises(ValueError, match="target"):
        unsure_threshold(FOUR, np.zeros(4, dtype=np.int64), 1.5)


@pytest.mark.parametrize(
    ("scores", "labels", "words"),
    [
        (np.zeros(3), [0, 0, 0], "column a class"),
        (np.zeros((3, 0)), [0, 0, 0], "column a class"),
        (np.zeros((3, 2)), [0, 0], "labels"),
        (np.zeros((3, 2)), [0, 0, 2], "0..1"),
        (np.zeros((3, 2)), [0, 0, -1], "0..1"),
        (np.zeros((3, 2)), [0.0, 1.0, 0.0], "whole numbers"),
        (np.full((3, 2), np.nan), [0, 0, 0], "finite"),
        (np.full((3, 2), np.inf), [0, 0, 0], "finite"),
    ],
)
def test_arrays_that_do_not_fit_are_refused_by_all(
    scores: np.ndarray, labels: list[float], words: str
) -> None:
    for function in (fit_temperature, expected_calibration_error, unsure_threshold):
        with pytest.raises(ValueError, match=words):
            function(scores, np.array(labels))
