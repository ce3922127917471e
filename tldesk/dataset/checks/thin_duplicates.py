"""Chooses which of several copies to keep, for the resolution "Exclude all but one of each"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tldesk.dataset.records import ImageRecord, Split

_SIDES = (Split.TEST, Split.VALIDATION, Split.TRAIN, None)


def all_but_one(sets: Iterable[Sequence[ImageRecord]]) -> list[int]:
    """Return the ids of the images to exclude so that one of each set is left.

    Sets with different labels are skipped. Labelled images are preferred, then those with more pixels, then
    those in the test set (which is used to compare models), then the first.
    """
    return [image.id for images in sets if _agree(images) for image in _others(images)]


def _agree(images: Sequence[ImageRecord]) -> bool:
    return len({image.class_id for image in images if image.class_id is not None}) < 2


def _others(images: Sequence[ImageRecord]) -> list[ImageRecord]:
    def rank(image: ImageRecord) -> tuple[bool, int, int]:
        return image.class_id is None, -image.width * image.height, _SIDES.index(image.split)

    kept = min(images, key=rank)
    return [image for image in images if image.id != kept.id]
