"""The metrics of a classifier on one split, as one frozen record."""

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
    """The effect of treating the predictions with the lowest confidence as unsure.

    Attributes:
        below: predictions with a lower confidence count as unsure.
        n: number of unsure predictions.
        share: their fraction of all predictions, in 0..1.
        accuracy_when_sure: accuracy of the others with its Wilson interval; NaN if all are unsure.
    """

    below: float
    n: int
    share: float
    accuracy_when_sure: Interval

    def as_dict(self) -> dict[str, object]:
        """Return a dictionary for JSON."""
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
        classes: class names, in the project's order.
        n: number of images.
        accuracy, balanced_accuracy, macro_f1: in 0..1, each with its interval. The last two are means over
            the classes that have images in this split.
        ece: expected calibration error, in 0..1.
        confusion: (c, c) counts; row = true class, column = predicted class.
        per_class: metrics per class, in the order of ``classes``.
        reliability: 15 bins of equal width.
        temperature: the divisor of the logits.
        unsure: None if no threshold was given.
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
        """Return a dictionary for JSON; NaN becomes None."""
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
        temperature: from ``fit_temperature`` on the validation images; > 0.
        unsure_below: from ``unsure_threshold``; None: no prediction counts as unsure.
        seed: seed of the bootstrap.

    Raises:
        ValueError: there are no images, the arrays do not match, or a value is not finite.
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
