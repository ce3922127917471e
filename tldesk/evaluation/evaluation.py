"""How good a classifier is on one split, as one frozen record."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tldesk.evaluation.array_checks import scores_and_labels
from tldesk.evaluation.calibration import ReliabilityBin, calibration_error_of, reliability, softmax
from tldesk.evaluation.intervals import BOOTSTRAP, WILSON, Interval, class_averages, wilson
from tldesk.evaluation.metrics import ClassMetrics, class_metrics, confusion_matrix

INTERVAL_METHODS = {
    "accuracy": WILSON,
    "precision": WILSON,
    "recall": WILSON,
    "reliability": WILSON,
    "balanced_accuracy": BOOTSTRAP,
    "macro_f1": BOOTSTRAP,
}


@dataclass(frozen=True, slots=True)
class UnsureAnswers:
    """What it costs and gains to leave the least certain answers open.

    Attributes:
        below: answers with a lower probability count as unsure.
        n: unsure answers.
        share: their share of all, in 0..1.
        accuracy_when_sure: of the others, with its Wilson interval; NaN where all are unsure.
    """

    below: float
    n: int
    share: float
    accuracy_when_sure: Interval

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "below": self.below,
            "n": self.n,
            "share": self.share,
            "accuracy_when_sure": self.accuracy_when_sure.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The metrics of one split; intervals are 95 %, by the methods in ``INTERVAL_METHODS``.

    Attributes:
        classes: names, in their fixed order.
        n: images.
        accuracy, balanced_accuracy, macro_f1: in 0..1, each with its interval. The last two are means over
            the classes that have images here.
        ece: expected calibration error, in 0..1.
        confusion: counts; row = true class, column = predicted class.
        per_class: in the classes' order.
        reliability: 15 bins of equal width.
        temperature: what the logits were divided by.
        unsure: None where no threshold was given.
    """

    classes: tuple[str, ...]
    n: int
    accuracy: Interval
    balanced_accuracy: Interval
    macro_f1: Interval
    ece: float
    confusion: tuple[tuple[int, ...], ...]
    per_class: tuple[ClassMetrics, ...]
    reliability: tuple[ReliabilityBin, ...]
    temperature: float
    unsure: UnsureAnswers | None

    def as_dict(self) -> dict[str, object]:
        """For JSON: no NaN in it, None stands for what could not be measured."""
        return {
            "n": self.n,
            "accuracy": self.accuracy.as_dict(),
            "balanced_accuracy": self.balanced_accuracy.as_dict(),
            "macro_f1": self.macro_f1.as_dict(),
            "ece": self.ece,
            "classes": list(self.classes),
            "confusion": [list(row) for row in self.confusion],
            "per_class": [one.as_dict() for one in self.per_class],
            "reliability": [one.as_dict() for one in self.reliability],
            "temperature": self.temperature,
            "unsure": None if self.unsure is None else self.unsure.as_dict(),
            "intervals": dict(INTERVAL_METHODS),
        }


def evaluate(
    logits: ArrayLike,
    labels: ArrayLike,
    classes: Sequence[str],
    *,
    temperature: float = 1.0,
    unsure_below: float | None = None,
    seed: int = 0,
) -> Evaluation:
    """Compute all metrics of a split.

    Args:
        logits: (n, c), n >= 1.
        labels: (n,) in 0..c-1.
        classes: c names, in the order of the columns.
        temperature: from ``fit_temperature`` on validation images; > 0.
        unsure_below: from ``unsure_threshold``; None: answers are never unsure.
        seed: of the bootstrap.

    Raises:
        ValueError: there is no image, the arrays do not fit together, or a number is not finite.
    """
    matrix, given = scores_and_labels(logits, labels)
    if not len(given):
        raise ValueError("there is no image to evaluate on")
    if matrix.shape[1] != len(classes):
        raise ValueError(f"{matrix.shape[1]} columns of logits for {len(classes)} classes")
    probabilities = softmax(matrix, temperature)
    predicted = matrix.argmax(axis=1).astype(np.int64)
    confusion = confusion_matrix(given, predicted, len(classes))
    balanced_accuracy, macro_f1 = class_averages(confusion, seed=seed)
    bins = reliability(probabilities, given)
    return Evaluation(
        classes=tuple(classes),
        n=len(given),
        accuracy=wilson(int(np.trace(confusion)), len(given)),
        balanced_accuracy=balanced_accuracy,
        macro_f1=macro_f1,
        ece=calibration_error_of(bins),
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        per_class=class_metrics(given, predicted, tuple(classes)),
        reliability=bins,
        temperature=temperature,
        unsure=None if unsure_below is None else _unsure(probabilities, predicted == given, unsure_below),
    )


def _unsure(probabilities: NDArray[np.float64], right: NDArray[np.bool_], below: float) -> UnsureAnswers:
    if math.isnan(below):
        raise ValueError("the threshold is not a number")
    sure = probabilities.max(axis=1) >= below
    unsure = int((~sure).sum())
    return UnsureAnswers(below, unsure, unsure / len(sure), wilson(int(right[sure].sum()), int(sure.sum())))
