"""LogME: an estimate, without training, of how well a backbone's features suit the classes of a data set.

Source: K. You, Y. Liu, J. Wang, M. Long, "LogME: Practical assessment of pre-trained models for transfer
learning", ICML 2021. Each class is a column of zeros and ones that is regressed on the features, with
Gaussian noise and a Gaussian prior on the weights. The score is the log evidence (marginal likelihood),
maximised over the precisions of noise and prior, per image and averaged over the classes. Larger is better.
The score is only meaningful for comparing backbones on the same images.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_MOST_ROUNDS = 200
_TOLERANCE = 1e-6
# For a class that is fitted exactly, the noise would become 0 and the evidence infinite.
_LEAST = 1e-12


def logme(features: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Return the LogME score of features for these labels.

    Args:
        features: (n, width), the backbone's outputs.
        labels: (n,) class indices; classes without images are ignored.

    Raises:
        ValueError: there are fewer than two images, the lengths differ, or a feature is not finite.
    """
    rows = np.asarray(features, dtype=np.float64)
    if rows.ndim != 2 or len(rows) < 2 or len(labels) != len(rows):
        raise ValueError(f"features of shape {rows.shape} do not go with {len(labels)} labels")
    if not np.isfinite(rows).all():
        raise ValueError("some features are not numbers")
    left, lengths, _ = np.linalg.svd(rows, full_matrices=False)
    found = [
        _evidence(left.T @ wanted, lengths, float(wanted.sum()), rows.shape)
        for wanted in (np.asarray(labels == one, dtype=np.float64) for one in np.unique(labels))
    ]
    return float(np.mean(found)) / len(rows)


def _evidence(
    along: NDArray[np.float64], lengths: NDArray[np.float64], energy: float, shape: tuple[int, int]
) -> float:
    """Return the maximal log evidence of one column, by MacKay's fixed-point iteration for the precisions.

    Args:
        along: (r,) projection of the column onto the features' left singular vectors.
        lengths: (r,) singular values of the features.
        energy: sum of squares of the column.
        shape: (n, width) of the features.
    """
    squares = lengths**2
    beyond = max(energy - float(along @ along), 0.0)  # the part outside the span of the features
    prior, precision, before = 1.0, 1.0, -math.inf
    value = before
    for _ in range(_MOST_ROUNDS):
        weights = precision * lengths * along / (prior + precision * squares)
        size = float(weights @ weights)
        missed = float(((along - lengths * weights) ** 2).sum()) + beyond
        value = _log_evidence(prior, precision, squares, precision * missed + prior * size, shape)
        if abs(value - before) <= _TOLERANCE * max(1.0, abs(value)):
            break
        before = value
        used = float((precision * squares / (prior + precision * squares)).sum())
        prior = used / max(size, _LEAST)
        precision = max(shape[0] - used, _LEAST) / max(missed, _LEAST)
    return value


def _log_evidence(
    prior: float, precision: float, squares: NDArray[np.float64], misfit: float, shape: tuple[int, int]
) -> float:
    """Return the log evidence; ``misfit`` is precision * squared error + prior * squared weights."""
    n, width = shape
    curvature = float(np.log(prior + precision * squares).sum()) + (width - len(squares)) * math.log(prior)
    gain = n * math.log(precision) + width * math.log(prior) - n * math.log(2 * math.pi)
    return 0.5 * (gain - misfit - curvature)
