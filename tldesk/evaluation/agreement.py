"""How well readers agree on what pictures show, beyond chance.

Sources: J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement
20 (1960); J. L. Fleiss, J. Cohen and B. S. Everitt, "Large sample standard errors of kappa and weighted
kappa", Psychological Bulletin 72 (1969), for the interval; J. L. Fleiss, "Measuring nominal scale agreement
among many raters", Psychological Bulletin 76 (1971).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tldesk.evaluation.intervals import Interval, wilson

if TYPE_CHECKING:
    from tldesk.dataset import Reading

_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well two readers agree on the images that both have looked at.

    Attributes:
        first: a reader, None = the project's labels.
        second: another reader.
        images: on how many images it rests.
        alike: the share of them with the same class, 0 to 1.
        kappa: Cohen's, with its interval.
        differing: the images on which they differ.
    """

    first: str | None
    second: str
    images: int
    alike: float
    kappa: Interval
    differing: tuple[int, ...]


def agreements(readings: Sequence[Reading], classes: Sequence[int]) -> tuple[Agreement, ...]:
    """The agreement of every two readers that have images in common, the project's labels first.

    Args:
        readings: what they say, classes by their ids.
        classes: all class ids.
    """
    said = _by_reader(readings)
    pairs = combinations(sorted(said, key=lambda reader: (reader is not None, reader or "")), 2)
    found = [_agreement(said, first, second, classes) for first, second in pairs]
    return tuple(one for one in found if one.images)


def agreement_of_all(readings: Sequence[Reading], classes: Sequence[int]) -> tuple[float, int] | None:
    """Fleiss' kappa of all readers, labels included, and the number of images that all have looked at.

    None with fewer than three readers or without such images. Arguments as ``agreements``.
    """
    said = _by_reader(readings)
    common = [one.image_id for one in readings if all(one.image_id in words for words in said.values())]
    if len(said) < 3 or not common:
        return None
    counts = np.zeros((len(common), len(classes)), dtype=np.int64)
    for words in said.values():
        for row, image in enumerate(common):
            counts[row, classes.index(words[image])] += 1
    return fleiss_kappa(counts), len(common)


def _by_reader(readings: Sequence[Reading]) -> dict[str | None, dict[int, int]]:
    """Reader to image to class; None = the labels."""
    said: dict[str | None, dict[int, int]] = {}
    for one in readings:
        if one.class_id is not None:
            said.setdefault(None, {})[one.image_id] = one.class_id
        for reader, class_id in one.others.items():
            said.setdefault(reader, {})[one.image_id] = class_id
    return said


def _agreement(
    said: Mapping[str | None, Mapping[int, int]],
    first: str | None,
    second: str | None,
    classes: Sequence[int],
) -> Agreement:
    assert second is not None, "the labels come first"
    one, other = said[first], said[second]
    both = [image for image in one if image in other]
    confusion = np.zeros((len(classes), len(classes)), dtype=np.int64)
    for image in both:
        confusion[classes.index(one[image]), classes.index(other[image])] += 1
    differing = tuple(image for image in both if one[image] != other[image])
    alike = 1 - len(differing) / len(both) if both else math.nan
    return Agreement(first, second, len(both), alike, cohen_kappa(confusion), differing)


def cohen_kappa(confusion: NDArray[np.int64]) -> Interval:
    """Cohen's kappa of two readers with its large-sample 95 % interval.

    Args:
        confusion: (c, c) counts, rows what one reader says, columns the other.

    Returns:
        1 = always alike, 0 = as alike as chance makes them; NaN where one of them says one class only, or
        without images; then the bounds are -1 and 1. Where they are always alike the lower bound follows from
        that of the share of images alike (Wilson), since the large-sample error is 0 there.
    """
    total = int(confusion.sum())
    if total == 0:
        return Interval(math.nan, -1.0, 1.0)
    p = confusion / total
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    agreed, chance = float(np.trace(p)), float(rows @ columns)
    if max(rows.max(), columns.max()) >= 1:
        return Interval(math.nan, -1.0, 1.0)
    kappa = (agreed - chance) / (1 - chance)
    if np.trace(confusion) == total:
        return Interval(1.0, (wilson(total, total).low - chance) / (1 - chance), 1.0)
    # The large-sample variance of Fleiss, Cohen and Everitt (1969).
    on = float(np.sum(np.diag(p) * (1 - (rows + columns) * (1 - kappa)) ** 2))
    shifted = (columns[:, None] + rows[None, :]) ** 2
    off = float(np.sum(p * shifted) - np.sum(np.diag(p * shifted))) * (1 - kappa) ** 2
    variance = (on + off - (kappa - chance * (1 - kappa)) ** 2) / (total * (1 - chance) ** 2)
    half = _Z * math.sqrt(max(0.0, variance))
    return Interval(kappa, max(-1.0, kappa - half), min(1.0, kappa + half))


def fleiss_kappa(counts: NDArray[np.int64]) -> float:
    """Fleiss' kappa of any number of readers.

    Args:
        counts: (n, c), how many readers gave image i the class j; the same number of readers, two or more,
            for every image.

    Returns:
        As ``cohen_kappa``'s value.

    Raises:
        ValueError: the images were not looked at by the same number of readers.
    """
    if not len(counts):
        return math.nan
    readers = int(counts[0].sum())
    if readers < 2 or np.any(counts.sum(axis=1) != readers):
        raise ValueError("every image needs the same number of readers, at least two")
    shares = counts.sum(axis=0) / counts.sum()
    chance = float(shares @ shares)
    agreed = float(np.mean((np.sum(counts.astype(float) ** 2, axis=1) - readers) / (readers * (readers - 1))))
    return math.nan if chance >= 1 else (agreed - chance) / (1 - chance)
