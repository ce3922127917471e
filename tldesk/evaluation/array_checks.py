"""Validates the array arguments of the functions in this package."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def scores_and_labels(scores: ArrayLike, labels: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return logits or probabilities (n, c) as float64, and labels (n,) in 0..c-1 as int64.

    Raises:
        ValueError: the shapes do not match, c is 0, a score is not finite, or a label is not an integer or
            out of range.
    """
    matrix = finite_matrix(scores)
    given = np.asarray(labels)
    if given.shape != (len(matrix),):
        raise ValueError(f"{len(matrix)} rows of scores need as many labels, not shape {given.shape}")
    if len(given) and not np.issubdtype(given.dtype, np.integer):
        raise ValueError(f"labels are whole numbers, not {given.dtype}")
    if len(given) and (given.min() < 0 or given.max() >= matrix.shape[1]):
        raise ValueError(f"labels must lie in 0..{matrix.shape[1] - 1}")
    return matrix, given.astype(np.int64)


def finite_matrix(scores: ArrayLike) -> NDArray[np.float64]:
    """Return scores (n, c), c >= 1, as float64.

    Raises:
        ValueError: they have another shape, or a value is not finite.
    """
    matrix = np.asarray(scores, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[1] == 0:
        raise ValueError(f"scores have a row an image and a column a class, not shape {matrix.shape}")
    if not np.isfinite(matrix).all():
        raise ValueError("a score is not a finite number")
    return matrix
