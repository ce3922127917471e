"""Ties that keep images in one split or fold: the same group, identical bytes, near duplicates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Protocol

from tldesk.dataset.bundles import bundle

Alike = tuple[str, str, float]  # two content hashes of near duplicates, and their correlation
_LARGEST_CHAIN = 0.2


class Tied(Protocol):
    """The part of an image (of a project or of a snapshot) that is needed for ties."""

    @property
    def content(self) -> str:
        """Hash of its bytes."""

    @property
    def group(self) -> str | None:
        """Its group, None if it is in none."""


def ties(images: Sequence[Tied], alike: Sequence[Alike]) -> list[int]:
    """Return the bundle number of each image, from 0; images connected by a chain of ties are one bundle."""
    chains = _alike_chains(alike, len(images))
    keys: list[list[Hashable]] = []
    for image in images:
        own: list[Hashable] = [("content", image.content)]
        if image.content in chains:
            own.append(("alike", chains[image.content]))
        if image.group is not None:
            own.append(("group", image.group))
        keys.append(own)
    return bundle(keys)


def _alike_chains(alike: Sequence[Alike], images: int) -> dict[str, int]:
    """Return the number of the chain of near duplicates by content hash.

    A chain of more than a fifth of the images is ignored: then all images of the data set are similar, and
    keeping them together would leave too few for the other splits.
    """
    contents = sorted({content for pair in alike for content in pair[:2]})
    pairs: dict[str, list[Hashable]] = {content: [] for content in contents}
    for pair in alike:
        for content in pair[:2]:
            pairs[content].append(pair)
    numbers = bundle([pairs[content] for content in contents])
    sizes = Counter(numbers)
    chains = dict(zip(contents, numbers, strict=True))
    return {
        content: number
        for content, number in chains.items()
        if sizes[number] <= max(2, _LARGEST_CHAIN * images)
    }
