"""Images that belong together: bundles with shared keys, near duplicates, and bundles in several splits."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path

from tldesk.dataset.bundles import bundle
from tldesk.dataset.checks.report import Duplicates, Leak
from tldesk.dataset.records import ImageRecord, Split


def bundles(images: Sequence[ImageRecord], keys: Sequence[Iterable[Hashable]]) -> list[list[ImageRecord]]:
    """Return the bundles of two or more images that are connected by shared keys.

    Args:
        images: the images, in the project's order, which each bundle keeps.
        keys: the keys of each image, in the same order.
    """
    members: dict[int, list[ImageRecord]] = {}
    for image, number in zip(images, bundle(keys), strict=True):
        members.setdefault(number, []).append(image)
    return [images for images in members.values() if len(images) > 1]


def near_duplicates(
    pairs: Sequence[tuple[str, str, float]], images: Sequence[ImageRecord]
) -> list[tuple[list[ImageRecord], float]]:
    """Return bundles of similar images with different bytes, with their lowest score, the highest first.

    Args:
        pairs: two content hashes and their correlation, up to 1.
        images: the images to compare.
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
    """Return the bundles whose images are in several splits."""
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
    """Return a bundle of identical images as a record of the report."""
    return Duplicates(paths_of(images), labels_of(images), in_one_group(images))


def in_one_group(images: Sequence[ImageRecord]) -> bool:
    """Return whether all images are in the same group."""
    return len({image.group for image in images}) == 1 and images[0].group is not None


def splits_of(images: Iterable[ImageRecord]) -> set[Split]:
    """Return the splits of the images."""
    return {image.split for image in images if image.split is not None}


def paths_of(images: Iterable[ImageRecord]) -> tuple[Path, ...]:
    """Return the paths of the images, in the same order."""
    return tuple(image.path for image in images)


def labels_of(images: Iterable[ImageRecord]) -> tuple[str, ...]:
    """Return the names of the images' classes, without duplicates, in order of first appearance."""
    return tuple(dict.fromkeys(image.class_name for image in images if image.class_name is not None))
