"""Class imbalance: how much larger the largest class is than the smallest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

UNEVEN_FROM = 2.0  # largest class / smallest class: from this on it is a finding, and losses are weighted


@dataclass(frozen=True)
class Imbalance:
    """The largest class compared with the smallest one that has images.

    Attributes:
        ratio: number of images of the largest class / of the smallest, rounded to 3 digits, at least 1.
        largest: name of the largest class.
        smallest: name of the smallest class.
    """

    ratio: float
    largest: str
    smallest: str

    @property
    def is_uneven(self) -> bool:
        """Whether it is large enough to be a finding, and to train with weighted classes."""
        return self.ratio >= UNEVEN_FROM


def class_imbalance(counts: Iterable[tuple[str, int]]) -> Imbalance | None:
    """Return the imbalance of classes (name, number of images); None unless two classes have images."""
    filled = [(number, name) for name, number in counts if number]
    if len(filled) < 2:
        return None
    most, least = max(filled, key=lambda one: one[0]), min(filled, key=lambda one: one[0])
    return Imbalance(round(most[0] / least[0], 3), most[1], least[1])
