"""LogME against the evidence as a multivariate normal, maximised by brute force; and the Pareto front."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from tldesk.evaluation import logme, pareto_front


def naively(features: np.ndarray, labels: np.ndarray) -> float:
    """The paper's evidence without its algebra: y ~ N(0, 1/beta + F F'/alpha), maximised by Nelder-Mead."""
    n = len(features)

    def minus_log_evidence(logs: np.ndarray, wanted: np.ndarray) -> float:
        alpha, beta = np.exp(logs)
        covariance = np.eye(n) / beta + features @ features.T / alpha
        distance = float(wanted @ np.linalg.solve(covariance, wanted))
        return 0.5 * (n * math.log(2 * math.pi) + float(np.linalg.slogdet(covariance)[1]) + distance)

    values = []
    for one in np.unique(labels):
        wanted = (labels == one).astype(float)
        starts = [(0.0, 0.0), (3.0, 1.0), (-2.0, 3.0)]
        ends = [minimize(minus_log_evidence, x0, (wanted,), method="Nelder-Mead") for x0 in starts]
        values.append(-min(end.fun for end in ends) / n)
    return float(np.mean(values))


@pytest.mark.parametrize(("n", "width"), [(40, 6), (15, 30)])
def test_it_is_the_largest_evidence(n: int, width: int) -> None:
    random = np.random.default_rng(n)
    labels = random.integers(0, 3, n)
    features = random.normal(size=(n, width))
    features[:, 0] += labels
    assert logme(features, labels) == pytest.approx(naively(features, labels), abs=2e-4)


def test_one_feature_worked_out_by_hand() -> None:
    # F = (1, 1), y = (1, 0) and (0, 1): y along F is 1/sqrt 2, what is left is 1/2; by symmetry both classes
    # give the same. With s = 1/beta and t = 1/beta + 2/alpha the variances along F and across it:
    # log N = -log(2 pi) - (log s + log t)/2 - (1/2)/(2 s) - (1/2)/(2 t), largest at s = t = 1/2, where
    # the prior is infinitely narrow (alpha -> infinity): -log(2 pi) + log 2 - 1, per image half of it.
    by_hand = (-math.log(2 * math.pi) + math.log(2) - 1) / 2
    assert logme(np.ones((2, 1)), np.array([0, 1])) == pytest.approx(by_hand, abs=1e-4)


def test_telling_features_score_higher_and_turning_them_changes_nothing() -> None:
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 20)
    noise = random.normal(size=(60, 10))
    telling = noise + np.eye(3)[labels] @ random.normal(0, 3, (3, 10))
    turned = telling @ np.linalg.qr(random.normal(size=(10, 10)))[0]
    assert logme(telling, labels) > logme(noise, labels) + 0.1
    assert logme(turned, labels) == pytest.approx(logme(telling, labels), abs=1e-6)
    assert logme(7 * telling, labels) == pytest.approx(logme(telling, labels), abs=1e-4)


def test_what_cannot_be_scored() -> None:
    assert math.isfinite(logme(np.eye(3)[[0, 1, 2, 0]], np.array([0, 1, 2, 0]))), "met exactly"
    with pytest.raises(ValueError, match="not numbers"):
        logme(np.array([[1.0], [math.nan]]), np.array([0, 1]))
    with pytest.raises(ValueError, match="do not go with"):
        logme(np.ones((3, 2)), np.array([0, 1]))


def test_the_front_is_what_nothing_beats() -> None:
    costs, gains = [1.0, 2.0, 3.0, 3.0, 4.0], [0.5, 0.8, 0.7, 0.8, 0.9]
    assert pareto_front(costs, gains) == (True, True, False, False, True)
    assert pareto_front([1.0, 1.0], [0.5, 0.5]) == (True, True)
    assert pareto_front([], []) == ()
