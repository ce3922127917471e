"""Metrics per class, from true and predicted labels."""

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
        name: the class name.
        n: number of images of the class.
        precision: fraction of the predictions of this class that are correct; NaN if it was never predicted.
        recall: fraction of the class's images predicted correctly (sensitivity); NaN if it has no images.
        f1: harmonic mean of both, in 0..1; NaN if the class has no images and was never predicted.

    Precision and recall have Wilson intervals.
    """

    name: str
    n: int
    precision: Interval
    recall: Interval
    f1: float

    def as_dict(self) -> dict[str, object]:
        """Return a dictionary for JSON; NaN becomes None."""
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
    """Return (c, c) counts: row = true class, column = predicted class."""
    cells = np.asarray(labels, dtype=np.int64) * n_classes + predicted
    return np.bincount(cells, minlength=n_classes * n_classes).reshape(n_classes, n_classes)


def class_metrics(
    labels: NDArray[np.int64], predicted: NDArray[np.int64], classes: tuple[str, ...]
) -> tuple[ClassMetrics, ...]:
    """Return precision, recall and F1 per class, in the order of ``classes``."""
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
