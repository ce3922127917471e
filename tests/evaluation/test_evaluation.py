"""The record of a split, and the comparison of two classifiers."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from tldesk.evaluation import evaluate, mcnemar, softmax, wilson

CLASSES = ("healthy", "rust", "mildew")


def logits_of(predicted: list[int], n_classes: int, strength: float = 3.0) -> np.ndarray:
    return strength * np.eye(n_classes, dtype=np.float32)[predicted]


def test_an_evaluation_by_hand() -> None:
    # healthy: 4 images, 3 right, 1 called rust; rust: 3 images, 2 right, 1 called healthy; mildew: 3 of 3.
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
    result = evaluate(logits_of([0, 0, 0, 1, 1, 1, 0, 2, 2, 2], 3), labels, CLASSES)
    assert result.n == 10
    assert result.confusion == ((3, 1, 0), (1, 2, 0), (0, 0, 3))
    assert result.accuracy == wilson(8, 10)
    assert result.balanced_accuracy.value == pytest.approx((3 / 4 + 2 / 3 + 1) / 3)
    assert [one.precision for one in result.per_class] == [wilson(3, 4), wilson(2, 3), wilson(3, 3)]
    assert [one.recall for one in result.per_class] == [wilson(3, 4), wilson(2, 3), wilson(3, 3)]
    assert [one.f1 for one in result.per_class] == pytest.approx([3 / 4, 2 / 3, 1])
    # All answers have probability e^3 / (e^3 + 2) = 0.90944 and 0.8 of them are right.
    assert result.ece == pytest.approx(0.10944, abs=1e-5)


def test_the_document_has_the_keys_of_the_design_and_no_nan() -> None:
    # mildew has no image and is never an answer: nothing can be measured of it.
    labels = np.array([0, 0, 1])
    result = evaluate(logits_of([0, 1, 1], 3), labels, CLASSES, temperature=2.0, unsure_below=0.5)
    document = json.loads(json.dumps(result.as_dict(), allow_nan=False))
    assert set(document) == {
        "n", "accuracy", "balanced_accuracy", "macro_f1", "ece", "classes", "confusion", "per_class",
        "reliability", "temperature", "unsure", "intervals",
    }  # fmt: skip
    for key in ("accuracy", "balanced_accuracy", "macro_f1"):
        assert set(document[key]) == {"value", "low", "high"}
        assert "95 %" in document["intervals"][key]
    assert document["classes"] == ["healthy", "rust", "mildew"]
    assert document["confusion"] == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert document["temperature"] == 2.0
    mildew = document["per_class"][2]
    assert set(mildew) == {"class", "n", "precision", "recall", "f1"}
    assert mildew["recall"] == {"value": None, "low": 0.0, "high": 1.0}
    assert (mildew["class"], mildew["n"], mildew["f1"]) == ("mildew", 0, None)
    assert len(document["reliability"]) == 15


def test_unsure_answers_are_counted_by_hand() -> None:
    # Top probabilities: e^3/(e^3+1) = 0.953 twice, e^1/(e^1+1) = 0.731 twice; the weak ones are wrong.
    logits = np.array([[3.0, 0.0], [0.0, 3.0], [1.0, 0.0], [1.0, 0.0]])
    result = evaluate(logits, np.array([0, 1, 1, 1]), ("a", "b"), unsure_below=0.9)
    assert result.unsure is not None
    assert (result.unsure.n, result.unsure.share) == (2, 0.5)
    assert result.unsure.accuracy_when_sure == wilson(2, 2)
    all_unsure = evaluate(logits, np.array([0, 1, 1, 1]), ("a", "b"), unsure_below=1.0).unsure
    assert all_unsure is not None
    assert all_unsure.as_dict()["accuracy_when_sure"] == {"value": None, "low": 0.0, "high": 1.0}
    assert evaluate(logits, np.array([0, 1, 1, 1]), ("a", "b")).unsure is None


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=50))
@settings(max_examples=40, deadline=None)
def test_numbers_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    labels, predicted = (list(column) for column in zip(*pairs, strict=True))
    result = evaluate(logits_of(predicted, 4), np.array(labels), "abcd")
    np.testing.assert_array_equal(result.confusion, confusion_matrix(labels, predicted, labels=range(4)))
    assert result.accuracy.value == pytest.approx(accuracy_score(labels, predicted))
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, predicted, labels=range(4), zero_division=np.nan
    )
    np.testing.assert_allclose([one.precision.value for one in result.per_class], precision)
    np.testing.assert_allclose([one.recall.value for one in result.per_class], recall)
    np.testing.assert_allclose([one.f1 for one in result.per_class], f1)
    assert [one.n for one in result.per_class] == list(support)
    json.dumps(result.as_dict(), allow_nan=False)


def test_temperature_changes_calibration_and_nothing_else() -> None:
    generator = np.random.default_rng(1)
    logits, labels = generator.normal(0, 3, (200, 4)), generator.integers(0, 4, 200)
    cold, warm = (evaluate(logits, labels, "abcd", temperature=t) for t in (1.0, 5.0))
    assert (cold.confusion, cold.accuracy, cold.macro_f1) == (warm.confusion, warm.accuracy, warm.macro_f1)
    # Random labels: the less sure, the better calibrated.
    assert warm.ece < cold.ece
    assert sum(one.n * one.confidence for one in warm.reliability if one.n) / 200 == pytest.approx(
        softmax(logits, 5.0).max(axis=1).mean()
    )


def test_a_single_image_of_a_single_class() -> None:
    result = evaluate(np.array([[0.3]]), np.array([0]), ["only"])
    assert result.accuracy == wilson(1, 1)
    assert result.balanced_accuracy.value == 1
    assert result.balanced_accuracy.low == pytest.approx(wilson(1, 1).low)


def test_what_cannot_be_evaluated_is_refused() -> None:
    with pytest.raises(ValueError, match="no image"):
        evaluate(np.empty((0, 2)), np.empty(0, dtype=np.int64), "ab")
    with pytest.raises(ValueError, match="for 3 classes"):
        evaluate(np.zeros((1, 2)), np.array([0]), "abc")
    with pytest.raises(ValueError, match="not a number"):
        evaluate(np.zeros((1, 2)), np.array([0]), "ab", unsure_below=float("nan"))


def test_mcnemar_by_hand() -> None:
    # The first alone is right once, the second alone 7 times: p = 2 * (1 + 8) / 2^8.
    a = np.array([True] * 1 + [False] * 7 + [True] * 20 + [False] * 3)
    b = np.array([False] * 1 + [True] * 7 + [True] * 20 + [False] * 3)
    assert mcnemar(a, b) == pytest.approx(18 / 256)
    assert mcnemar(b, a) == pytest.approx(18 / 256)
    assert mcnemar(a, a) == 1.0
    assert mcnemar([], []) == 1.0
    with pytest.raises(ValueError, match="shapes"):
        mcnemar(a, b[:-1])


def test_the_room_is_entered_quickly_and_without_torch() -> None:
    code = (
        "import sys, tldesk.evaluation, tldesk.recipe\n"
        "print([name for name in ('torch', 'sklearn', 'scipy', 'PySide6') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
