"""Which of several copies to keep: what "Exclude all but one of each" excludes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tldesk.dataset.records import ImageRecord, Split

_SIDES = (Split.TEST, Split.VALIDATION, Split.TRAIN, None)


def all_but_one(sets: Iterable[Sequence[ImageRecord]]) -> list[int]:
    """The images to exclude, so that one of each set is left; sets with different labels are left alone.

    A labelled one is kept, the one with the most pixels; of equal ones the one in the test set, by which
    models are compared; else the first.
    """
    return [image.id for images in sets if _agree(images) for image in _others(images)]


def _agree(images: Sequence[ImageRecord]) -> bool:
    return len({image.class_id for image in images if image.class_id is not None}) < 2


def _others(images: Sequence[ImageRecord]) -> list[ImageRecord]:
    def rank(image: ImageRecord) -> tuple[bool, int, int]:
        return image.class_id is None, -image.width * image.height, _SIDES.index(image.split)

    kept = min(images, key=rank)
    return [image for image in images if image.id != kept.id]
