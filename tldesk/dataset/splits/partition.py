"""Dividing images into splits or folds: stratified, bundles kept whole, always the same. Pure, no database.

scikit-learn's StratifiedGroupKFold does this for equal folds only, refuses classes smaller than the number of
folds and knows no images whose split is given, so it does not fit 70/15/15 of sets that may have three images
or a layout of their own; and it takes three seconds to import. The way is the same as its: bundles of several
images are placed one by one, the largest first, where they bring the class counts nearest to their targets;
single images then fill up each class exactly.
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
        label: class index from 0, -1 = none; images without a label are spread like a class of their own.
        bundle: images of the same bundle go to the same split.
        key: names the image for the seeded order; its content, so that the result depends on nothing else.
        fixed: the split that it must have, None if free.
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
    """The progress: ``counts`` (places, classes) of images placed so far, ``place`` of each bundle."""

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
    """A split for each candidate.

    Fixed ones stay where they are. A bundle that holds fixed ones follows most of them. Each class has at
    least one image in train, and validation and test are not empty, if bundles and fixed images allow it.

    Args:
        candidates: in any order; the result does not depend on it.
        shares: the wanted share of each split, not negative; a split without one gets nothing new.
        seed: which of the many possible divisions.
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
    """A fold in 0..count-1 for each candidate, about equally large; ``fixed`` is not asked.

    Args:
        candidates: in any order; the result does not depend on it.
        count: of folds, at least 1. A class of fewer bundles is missing in some.
        seed: which of the many possible divisions.
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
    """Bundles by number, with the members that are not fixed and the split that fixed ones ask for."""
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
    """A place in a random order that depends on the key and the seed alone, so that no other disturbs it."""
    return hashlib.blake2b(f"{seed}\x1f{key}".encode(), digest_size=16).digest()


def _start(candidates: Sequence[Candidate], shares: Shares) -> _State:
    """Counts of the fixed images; targets of all but those fixed in splits without a share."""
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
    """Place bundles of several images, the largest first, nearest to the targets (squared distance).

    Where places are equally good, the emptier one: otherwise the rare classes would all be in the first fold.
    """
    large = [number for number, bundle in free.items() if len(bundle.members) > 1]
    open_places = [place for place in range(len(state.shares)) if state.shares[place] > 0]
    for number in sorted(large, key=lambda one: (-len(free[one].members), free[one].order)):
        labels = np.array(list(free[number].labels))
        added = np.array([free[number].labels[label] for label in labels])
        distance = (state.counts - state.targets)[:, labels]
        weights = (
            1.0 / np.maximum(state.targets[:, labels].sum(axis=0), 1.0) ** 2
        )  # small classes count as much
        costs = ((2 * distance * added + added**2) * weights).sum(axis=1)
        filled = state.counts.sum(axis=1) if emptier_first else np.zeros(len(costs))
        rank = [(round(float(costs[place]), 12), filled[place], place) for place in open_places]
        state.put(number, free[number], min(rank)[-1])


def _place_single(state: _State, free: Mapping[int, _Bundle]) -> None:
    """Single images of each class in seeded order: as many to each split as are missing to its target."""
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
    """How many of ``number`` images, in fractions, each split should get of a class."""
    lacking = np.maximum(state.targets[:, label] - state.counts[:, label], 0.0)
    weights = lacking if lacking.sum() > 0 else np.asarray(state.shares)
    wanted: NDArray[np.float64] = weights / weights.sum() * number
    return wanted


def _rounded(wanted: NDArray[np.float64], carried: NDArray[np.float64], number: int) -> NDArray[np.int64]:
    """Whole numbers by the largest remainder; ``carried`` is what earlier classes still owe a split."""
    quotas = np.floor(wanted + 1e-9).astype(np.int64)
    owed = np.where(wanted > 0, np.round(wanted - quotas + carried, 9), -np.inf)
    for place in sorted(range(len(wanted)), key=lambda one: (-owed[one], one))[: number - int(quotas.sum())]:
        quotas[place] += 1
    return quotas


def _fill_gaps(state: _State, free: Mapping[int, _Bundle]) -> None:
    """Give train an image of every class, then give validation and test something to measure with."""
    classes = state.counts.shape[1] - 1
    for label in range(classes):
        if state.shares[0] > 0 and state.counts[0, label] == 0:
            _move(state, free, [one for one in state.place if one in free and free[one].labels[label]], 0)
    for place in (1, 2):
        if state.shares[place] > 0 and state.counts[place, :classes].sum() == 0:
            _move(state, free, _spare(state, free), place)


def _spare(state: _State, free: Mapping[int, _Bundle]) -> list[int]:
    """Labelled bundles in train that leave at least one image of each of their classes behind."""
    return [
        number
        for number, place in state.place.items()
        if place == 0
        and number in free
        and any(label >= 0 for label in free[number].labels)
        and all(state.counts[0, label] > count for label, count in free[number].labels.items() if label >= 0)
    ]


def _move(state: _State, free: Mapping[int, _Bundle], movable: Sequence[int], place: int) -> None:
    """Move the smallest bundle there, of the class with the most images in train."""
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
