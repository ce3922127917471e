"""Numbers of each class, from true and predicted labels; scikit-learn does the counting."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tldesk.evaluation.intervals import Interval, wilson


@dataclass(frozen=True, slots=True)
class ClassMetrics:
    """One class.

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
    if n_classes == 1:
        return np.full((1, 1), len(labels), dtype=np.int64)  # scikit-learn warns of a matrix of one cell
    # scikit-learn takes most of a second to import, and the window shows before anything is evaluated.
    from sklearn.metrics import confusion_matrix as count

    return np.asarray(count(labels, predicted, labels=np.arange(n_classes)), dtype=np.int64)


def class_metrics(
    labels: NDArray[np.int64], predicted: NDArray[np.int64], classes: tuple[str, ...]
) -> tuple[ClassMetrics, ...]:
    """Precision, recall and F1 of each class, in the classes' order."""
    from sklearn.metrics import f1_score

    confusion = confusion_matrix(labels, predicted, len(classes))
    f1 = f1_score(labels, predicted, labels=np.arange(len(classes)), average=None, zero_division=np.nan)
    return tuple(
        ClassMetrics(
            name=name,
            n=int(confusion[i].sum()),
            precision=wilson(int(confusion[i, i]), int(confusion[:, i].sum())),
            recall=wilson(int(confusion[i, i]), int(confusion[i].sum())),
            f1=float(f1[i]),
        )
        for i, name in enumerate(classes)
    )
