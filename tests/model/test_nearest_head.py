"""The head of nearest neighbours: votes by hand and by scikit-learn, and its way through files."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier

from tldesk.model.heads import build_head
from tldesk.model.nearest_head import TEMPERATURE
from tldesk.prediction.saliency import weighted_map
from tldesk.prediction.saliency_check import randomised
from tldesk.recipe import HeadSpec


def head_of(vectors, labels, classes=2, neighbours=3, worth=None):
    head = build_head(len(vectors[0]), classes, HeadSpec(kind="knn", neighbours=neighbours), seed=0)
    worth = torch.ones(classes) if worth is None else torch.tensor(worth)
    head.nearest.remember(torch.tensor(vectors), torch.tensor(labels), worth)
    return head


def test_votes_by_hand() -> None:
    head = head_of([[2.0, 0.0], [3.0, 4.0], [0.0, 5.0], [-1.0, 0.0]], [0, 1, 1, 0])
    (logits,) = head(torch.tensor([[10.0, 0.0]]))
    # Cosines 1, 0.6 and 0; the fourth (-1) does not vote. One more vote, as far as the third, is shared.
    weights = [math.exp(cosine / TEMPERATURE) for cosine in (1.0, 0.6, 0.0)]
    shared = weights[2] / 2
    expected = [weights[0] + shared, weights[1] + weights[2] + shared]
    assert logits.exp().tolist() == pytest.approx(expected, rel=1e-4)


def test_classes_of_more_worth_weigh_more() -> None:
    vectors, labels = [[1.0, 0.1], [1.0, -0.1]], [0, 1]
    even = head_of(vectors, labels, neighbours=2)(torch.tensor([[1.0, 0.0]])).softmax(1)
    assert even[0].tolist() == pytest.approx([0.5, 0.5])
    twice = head_of(vectors, labels, neighbours=2, worth=[2.0, 1.0])(torch.tensor([[1.0, 0.0]])).softmax(1)
    # Votes 2 and 1, and half a vote for each class.
    assert twice[0].tolist() == pytest.approx([2.5 / 4, 1.5 / 4])


def test_a_class_without_a_neighbour_is_unlikely_and_not_impossible() -> None:
    head = head_of([[1.0, 0.0], [1.0, 0.01], [0.0, 1.0]], [0, 0, 1], classes=3, neighbours=2)
    found = head(torch.tensor([[1.0, 0.0]])).softmax(1)[0]
    assert 0.05 < float(found[2]) < 0.15
    assert bool(torch.isfinite(head(torch.zeros(1, 2))).all())  # no direction at all


def test_the_answers_are_scikit_learns() -> None:
    random = np.random.default_rng(1)
    vectors = random.normal(size=(80, 6)).astype(np.float32)
    labels = random.integers(0, 3, 80)
    asked = random.normal(size=(50, 6)).astype(np.float32)
    head = head_of(vectors.tolist(), labels.tolist(), classes=3, neighbours=7)
    theirs = KNeighborsClassifier(
        7, metric="cosine", weights=lambda distance: np.exp((1 - distance) / TEMPERATURE)
    )
    expected = theirs.fit(vectors, labels).predict_proba(asked)
    found = head(torch.from_numpy(asked)).softmax(1).numpy()
    assert np.array_equal(found.argmax(1), expected.argmax(1))
    # One vote of at most the smallest weight is shared: it takes no more than an eighth from the others.
    assert np.abs(found - expected).max() < 1 / 8


def test_before_anything_is_remembered_all_classes_are_equal() -> None:
    head = build_head(4, 3, HeadSpec(kind="knn"), seed=0)
    assert head(torch.ones(2, 4, 3, 3)).tolist() == [[0.0] * 3] * 2
    assert not [one for one in head.parameters() if one.requires_grad]


def test_features_are_compared_as_they_are_and_kept_whole() -> None:
    head = head_of([[1.0, 0.0], [0.0, 1.0]], [0, 1])
    head.set_statistics(torch.tensor([[5.0, 1.0], [3.0, 9.0]]))
    assert head.standardise.mean.tolist() == [0.0, 0.0]
    other = build_head(2, 2, HeadSpec(kind="knn", neighbours=3), seed=1)
    other.load_state_dict(head.state_dict())
    asked = torch.tensor([[0.3, 0.7]])
    assert torch.equal(other(asked), head(asked))
    with pytest.raises(RuntimeError, match="memory"):
        build_head(3, 2, HeadSpec(kind="knn"), seed=1).load_state_dict(head.state_dict())


def test_a_map_marks_what_is_like_the_neighbours_even_where_all_of_them_agree() -> None:
    # All neighbours of one class: the probability is flat there, the likeness is not.
    head = head_of([[1.0, 0.0], [1.0, 0.05]], [0, 0], neighbours=2)
    features = torch.zeros(1, 2, 1, 2)
    features[0, 0, 0, 0] = features[0, 1, 0, 1] = 1.0  # left like the neighbours, right unlike them
    marks = weighted_map(features, head, 0)
    assert float(marks[0, 0]) > 0
    assert float(marks[0, 1]) == 0
    # Who looks like nobody's class gets no map for it.
    assert float(weighted_map(features, head, 1).max()) == 0


def test_a_head_that_remembers_something_else_looks_elsewhere() -> None:
    vectors = torch.randn(20, 32, generator=torch.Generator().manual_seed(0)).tolist()
    head = head_of(vectors, [0, 1] * 10)
    before = head.nearest.memory.clone()
    other = randomised(head, 3)
    assert not torch.allclose(other.nearest.memory, before)
    assert torch.equal(head.nearest.memory, before)
