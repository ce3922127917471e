"""The result of a cross-validation: the metrics per fold, their spread, and the metrics of all images pooled.

There is no unbiased estimate of the variance of a k-fold mean, since the folds' training images overlap (Y.
Bengio and Y. Grandvalet, "No unbiased estimator of the variance of k-fold cross-validation", JMLR 5 (2004)).
The standard deviation therefore only describes how much the folds differ. The interval is that of all images
pooled, each predicted once by a model that was not trained on it.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tldesk.evaluation.evaluation import Evaluation
from tldesk.evaluation.intervals import Interval, class_averages, wilson


@dataclass(frozen=True, slots=True)
class FoldSpread:
    """One metric over the folds.

    Attributes:
        folds: its value in each fold, in 0..1.
        mean: mean of the folds' values.
        deviation: sample standard deviation (n - 1) of the folds' values; 0 for a single fold.
        together: its value for all images pooled, with a 95 % interval.
    """

    folds: tuple[float, ...]
    mean: float
    deviation: float
    together: Interval

    def as_dict(self) -> dict[str, object]:
        """Return a dictionary for JSON."""
        return {
            "folds": list(self.folds),
            "mean": self.mean,
            "standard_deviation": self.deviation,
            "together": self.together.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class CrossValidationMetrics:
    """The metrics of all finished folds; ``n`` is the number of images predicted."""

    n: int
    accuracy: FoldSpread
    balanced_accuracy: FoldSpread
    macro_f1: FoldSpread

    def as_dict(self) -> dict[str, object]:
        """Return a dictionary for JSON."""
        return {
            "n": self.n,
            "accuracy": self.accuracy.as_dict(),
            "balanced_accuracy": self.balanced_accuracy.as_dict(),
            "macro_f1": self.macro_f1.as_dict(),
        }


def across_folds(found: Sequence[Evaluation]) -> CrossValidationMetrics:
    """Combine the folds' evaluations on their validation images.

    Raises:
        ValueError: ``found`` is empty.
    """
    if not found:
        raise ValueError("there is no fold to take together")
    confusion: NDArray[np.int64] = np.array([one.confusion for one in found], dtype=np.int64).sum(axis=0)
    n, right = int(confusion.sum()), int(np.trace(confusion))
    balanced, f1 = class_averages(confusion)
    return CrossValidationMetrics(
        n,
        _spread([one.accuracy.value for one in found], wilson(right, n)),
        _spread([one.balanced_accuracy.value for one in found], balanced),
        _spread([one.macro_f1.value for one in found], f1),
    )


def _spread(values: Sequence[float], together: Interval) -> FoldSpread:
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return FoldSpread(tuple(values), statistics.fmean(values), deviation, together)
