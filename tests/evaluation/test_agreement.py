"""Agreement of readers, against numbers from the literature and against scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from tldesk.dataset import Reading
from tldesk.evaluation import agreement_of_all, agreements, cohen_kappa, fleiss_kappa, wilson


def test_cohens_kappa_worked_out_by_hand() -> None:
    # 25 + 10 of 50 agree by 0.7; chance (0.5 * 0.6 + 0.5 * 0.4) = 0.5; kappa 0.4.
    found = cohen_kappa(np.array([[20, 5], [10, 15]]))
    assert found.value == pytest.approx(0.4)
    # Fleiss, Cohen and Everitt by hand: diagonal terms 0.4 * (1 - 1.1 * 0.6)^2 + 0.3 * (1 - 0.9 * 0.6)^2,
    # off the diagonal 0.36 * (0.1 * 1.1^2 + 0.2 * 0.9^2), less (0.4 - 0.5 * 0.6)^2.
    on = 0.4 * (1 - 1.1 * 0.6) ** 2 + 0.3 * (1 - 0.9 * 0.6) ** 2
    off = 0.36 * (0.1 * (0.6 + 0.5) ** 2 + 0.2 * (0.4 + 0.5) ** 2)
    error = math.sqrt((on + off - (0.4 - 0.5 * 0.6) ** 2) / (50 * 0.25))
    assert found.high - found.value == pytest.approx(1.959964 * error, rel=1e-6)
    assert found.value - found.low == pytest.approx(found.high - found.value)


def test_cohens_kappa_is_scikit_learns() -> None:
    generator = np.random.default_rng(3)
    for classes in (2, 3, 7):
        one = generator.integers(0, classes, 200)
        other = np.where(generator.random(200) < 0.7, one, generator.integers(0, classes, 200))
        confusion = np.zeros((classes, classes), dtype=np.int64)
        np.add.at(confusion, (one, other), 1)
        assert cohen_kappa(confusion).value == pytest.approx(cohen_kappa_score(one, other))


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(0)
    p = np.array([[0.35, 0.1], [0.05, 0.5]])
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    truth = (np.trace(p) - rows @ columns) / (1 - rows @ columns)
    found = [cohen_kappa(draw.reshape(2, 2)) for draw in generator.multinomial(200, p.ravel(), size=2000)]
    assert np.mean([one.low <= truth <= one.high for one in found]) == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize(
    "confusion", [np.zeros((2, 2), int), np.array([[5, 0], [0, 0]]), np.array([[5, 3], [0, 0]])]
)
def test_nothing_to_tell_agreement_from_chance(confusion: np.ndarray) -> None:
    found = cohen_kappa(confusion)
    assert math.isnan(found.value)
    assert (found.low, found.high) == (-1, 1)


def test_always_alike_on_few_images_is_not_certain() -> None:
    found = cohen_kappa(np.array([[6, 0], [0, 6]]))
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx((wilson(12, 12).low - 0.5) / 0.5)
    assert 0.4 < found.low < 0.6


def test_fleiss_kappa_of_the_paper_s_kind_of_table() -> None:
    # Ten subjects, fourteen raters, five categories (the standard worked example): 0.210.
    table = """0 0 0 0 14
               0 2 6 4 2
               0 0 3 5 6
               0 3 9 2 0
               2 2 8 1 1
               7 7 0 0 0
               3 2 6 3 0
               2 5 3 2 2
               6 5 2 1 0
               0 2 2 3 7"""
    counts = np.array([[int(cell) for cell in line.split()] for line in table.splitlines()])
    assert fleiss_kappa(counts) == pytest.approx(0.210, abs=5e-4)
    with pytest.raises(ValueError, match="same number of readers"):
        fleiss_kappa(np.array([[2, 0], [1, 0]]))


def test_pairs_are_compared_on_what_both_have_looked_at() -> None:
    readings = [
        Reading(1, 10, {"Ada": 10, "Öz": 10}),
        Reading(2, 10, {"Ada": 20, "Öz": 10}),
        Reading(3, 20, {"Ada": 20}),
        Reading(4, None, {"Ada": 20, "Öz": 20}),
        Reading(5, 20, {"Öz": 20}),
    ]
    found = {(one.first, one.second): one for one in agreements(readings, [10, 20])}
    assert list(found) == [(None, "Ada"), (None, "Öz"), ("Ada", "Öz")]
    assert found[None, "Ada"].images == 3
    assert found[None, "Ada"].alike == pytest.approx(2 / 3)
    assert found[None, "Ada"].differing == (2,)
    assert found[None, "Öz"].differing == ()
    assert found["Ada", "Öz"].images == 3
    together = agreement_of_all(readings, [10, 20])
    assert together is not None
    assert together[1] == 2, "three readers on images 1 and 2 only"
    assert together[0] == pytest.approx(fleiss_kappa(np.array([[3, 0], [2, 1]])))
    assert agreement_of_all([Reading(1, 10, {"Ada": 10})], [10, 20]) is None
