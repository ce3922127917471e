"""Folds of the training images.

Each fold is left out once, so that every image is predicted by a head that was not trained on it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tldesk.dataset import SnapshotItem
from tldesk.dataset.splits.partition import Candidate, folds

MOST_FOLDS = 5


def group_folds(items: Sequence[SnapshotItem], seed: int, most: int = MOST_FOLDS) -> list[NDArray[np.intp]]:
    """Return the indices (into ``items``) of each fold's images.

    Groups and identical files are kept together.

    Whichever fold is left out, the others contain every class. Empty if that is impossible: a class has one
    group.
    """
    labels = np.array([item.label for item in items])
    groups = np.array([item.group or f"\n{item.content}" for item in items])
    for count in range(min(most, _fewest_groups(labels, groups)), 1, -1):
        found = _folds(items, groups, count, seed)
        if all(_has_all(np.delete(labels, fold), labels) for fold in found):
            return found
    return []


def part(items: Sequence[SnapshotItem], parts: int, seed: int) -> list[SnapshotItem]:
    """Return one of ``parts`` parts of the items: classes in proportion, groups kept together."""
    groups = np.array([item.group or f"\n{item.content}" for item in items])
    return [items[place] for place in _folds(items, groups, parts, seed)[0]]


def _folds(
    items: Sequence[SnapshotItem], groups: NDArray[np.str_], count: int, seed: int
) -> list[NDArray[np.intp]]:
    _, bundles = np.unique(groups, return_inverse=True)
    candidates = [
        Candidate(item.label, int(bundle), item.content) for item, bundle in zip(items, bundles, strict=True)
    ]
    home = np.array(folds(candidates, count, seed))
    return [np.flatnonzero(home == fold) for fold in range(count)]


def _fewest_groups(labels: NDArray[np.int_], groups: NDArray[np.str_]) -> int:
    return min((len(np.unique(groups[labels == one])) for one in np.unique(labels)), default=0)


def _has_all(some: NDArray[np.int_], labels: NDArray[np.int_]) -> bool:
    return len(np.unique(some)) == len(np.unique(labels))
