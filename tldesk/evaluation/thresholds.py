"""The confidence threshold below which a prediction counts as unsure."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tldesk.evaluation.array_checks import scores_and_labels


def unsure_threshold(probabilities: ArrayLike, labels: ArrayLike, target: float = 0.95) -> float:
    """Return the lowest threshold at which the predictions at or above it reach the accuracy ``target``.

    Args:
        probabilities: (n, c), calibrated, of validation images.
        labels: (n,) in 0..c-1.
        target: required accuracy, in 0..1.

    Returns:
        The threshold in 0..1; 0.0 if all predictions together reach the target or there are no images, 1.0 if
        no threshold reaches it.

    Raises:
        ValueError: the arrays do not match, or the target is not in 0..1.
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
    # A threshold keeps all predictions of equal confidence or none, so only the last of them can be the cut.
    last_of_equals = np.append(sorted_confidence[1:] < sorted_confidence[:-1], True)
    reached = (np.cumsum(right) >= target * kept - 1e-9) & last_of_equals
    if not reached.any():
        return 1.0
    most = int(np.flatnonzero(reached)[-1])
    return 0.0 if most == len(given) - 1 else float(sorted_confidence[most])
