"""Folds taken together: mean, deviation and interval against numbers worked out by hand and by others."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import balanced_accuracy_score

from tldesk.evaluation import across_folds, evaluate


def fold(labels: list[int], answers: list[int]):
    return evaluate(np.eye(2)[answers], labels, ("a", "b"))


def test_mean_deviation_and_all_images_together() -> None:
    one = fold([0, 0, 1, 1], [0, 0, 1, 0])  # 3 of 4
    other = fold([0, 0, 1, 1, 1, 1], [0, 1, 1, 0, 1, 0])  # 3 of 6
    found = across_folds([one, other])
    assert found.n == 10
    assert found.accuracy.folds == (0.75, 0.5)
    assert found.accuracy.mean == 0.625
    assert found.accuracy.deviation == pytest.approx(np.std([0.75, 0.5], ddof=1))
    assert found.accuracy.together.value == 0.6, "six of ten, however they lie in folds"
    assert (found.accuracy.together.low, found.accuracy.together.high) == pytest.approx(
        tuple(binomtest(6, 10).proportion_ci(method="wilson"))
    )
    labels, answers = [0, 0, 1, 1, 0, 0, 1, 1, 1, 1], [0, 0, 1, 0, 0, 1, 1, 0, 1, 0]
    assert found.balanced_accuracy.together.value == pytest.approx(balanced_accuracy_score(labels, answers))
    assert found.as_dict()["accuracy"]["mean"] == 0.625


def test_one_fold_has_no_spread_and_none_is_refused() -> None:
    assert across_folds([fold([0, 1], [0, 1])]).accuracy.deviation == 0
    with pytest.raises(ValueError, match="no fold"):
        across_folds([])
