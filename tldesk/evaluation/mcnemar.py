"""McNemar's test: whether two classifiers differ in accuracy on the same images by more than chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def mcnemar(a_right: ArrayLike, b_right: ArrayLike) -> float:
    """Return the p value of McNemar's exact test for the null hypothesis of equal accuracy.

    Only images that exactly one classifier predicts correctly count. Under the null hypothesis each of them
    is equally likely to favour either one (Q. McNemar, Psychometrika 12, 1947; the exact binomial form).

    Args:
        a_right: (n,) bool, whether the first classifier is correct on each image.
        b_right: (n,) bool, the same for the second classifier, images in the same order.

    Returns:
        The two-sided p value in (0, 1]; 1.0 if the two never differ.

    Raises:
        ValueError: the arrays are not one-dimensional or differ in length.
    """
    # Imported here because scipy takes a second, which would delay the start of the window.
    from scipy.stats import binomtest

    a, b = np.asarray(a_right, dtype=bool), np.asarray(b_right, dtype=bool)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"both need one answer for each image, not shapes {a.shape} and {b.shape}")
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    if only_a + only_b == 0:
        return 1.0
    return float(binomtest(only_a, only_a + only_b, 0.5).pvalue)
