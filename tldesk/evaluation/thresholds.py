"""The probability below which an answer counts as unsure."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tldesk.evaluation.array_checks import scores_and_labels


def unsure_threshold(probabilities: ArrayLike, labels: ArrayLike, target: float = 0.95) -> float:
    """The lowest threshold below which an answer counts as unsure, so that ``target`` of the others are
    right.

    Args:
        probabilities: (n, c), calibrated, of validation images.
        labels: (n,) in 0..c-1.
        target: share of right answers wanted, in 0..1.

    Returns:
        in 0..1: 0.0 where all answers together reach the target (and where there is no image), 1.0 where no
        threshold does.

    Raises:
        ValueError: the arrays do not fit together, or the target is not in 0..1.
    """
    if not 0 <= target <= 1:
        raise ValueError(f"the target is a share in 0..1, not {target}")
    matrix, given = scores_and_labels(probabilities, labels)
    if not len(given):
        return 0.0
    confidence = matrix.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    sorted_confidence = confidence[order]
    right = (matrix.argmax(axis=1) == given)[order]
    kept = np.arange(1, len(given) + 1)
    # A threshold keeps all answers of equal probability or none: only the last of equals may be a cut.
    last_of_equals = np.append(sorted_confidence[1:] < sorted_confidence[:-1], True)
    reached = (np.cumsum(right) >= target * kept - 1e-9) & last_of_equals
    if not reached.any():
        return 1.0
    most = int(np.flatnonzero(reached)[-1])
    return 0.0 if most == len(given) - 1 else float(sorted_confidence[most])
