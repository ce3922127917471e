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
    """The predictions with a confidence (top probability) in (low, high]; the first bin includes 0.

    Attributes:
        low, high: bounds of the bin.
        n: number of predictions in the bin.
        confidence: their mean confidence; NaN if there are none.
        accuracy: their accuracy with its Wilson interval.
    """

    low: float
    high: float
    n: int
    confidence: float
    accuracy: Interval

    def as_dict(self) -> dict[str, object]:
        """Return a dictionary for JSON; NaN becomes None."""
        return {
            "low": self.low,
            "high": self.high,
            "n": self.n,
            "confidence": None if math.isnan(self.confidence) else self.confidence,
            "accuracy": self.accuracy.as_dict(),
        }


def softmax(logits: ArrayLike, temperature: float = 1.0) -> NDArray[np.float64]:
    """Return probabilities (n, c) for logits (n, c); a temperature above 1 lowers the confidence.

    Raises:
        ValueError: the temperature is not positive, or the logits are not a finite matrix.
    """
    if not temperature > 0:
        raise ValueError(f"a temperature is positive, not {temperature}")
    return np.asarray(np.exp(_log_softmax(finite_matrix(logits) / temperature)), dtype=np.float64)


def fit_temperature(logits: ArrayLike, labels: ArrayLike) -> float:
    """Return the temperature, in 0.05..20, with the lowest penalised negative log-likelihood.

    The penalty log(T)^2 / 2 weighs about as much as one image. Without it, a few images that are all
    predicted correctly would lead to extreme confidence; with hundreds of images it has hardly any effect.

    Args:
        logits: (n, c) of validation images, which were not used for training.
        labels: (n,) in 0..c-1.

    Returns:
        The temperature; 1.0 without images.

    Raises:
        ValueError: the arrays do not match, or contain values that are not finite.
    """
    # Imported here because scipy takes most of a second, which would delay the start of the window.
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
    """Return the accuracy of the predictions by confidence, in bins of equal width over 0..1.

    Args:
        probabilities: (n, c), each row adding up to 1.
        labels: (n,) in 0..c-1.
        bins: number of bins, at least 1.

    Raises:
        ValueError: the arrays do not match, or ``bins`` is below 1.
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
    """Return the expected calibration error (ECE; Guo et al. 2017), in 0..1; NaN without images.

    It is the mean absolute difference between confidence and accuracy of the bins, weighted by their images.
    """
    total = sum(part.n for part in parts)
    if total == 0:
        return math.nan
    return sum(part.n * abs(part.accuracy.value - part.confidence) for part in parts if part.n) / total


def _log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = logits - logits.max(axis=1, keepdims=True)  # largest becomes 0: exp cannot overflow
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), dtype=np.float64)


def _bin(
    low: float, high: float, confidence: NDArray[np.float64], right: NDArray[np.bool_]
) -> ReliabilityBin:
    mean = float(confidence.mean()) if len(confidence) else math.nan
    return ReliabilityBin(low, high, len(right), mean, wilson(int(right.sum()), len(right)))
