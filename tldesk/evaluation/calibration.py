"""Calibration: temperature scaling, reliability bins and the expected calibration error.

Source: C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On Calibration of Modern Neural Networks", ICML 2017
(temperature scaling, expected calibration error).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tldesk.evaluation.array_checks import finite_matrix, scores_and_labels
from tldesk.evaluation.intervals import Interval, wilson

LEAST_TEMPERATURE, GREATEST_TEMPERATURE = 0.05, 20.0
BINS = 15


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The answers whose probability lies in (low, high]; the first bin holds 0 as well.

    Attributes:
        low, high: bounds of the bin.
        n: answers in it.
        confidence: their mean probability; NaN where there are none.
        accuracy: the share of them that is right, with its Wilson interval.
    """

    low: float
    high: float
    n: int
    confidence: float
    accuracy: Interval

    def as_dict(self) -> dict[str, object]:
        """For JSON; None stands for what could not be measured."""
        return {
            "low": self.low,
            "high": self.high,
            "n": self.n,
            "confidence": None if math.isnan(self.confidence) else self.confidence,
            "accuracy": self.accuracy.as_dict(),
        }


def softmax(logits: ArrayLike, temperature: float = 1.0) -> NDArray[np.float64]:
    """Probabilities (n, c) from logits (n, c); a temperature above 1 makes them less sure.

    Raises:
        ValueError: the temperature is not positive, or the logits are not a finite matrix.
    """
    if not temperature > 0:
        raise ValueError(f"a temperature is positive, not {temperature}")
    return np.asarray(np.exp(_log_softmax(finite_matrix(logits) / temperature)), dtype=np.float64)


def fit_temperature(logits: ArrayLike, labels: ArrayLike) -> float:
    """The temperature, in 0.05..20, with the lowest negative log-likelihood on these images.

    Minimises the mean negative log-likelihood over log(temperature). Added to it is what one image would
    weigh, a penalty of log(T)^2 / 2, so that a handful of images that are all right does not make the program
    certain of everything; on hundreds of images it is not felt.

    Args:
        logits: (n, c) of validation images, which training has not seen.
        labels: (n,) in 0..c-1.

    Returns:
        1.0 where there is no image.

    Raises:
        ValueError: the arrays do not fit together or hold numbers that are not finite.
    """
    # scipy takes most of a second to import, and the window shows before anything is fitted.
    from scipy.optimize import minimize_scalar

    matrix, given = scores_and_labels(logits, labels)
    if not len(given):
        return 1.0

    def loss(log_temperature: float) -> float:
        log_probabilities = _log_softmax(matrix / math.exp(log_temperature))
        likelihood = log_probabilities[np.arange(len(given)), given].sum()
        return float(-likelihood + log_temperature**2 / 2) / len(given)

    bounds = (math.log(LEAST_TEMPERATURE), math.log(GREATEST_TEMPERATURE))
    found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-6})
    return float(np.clip(math.exp(found.x), LEAST_TEMPERATURE, GREATEST_TEMPERATURE))


def reliability(probabilities: ArrayLike, labels: ArrayLike, bins: int = BINS) -> tuple[ReliabilityBin, ...]:
    """How often answers of each probability are right, in bins of equal width over 0..1.

    Args:
        probabilities: (n, c), each row adding up to 1.
        labels: (n,) in 0..c-1.
        bins: number of bins, at least 1.

    Raises:
        ValueError: the arrays do not fit together, or there are no bins.
    """
    if bins < 1:
        raise ValueError("there must be at least one bin")
    matrix, given = scores_and_labels(probabilities, labels)
    confidence, right = matrix.max(axis=1), matrix.argmax(axis=1) == given
    edges = np.linspace(0.0, 1.0, bins + 1)
    place = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    return tuple(
        _bin(float(edges[i]), float(edges[i + 1]), confidence[place == i], right[place == i])
        for i in range(bins)
    )


def calibration_error_of(parts: tuple[ReliabilityBin, ...]) -> float:
    """The expected calibration error (ECE; Guo et al. 2017) of reliability bins, in 0..1; NaN without images.

    The mean distance between the confidence of a bin and its accuracy, weighted by the bin's images.
    """
    total = sum(part.n for part in parts)
    if total == 0:
        return math.nan
    return sum(part.n * abs(part.accuracy.value - part.confidence) for part in parts if part.n) / total


def _log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = logits - logits.max(axis=1, keepdims=True)  # the largest becomes 0, so that nothing overflows
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), dtype=np.float64)


def _bin(
    low: float, high: float, confidence: NDArray[np.float64], right: NDArray[np.bool_]
) -> ReliabilityBin:
    mean = float(confidence.mean()) if len(confidence) else math.nan
    return ReliabilityBin(low, high, len(right), mean, wilson(int(right.sum()), len(right)))
