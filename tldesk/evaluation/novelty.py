"""How different a picture is from the training images.

Source: Y. Sun, Y. Ming, X. Zhu and Y. Li, "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML
2022 (distance to the k-th nearest training image among normalised features).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

NEIGHBOURS = 5
_BLOCK_BYTES = 64 * 1024 * 1024


def knn_distance(train: ArrayLike, queries: ArrayLike, k: int = NEIGHBOURS) -> NDArray[np.float32]:
    """Cosine distance from each query to its k-th nearest training image.

    Both are brought to length 1 here; a vector of zeros is at distance 1 from everything. Computed in blocks
    of about 64 MiB, so memory does not grow with the number of queries.

    Args:
        train: (n, d) features of the training images, n >= 1.
        queries: (m, d).
        k: which neighbour counts, from 1; where there are fewer training images, the farthest.

    Returns:
        (m,) in 0..2.

    Raises:
        ValueError: shapes do not fit, there is no training image, a number is not finite, or k is below 1.
    """
    known, asked = _normalised(train), _normalised(queries)
    if not len(known) or known.shape[1] != asked.shape[1] or k < 1:
        raise ValueError(f"no {k}-th neighbour of {asked.shape} among {known.shape}")
    block = max(1, _BLOCK_BYTES // (4 * len(known)))
    distances = np.empty(len(asked), dtype=np.float32)
    for start in range(0, len(asked), block):
        distances[start : start + block] = kth_distance(asked[start : start + block] @ known.T, k)
    return distances


def kth_distance(similarity: NDArray[np.float32], k: int = NEIGHBOURS) -> NDArray[np.float32]:
    """``knn_distance`` from given cosines of each query with each training image.

    Args:
        similarity: (m, n) in -1..1, n >= 1.
        k: as there.

    Returns:
        (m,) in 0..2.
    """
    place = min(k, similarity.shape[1]) - 1
    return np.clip(np.partition(1.0 - similarity, place, axis=1)[:, place], 0.0, 2.0)


def novelty_scores(distances: ArrayLike, sorted_reference: ArrayLike) -> NDArray[np.float64]:
    """For each picture, the share of validation images that are nearer to the training images than it is.

    0.5 is an ordinary picture; above 0.99 it is farther away than nearly everything seen.

    Args:
        distances: (m,) of the pictures, by ``knn_distance``.
        sorted_reference: (n,) distances of the validation images, ascending, n >= 1.

    Returns:
        (m,) in 0..1.

    Raises:
        ValueError: the reference is empty or not one-dimensional.
    """
    reference = np.asarray(sorted_reference, dtype=np.float64)
    if reference.ndim != 1 or not len(reference):
        raise ValueError("novelty needs the distances of some validation images")
    return np.searchsorted(reference, np.asarray(distances, dtype=np.float64), side="left") / len(reference)


def _normalised(vectors: ArrayLike) -> NDArray[np.float32]:
    matrix = np.asarray(vectors, dtype=np.float32)
    if matrix.ndim != 2 or not np.isfinite(matrix).all():
        raise ValueError(f"features are a finite matrix with a row an image, not shape {matrix.shape}")
    length = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.where(length > 0, length, 1.0), dtype=np.float32)
