"""Images that belong together: in one bundle by shared keys, alike in content, or torn between splits."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path

from tldesk.dataset.bundles import bundle
from tldesk.dataset.checks.report import Duplicates, Leak
from tldesk.dataset.records import ImageRecord, Split


def bundles(images: Sequence[ImageRecord], keys: Sequence[Iterable[Hashable]]) -> list[list[ImageRecord]]:
    """The images joined by shared keys, bundle by bundle; only bundles of two or more.

    Args:
        images: in the project's order, which each bundle keeps.
        keys: of each image, as many as ``images``.
    """
    members: dict[int, list[ImageRecord]] = {}
    for image, number in zip(images, bundle(keys), strict=True):
        members.setdefault(number, []).append(image)
    return [images for images in members.values() if len(images) > 1]


def near_duplicates(
    pairs: Sequence[tuple[str, str, float]], images: Sequence[ImageRecord]
) -> list[tuple[list[ImageRecord], float]]:
    """Bundles of images that look alike though their bytes differ, each with its lowest score, best first.

    Args:
        pairs: two content hashes and their correlation, up to 1.
        images: those that are compared.
    """
    ties: dict[str, list[tuple[str, str]]] = {}
    for one, other, _ in pairs:
        ties.setdefault(one, []).append((one, other))
        ties.setdefault(other, []).append((one, other))
    alike = [image for image in images if image.content in ties]
    found = bundles(alike, [ties[image.content] for image in alike])
    scores = [min(pair[2] for pair in pairs if pair[0] in contents) for contents in map(_contents, found)]
    return sorted(zip(found, scores, strict=True), key=lambda one: -one[1])


def _contents(images: Iterable[ImageRecord]) -> set[str]:
    return {image.content for image in images}


def leaks(kind: str, bundles: Iterable[Sequence[ImageRecord]]) -> list[Leak]:
    """The bundles whose images are in several splits."""
    found = []
    for images in bundles:
        splits = splits_of(images)
        if len(splits) > 1:
            group = images[0].group if kind == "group" else None
            split_images = [image for image in images if image.split is not None]
            ordered = tuple(split for split in Split if split in splits)
            found.append(Leak(kind, ordered, paths_of(split_images), group))
    return found


def duplicates(images: Sequence[ImageRecord]) -> Duplicates:
    """A bundle as the report names it."""
    return Duplicates(paths_of(images), labels_of(images), in_one_group(images))


def in_one_group(images: Sequence[ImageRecord]) -> bool:
    """Whether all are in the same group."""
    return len({image.group for image in images}) == 1 and images[0].group is not None


def splits_of(images: Iterable[ImageRecord]) -> set[Split]:
    """The splits that the images are in."""
    return {image.split for image in images if image.split is not None}


def paths_of(images: Iterable[ImageRecord]) -> tuple[Path, ...]:
    """Their paths, in the same order."""
    return tuple(image.path for image in images)


def labels_of(images: Iterable[ImageRecord]) -> tuple[str, ...]:
    """Names of their different classes, in the order of first appearance."""
    return tuple(dict.fromkeys(image.class_name for image in images if image.class_name is not None))
