"""Metrics of each class, from true and predicted labels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tldesk.evaluation.intervals import Interval, wilson


@dataclass(frozen=True, slots=True)
class ClassMetrics:
    """Precision, recall and F1 of one class.

    Attributes:
        name: the class.
        n: images of it.
        precision: share of the answers "this class" that is right, NaN where there are none; Wilson.
        recall: share of its images that was found (sensitivity), NaN where there are none; Wilson.
        f1: harmonic mean of the two values, in 0..1; NaN where the class has no image and was no answer.
    """

    name: str
    n: int
    precision: Interval
    recall: Interval
    f1: float

    def as_dict(self) -> dict[str, object]:
        """For JSON; None stands for what could not be measured."""
        return {
            "class": self.name,
            "n": self.n,
            "precision": self.precision.as_dict(),
            "recall": self.recall.as_dict(),
            "f1": None if math.isnan(self.f1) else self.f1,
        }


def confusion_matrix(
    labels: NDArray[np.int64], predicted: NDArray[np.int64], n_classes: int
) -> NDArray[np.int64]:
    """(c, c) counts: row = true class, column = predicted class."""
    cells = np.asarray(labels, dtype=np.int64) * n_classes + predicted
    return np.bincount(cells, minlength=n_classes * n_classes).reshape(n_classes, n_classes)


def class_metrics(
    labels: NDArray[np.int64], predicted: NDArray[np.int64], classes: tuple[str, ...]
) -> tuple[ClassMetrics, ...]:
    """Precision, recall and F1 of each class, in the classes' order."""
    confusion = confusion_matrix(labels, predicted, len(classes))
    return tuple(_of_class(confusion, i, name) for i, name in enumerate(classes))


def _of_class(confusion: NDArray[np.int64], i: int, name: str) -> ClassMetrics:
    right, answered, there = int(confusion[i, i]), int(confusion[:, i].sum()), int(confusion[i].sum())
    return ClassMetrics(
        name=name,
        n=there,
        precision=wilson(right, answered),
        recall=wilson(right, there),
        f1=2 * right / (answered + there) if answered + there else math.nan,
    )
