"""Distances to training images, and the share of validation images that are nearer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_1samp, uniform
from sklearn.neighbors import NearestNeighbors

from tldesk.evaluation import knn_distance, novelty, novelty_scores


def test_distances_by_hand() -> None:
    train = np.array([[2.0, 0.0], [0.0, 0.5]])  # two directions at a right angle, of any length
    queries = np.array([[3.0, 0.0], [1.0, 1.0], [-1.0, 0.0], [0.0, 0.0]])
    # cosines to (1,0) and (0,1): (1, 0), (0.7071, 0.7071), (-1, 0), and none for zeros.
    np.testing.assert_allclose(knn_distance(train, queries, k=1), [0, 0.292893, 1, 1], atol=1e-6)
    np.testing.assert_allclose(knn_distance(train, queries, k=2), [1, 0.292893, 2, 1], atol=1e-6)
    np.testing.assert_array_equal(knn_distance(train, queries, k=9), knn_distance(train, queries, k=2))


def test_distances_are_those_of_scikit_learn_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    train, queries = generator.normal(size=(80, 16)), generator.normal(size=(37, 16))
    found, _ = NearestNeighbors(n_neighbors=5, metric="cosine").fit(train).kneighbors(queries)
    np.testing.assert_allclose(knn_distance(train, queries), found[:, 4], atol=1e-5)
    monkeypatch.setattr(novelty, "_BLOCK_BYTES", 4 * 80 * 10)  # ten queries a block
    np.testing.assert_allclose(knn_distance(train, queries), found[:, 4], atol=1e-5)


def test_no_query_has_no_distance() -> None:
    assert knn_distance(np.ones((3, 2)), np.empty((0, 2))).shape == (0,)


@pytest.mark.parametrize(
    ("train", "queries", "k"),
    [
        (np.empty((0, 2)), np.ones((1, 2)), 1),
        (np.ones((2, 3)), np.ones((1, 2)), 1),
        (np.ones((2, 2)), np.ones((1, 2)), 0),
        (np.ones(2), np.ones((1, 2)), 1),
        (np.full((2, 2), np.nan), np.ones((1, 2)), 1),
    ],
)
def test_what_has_no_neighbour_is_refused(train: np.ndarray, queries: np.ndarray, k: int) -> None:
    with pytest.raises(ValueError, match=r"neighbour|finite matrix"):
        knn_distance(train, queries, k)


def test_scores_by_hand() -> None:
    reference = [0.1, 0.2, 0.2, 0.4]
    # 0.2: strictly nearer is only 0.1.
    assert novelty_scores([0.05, 0.2, 0.3, 9.0], reference).tolist() == [0, 0.25, 0.75, 1]
    with pytest.raises(ValueError, match="validation images"):
        novelty_scores([0.1], [])


@given(st.lists(st.floats(0, 2), min_size=1, max_size=40), st.lists(st.floats(0, 2), min_size=2, max_size=10))
def test_scores_are_shares_that_rise_with_distance(reference: list[float], distances: list[float]) -> None:
    scores = novelty_scores(sorted(distances), sorted(reference))
    assert ((scores >= 0) & (scores <= 1)).all()
    assert (np.diff(scores) >= 0).all()


def test_everyday_pictures_spread_evenly_and_strange_ones_do_not() -> None:
    generator = np.random.default_rng(5)
    centre = np.zeros(32)
    centre[0] = 4.0
    train, validation, new = (centre + generator.normal(size=(500, 32)) for _ in range(3))
    reference = np.sort(knn_distance(train, validation))
    everyday = novelty_scores(knn_distance(train, new), reference)
    assert ks_1samp(everyday, uniform.cdf).statistic < 0.1
    strange = novelty_scores(knn_distance(train, new - 2 * centre), reference)
    assert strange.min() > 0.99
