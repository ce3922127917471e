"""Divides images into splits or folds: stratified, without dividing bundles, deterministic; no database.

scikit-learn's StratifiedGroupKFold is not suitable: it only makes equal folds, refuses classes smaller than
the number of folds, does not support images with a given split, and takes three seconds to import. The
algorithm is the same: bundles of several images are placed one by one, the largest first, where they bring
the class counts closest to their targets. Then single images fill up each class exactly.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tldesk.dataset.records import Split

SPLITS = tuple(Split)
_PLACE = {split: place for place, split in enumerate(SPLITS)}
Shares = Sequence[float]


@dataclass(frozen=True)
class Candidate:
    """An image to divide.

    Attributes:
        label: class index from 0, or -1 for unlabelled; unlabelled images are distributed like a class.
        bundle: bundle number; images of the same bundle go to the same split.
        key: key for the seeded order: the content hash, so that the result depends on nothing else.
        fixed: the required split, None if free.
    """

    label: int
    bundle: int
    key: str
    fixed: Split | None = None


@dataclass
class _Bundle:
    members: list[int]
    labels: Counter[int]
    order: bytes
    fixed: Split | None


@dataclass
class _State:
    """The state: ``counts`` (splits, classes) of the images placed so far, and ``place`` of each bundle."""

    counts: NDArray[np.int64]
    targets: NDArray[np.float64]
    shares: Shares
    place: dict[int, int] = field(default_factory=dict)

    def put(self, number: int, bundle: _Bundle, place: int) -> None:
        before = self.place.get(number)
        for label, count in bundle.labels.items():
            self.counts[place, label] += count
            if before is not None:
                self.counts[before, label] -= count
        self.place[number] = place


def divide(candidates: Sequence[Candidate], shares: Mapping[Split, float], seed: int) -> list[Split]:
    """Return the split of each candidate.

    Fixed candidates keep their split; a bundle with fixed candidates follows the majority of them. Each class
    gets at least one image in train, and validation and test are not empty, as far as bundles and fixed
    images allow it.

    Args:
        candidates: in any order; the result does not depend on it.
        shares: the wanted share of each split, not negative; a split with share 0 gets no new images.
        seed: seed of the random division.
    """
    if not candidates:
        return []
    bundles = _bundles(candidates, seed)
    state = _start(candidates, _normalised(shares))
    free = _free(bundles)
    for number, bundle in bundles.items():
        if bundle.fixed is not None:
            state.put(number, bundle, _PLACE[bundle.fixed])
    _place_large(state, free)
    _place_single(state, free)
    _fill_gaps(state, free)
    return _result(candidates, state)


def folds(candidates: Sequence[Candidate], count: int, seed: int) -> list[int]:
    """Return the fold of each candidate, 0..count-1, of about equal sizes; ``fixed`` is ignored.

    Args:
        candidates: in any order; the result does not depend on it.
        count: number of folds, at least 1. A class with fewer bundles is missing in some folds.
        seed: seed of the random division.
    """
    if not candidates:
        return []
    free_ones = [replace(candidate, fixed=None) for candidate in candidates]
    state = _start(free_ones, [1 / count] * count)
    free = _free(_bundles(free_ones, seed))
    _place_large(state, free, emptier_first=True)
    _place_single(state, free)
    return [state.place[candidate.bundle] for candidate in free_ones]


def _free(bundles: Mapping[int, _Bundle]) -> dict[int, _Bundle]:
    return {number: bundle for number, bundle in bundles.items() if bundle.fixed is None and bundle.members}


def _normalised(shares: Mapping[Split, float]) -> list[float]:
    values = [max(0.0, shares.get(split, 0.0)) for split in SPLITS]
    return [value / sum(values) for value in values]


def _bundles(candidates: Sequence[Candidate], seed: int) -> dict[int, _Bundle]:
    """Return the bundles by number, with their free members and the split required by the fixed ones."""
    bundles: dict[int, _Bundle] = {}
    fixed: dict[int, Counter[Split]] = {}
    for index, candidate in enumerate(candidates):
        bundle = bundles.setdefault(candidate.bundle, _Bundle([], Counter(), b"\xff" * 16, None))
        if candidate.fixed is not None:
            fixed.setdefault(candidate.bundle, Counter())[candidate.fixed] += 1
            continue
        bundle.members.append(index)
        bundle.labels[candidate.label] += 1
        bundle.order = min(bundle.order, _drawn(candidate.key, seed))
    for number, votes in fixed.items():
        bundles[number].fixed = min(votes, key=lambda split: (-votes[split], _PLACE[split]))
    return bundles


def _drawn(key: str, seed: int) -> bytes:
    """Return a random sort key that depends only on the image's key and the seed, not on other images."""
    return hashlib.blake2b(f"{seed}\x1f{key}".encode(), digest_size=16).digest()


def _start(candidates: Sequence[Candidate], shares: Shares) -> _State:
    """Return the initial state: counts of fixed images, and targets (without those in splits of share 0)."""
    classes = max(candidate.label for candidate in candidates) + 2  # the last column is label -1
    counts = np.zeros((len(shares), classes), dtype=np.int64)
    totals = np.zeros(classes, dtype=np.int64)
    for candidate in candidates:
        if candidate.fixed is not None:
            counts[_PLACE[candidate.fixed], candidate.label] += 1
        if candidate.fixed is None or shares[_PLACE[candidate.fixed]] > 0:
            totals[candidate.label] += 1
    return _State(counts, np.outer(shares, totals), shares)


def _place_large(state: _State, free: Mapping[int, _Bundle], *, emptier_first: bool = False) -> None:
    """Place bundles of several images, the largest first, to minimise the squared distance to the targets.

    With ``emptier_first``, ties go to the emptier fold; otherwise rare classes would all be in the first one.
    """
    large = [number for number, bundle in free.items() if len(bundle.members) > 1]
    open_places = [place for place in range(len(state.shares)) if state.shares[place] > 0]
    for number in sorted(large, key=lambda one: (-len(free[one].members), free[one].order)):
        labels = np.array(list(free[number].labels))
        added = np.array([free[number].labels[label] for label in labels])
        distance = (state.counts - state.targets)[:, labels]
        weights = (
            1.0 / np.maximum(state.targets[:, labels].sum(axis=0), 1.0) ** 2
        )  # gives small classes the same weight
        costs = ((2 * distance * added + added**2) * weights).sum(axis=1)
        filled = state.counts.sum(axis=1) if emptier_first else np.zeros(len(costs))
        rank = [(round(float(costs[place]), 12), filled[place], place) for place in open_places]
        state.put(number, free[number], min(rank)[-1])


def _place_single(state: _State, free: Mapping[int, _Bundle]) -> None:
    """Place single images of each class in seeded order, filling each split up to its target."""
    by_label: dict[int, list[int]] = {}
    for number, bundle in free.items():
        if len(bundle.members) == 1:
            by_label.setdefault(next(iter(bundle.labels)), []).append(number)
    carried = np.zeros(len(state.shares))
    for label in sorted(by_label):
        numbers = sorted(by_label[label], key=lambda one: free[one].order)
        wanted = _wanted(state, label, len(numbers))
        quotas = _rounded(wanted, carried, len(numbers))
        carried += wanted - quotas
        places = np.repeat(np.arange(len(quotas)), quotas)
        for number, place in zip(numbers, places, strict=True):
            state.put(number, free[number], int(place))


def _wanted(state: _State, label: int, number: int) -> NDArray[np.float64]:
    """Return how many of ``number`` images of a class each split should get, as fractional numbers."""
    lacking = np.maximum(state.targets[:, label] - state.counts[:, label], 0.0)
    weights = lacking if lacking.sum() > 0 else np.asarray(state.shares)
    wanted: NDArray[np.float64] = weights / weights.sum() * number
    return wanted


def _rounded(wanted: NDArray[np.float64], carried: NDArray[np.float64], number: int) -> NDArray[np.int64]:
    """Round by the largest remainder; ``carried`` is the rounding error of earlier classes per split."""
    quotas = np.floor(wanted + 1e-9).astype(np.int64)
    owed = np.where(wanted > 0, np.round(wanted - quotas + carried, 9), -np.inf)
    for place in sorted(range(len(wanted)), key=lambda one: (-owed[one], one))[: number - int(quotas.sum())]:
        quotas[place] += 1
    return quotas


def _fill_gaps(state: _State, free: Mapping[int, _Bundle]) -> None:
    """Make sure that train has an image of every class, then that validation and test are not empty."""
    classes = state.counts.shape[1] - 1
    for label in range(classes):
        if state.shares[0] > 0 and state.counts[0, label] == 0:
            _move(state, free, [one for one in state.place if one in free and free[one].labels[label]], 0)
    for place in (1, 2):
        if state.shares[place] > 0 and state.counts[place, :classes].sum() == 0:
            _move(state, free, _spare(state, free), place)


def _spare(state: _State, free: Mapping[int, _Bundle]) -> list[int]:
    """Return labelled bundles in train that can be moved without leaving one of their classes empty there."""
    return [
        number
        for number, place in state.place.items()
        if place == 0
        and number in free
        and any(label >= 0 for label in free[number].labels)
        and all(state.counts[0, label] > count for label, count in free[number].labels.items() if label >= 0)
    ]


def _move(state: _State, free: Mapping[int, _Bundle], movable: Sequence[int], place: int) -> None:
    """Move the smallest bundle to ``place``, preferring the class with the most images in train."""
    if movable:
        chosen = min(
            movable,
            key=lambda one: (
                len(free[one].members),
                -min(int(state.counts[0, label]) for label in free[one].labels),
                free[one].order,
            ),
        )
        state.put(chosen, free[chosen], place)


def _result(candidates: Sequence[Candidate], state: _State) -> list[Split]:
    result: list[Split] = []
    for candidate in candidates:
        fixed = candidate.fixed
        result.append(fixed if fixed is not None else SPLITS[state.place[candidate.bundle]])
    return result
