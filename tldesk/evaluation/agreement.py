"""Agreement between readers on the classes of images, corrected for chance.

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
    """The agreement of two readers on the images that both have read.

    Attributes:
        first: a reader; None for the project's labels.
        second: another reader.
        images: number of images that both have read.
        alike: fraction of them with the same class, 0 to 1.
        kappa: Cohen's kappa with its 95 % interval.
        differing: ids of the images with different classes.
    """

    first: str | None
    second: str
    images: int
    alike: float
    kappa: Interval
    differing: tuple[int, ...]


def agreements(readings: Sequence[Reading], classes: Sequence[int]) -> tuple[Agreement, ...]:
    """Return the agreement of each pair of readers with images in common, pairs with the labels first.

    Args:
        readings: the classes given per image, by class id.
        classes: all class ids.
    """
    said = _by_reader(readings)
    pairs = combinations(sorted(said, key=lambda reader: (reader is not None, reader or "")), 2)
    found = [_agreement(said, first, second, classes) for first, second in pairs]
    return tuple(one for one in found if one.images)


def agreement_of_all(readings: Sequence[Reading], classes: Sequence[int]) -> tuple[float, int] | None:
    """Return Fleiss' kappa of all readers, labels included, and the number of images that all have read.

    None with fewer than three readers, or if no image was read by all. Arguments as for ``agreements``.
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
    """Return reader -> image id -> class id; the reader None stands for the labels."""
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
    """Return Cohen's kappa of two readers with its large-sample 95 % interval.

    Args:
        confusion: (c, c) counts; rows are the classes of one reader, columns those of the other.

    Returns:
        1 for complete agreement, 0 for agreement by chance. NaN with the bounds -1 and 1 if one reader uses a
        single class, or without images. For complete agreement the large-sample error is 0, so the lower
        bound is computed from the Wilson bound of the fraction of images that agree.
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
    """Return Fleiss' kappa of any number of readers.

    Args:
        counts: (n, c), the number of readers who gave image i the class j; each row must have the same sum,
            the number of readers, at least 2.

    Returns:
        1 for complete agreement, 0 for agreement by chance; NaN if only one class is used, or without images.

    Raises:
        ValueError: the images were not all read by the same number of readers, or by fewer than two.
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
