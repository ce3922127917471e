"""Novelty: how different a picture is from the training images.

Source: Y. Sun, Y. Ming, X. Zhu and Y. Li, "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML
2022 (distance to the k-th nearest training image among normalised features).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

NEIGHBOURS = 5
_BLOCK_BYTES = 64 * 1024 * 1024


def knn_distance(train: ArrayLike, queries: ArrayLike, k: int = NEIGHBOURS) -> NDArray[np.float32]:
    """Return the cosine distance from each query to its k-th nearest training image.

    Vectors are normalised to length 1; a zero vector has distance 1 from every other. Distances are computed
    in blocks of about 64 MiB, so that memory use does not grow with the number of queries.

    Args:
        train: (n, d) features of the training images, n >= 1.
        queries: (m, d) features of the pictures.
        k: which neighbour to use, from 1; if there are fewer training images, the farthest.

    Returns:
        (m,) distances in 0..2.

    Raises:
        ValueError: the shapes do not match, there are no training images, a value is not finite, or k < 1.
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
    """Return the same as ``knn_distance``, computed from given cosine similarities.

    Args:
        similarity: (m, n) in -1..1, of each query to each training image, n >= 1.
        k: which neighbour to use, from 1.

    Returns:
        (m,) distances in 0..2.
    """
    place = min(k, similarity.shape[1]) - 1
    return np.clip(np.partition(1.0 - similarity, place, axis=1)[:, place], 0.0, 2.0)


def novelty_scores(distances: ArrayLike, sorted_reference: ArrayLike) -> NDArray[np.float64]:
    """Return for each picture the fraction of validation images that are closer to the training images.

    About 0.5 is typical; above 0.99 the picture is farther away than nearly all validation images.

    Args:
        distances: (m,) distances of the pictures, from ``knn_distance``.
        sorted_reference: (n,) distances of the validation images, ascending, n >= 1.

    Returns:
        (m,) scores in 0..1.

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
