"""McNemar's test: whether one classifier is better than another on the same images, or only luckier."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def mcnemar(a_right: ArrayLike, b_right: ArrayLike) -> float:
    """McNemar's exact test: the probability of such a difference, or a larger one, if both were equally good.

    Only images on which one is right and the other wrong count; under equality each of them is a fair coin
    (Q. McNemar, Psychometrika 12, 1947; the exact binomial form).

    Args:
        a_right: (n,) bool, whether the first classifier is right on each image.
        b_right: (n,) bool, the same images in the same order for the second.

    Returns:
        two-sided p in (0, 1]; 1.0 where they never differ.

    Raises:
        ValueError: the arrays do not have the same length.
    """
    # scipy takes a second to import, and the window shows before anything is compared.
    from scipy.stats import binomtest

    a, b = np.asarray(a_right, dtype=bool), np.asarray(b_right, dtype=bool)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"both need one answer for each image, not shapes {a.shape} and {b.shape}")
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    if only_a + only_b == 0:
        return 1.0
    return float(binomtest(only_a, only_a + only_b, 0.5).pvalue)
