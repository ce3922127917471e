"""Bundles: images that must go to the same split because they share a group or have identical files."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence


def bundle(keys: Sequence[Iterable[Hashable]]) -> list[int]:
    """Return the bundle number of each image, given the keys that tie it to others (its group, its content).

    Images are in the same bundle if they are connected by a chain of shared keys. Bundles are numbered from 0
    in order of first appearance. The algorithm is union-find with path halving (Tarjan and van Leeuwen 1984).
    """
    parent = list(range(len(keys)))
    owner: dict[Hashable, int] = {}
    for image, own in enumerate(keys):
        for key in own:
            _join(parent, owner.setdefault(key, image), image)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(_root(parent, image), len(numbers)) for image in range(len(keys))]


def _root(parent: list[int], image: int) -> int:
    while parent[image] != image:
        parent[image] = parent[parent[image]]
        image = parent[image]
    return image


def _join(parent: list[int], one: int, other: int) -> None:
    first, second = sorted((_root(parent, one), _root(parent, other)))
    parent[second] = first
