"""What ties images together for a split or a fold: the same group, the same bytes, near duplicates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Protocol

from tldesk.dataset.bundles import bundle

Alike = tuple[str, str, float]  # two contents that look alike, and how much
_LARGEST_CHAIN = 0.2


class Tied(Protocol):
    """An image as far as ties go: of a project or of a snapshot."""

    @property
    def content(self) -> str:
        """Hash of its bytes."""

    @property
    def group(self) -> str | None:
        """Its group, None if it is in none."""


def ties(images: Sequence[Tied], alike: Sequence[Alike]) -> list[int]:
    """The number of each image's bundle, from 0; what is tied by a chain of any ties is one bundle."""
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
    """Content to the chain of near duplicates that it belongs to.

    Where a chain joins more than a fifth of the images, the whole set is alike: tying it together would
    leave nothing to test with, so this chain is ignored.
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
