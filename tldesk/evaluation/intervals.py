"""95 % confidence intervals for proportions and for averages over classes.

Sources: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927);
B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13 (percentile interval);
G. Y. Zou and A. Donner, "Construction of confidence limits about effect measures", Statistics in Medicine 27
(2008), for combining intervals.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

WILSON = "Wilson score, 95 %"
BOOTSTRAP = "stratified bootstrap, percentile, 1,000 resamples, 95 %"
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % confidence interval.

    Attributes:
        value: the estimate; NaN if there was nothing to measure.
        low: lower bound.
        high: upper bound. Always low <= value <= high, unless the value is NaN.
    """

    value: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float | None]:
        """Return a dictionary for JSON; NaN, which JSON does not have, becomes None."""
        return {"value": None if math.isnan(self.value) else self.value, "low": self.low, "high": self.high}


def wilson(hits: int, n: int, confidence: float = 0.95) -> Interval:
    """Return a proportion with its Wilson score interval, which is valid for small ``n`` and near 0 and 1.

    Args:
        hits: number of cases that count, 0 to ``n``.
        n: number of all cases; if 0, the value is NaN and the bounds are 0 and 1.
        confidence: in (0, 1).

    Raises:
        ValueError: ``hits`` is not in 0..n.
    """
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n} is not a proportion")
    if n == 0:
        return Interval(math.nan, 0.0, 1.0)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, denominator = hits / n, 1 + z * z / n
    centre = (share + z * z / (2 * n)) / denominator
    half = z / denominator * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # For 0 of n and n of n the bound equals the value; rounding errors must not put it on the wrong side.
    return Interval(share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))


def balanced_accuracy_of(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the mean recall of the classes that have images.

    Args:
        confusion: (..., c, c) counts; rows true class, columns predicted class. The leading dimensions are
            resamples of one matrix.

    Returns:
        (...) in 0..1.
    """
    with_images = confusion.sum(axis=-1) > 0
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    recall = hits / np.maximum(confusion.sum(axis=-1), 1)
    return np.asarray(recall.sum(axis=-1) / with_images.sum(axis=-1), dtype=np.float64)


def macro_f1_of(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the mean F1 of the classes that have images; arguments and shape as ``balanced_accuracy_of``."""
    true = confusion.sum(axis=-1)
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    # F1 = 2 TP / (2 TP + FP + FN) and the denominator is true + predicted.
    f1 = 2 * hits / np.maximum(true + confusion.sum(axis=-2), 1)
    with_images = true > 0
    return np.asarray((f1 * with_images).sum(axis=-1) / with_images.sum(axis=-1), dtype=np.float64)


def class_averages(confusion: NDArray[np.int64], *, seed: int = 0) -> tuple[Interval, Interval]:
    """Return balanced accuracy and macro F1, each with a percentile interval from a stratified bootstrap.

    Drawing n images of a class with replacement and counting their predictions is one multinomial draw from
    the class's row of the confusion matrix, so the images themselves are not needed. If all resamples are
    equal (usually because every prediction is correct), the bootstrap gives no interval; then the Wilson
    intervals of the recalls are combined (Zou and Donner).

    Args:
        confusion: (c, c) counts; rows true class, columns predicted class.
        seed: the same seed gives the same bounds.

    Raises:
        ValueError: there are no images.
    """
    if confusion.sum() == 0:
        raise ValueError("an interval needs at least one image")
    accuracy, f1 = float(balanced_accuracy_of(confusion)), float(macro_f1_of(confusion))
    resampled = _resampled(confusion, seed)
    return (
        _percentile(accuracy, balanced_accuracy_of(resampled)) or _combined(confusion, accuracy),
        _percentile(f1, macro_f1_of(resampled)) or _combined(confusion, f1),
    )


def _resampled(confusion: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    generator = np.random.default_rng(seed)
    draws = np.zeros((RESAMPLES, *confusion.shape), dtype=np.int64)
    for position, row in enumerate(confusion):
        n = int(row.sum())
        if n:
            draws[:, position] = generator.multinomial(n, row / n, size=RESAMPLES)
    return draws


def _percentile(value: float, resampled: NDArray[np.float64]) -> Interval | None:
    low, high = np.quantile(resampled, (0.025, 0.975))
    if high - low < 1e-12:
        return None
    # Resampled F1 is biased downwards: its upper bound may fall below the value.
    return Interval(value, min(value, float(low)), max(value, float(high)))


def _combined(confusion: NDArray[np.int64], value: float) -> Interval:
    recalls = [wilson(int(row[i]), int(row.sum())) for i, row in enumerate(confusion) if row.sum()]
    below = math.hypot(*(one.value - one.low for one in recalls)) / len(recalls)
    above = math.hypot(*(one.high - one.value for one in recalls)) / len(recalls)
    return Interval(value, max(0.0, value - below), min(1.0, value + above))
