"""Folds for cross-validation: each is the validation split once; the test images are not used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tldesk.base import Problem, ProblemError, plural
from tldesk.dataset.groups.ties import Alike, ties
from tldesk.dataset.records import Split
from tldesk.dataset.snapshot import Snapshot, SnapshotItem
from tldesk.dataset.splits.partition import Candidate, folds

MOST_FOLDS = 20


def fold_snapshots(snapshot: Snapshot, count: int, seed: int, alike: Sequence[Alike]) -> tuple[Snapshot, ...]:
    """Return ``count`` snapshots of the same images; in each, a different fold is the validation split.

    Groups, identical files and near duplicates are kept in one fold, and classes are distributed evenly. Test
    images remain test images. The same seed gives the same folds.

    Args:
        snapshot: the images with their current splits.
        count: number of folds, 2 to 20.
        seed: seed of the random division.
        alike: near duplicates to keep together (see ``Project.alike``).

    Raises:
        ProblemError: there are too few or too many folds for these images, or all images of a class are in
            one fold, so that it could not be trained there.
    """
    dealt = [item for item in snapshot.items if item.split != Split.TEST]
    bundles = ties(dealt, alike)
    _refuse_count(count, len(set(bundles)))
    candidates = [Candidate(item.label, tie, item.content) for item, tie in zip(dealt, bundles, strict=True)]
    home = folds(candidates, count, seed)
    _refuse_count(count, len(set(home)))
    _refuse_lost_class(snapshot, dealt, home)
    fold_of = {item.image_id: fold for item, fold in zip(dealt, home, strict=True)}
    return tuple(_one(snapshot, fold_of, fold) for fold in range(count))


def _one(snapshot: Snapshot, fold_of: dict[int, int], fold: int) -> Snapshot:
    items = tuple(
        item
        if item.split == Split.TEST
        else replace(item, split=Split.VALIDATION if fold_of[item.image_id] == fold else Split.TRAIN)
        for item in snapshot.items
    )
    return replace(snapshot, items=items)


def _refuse_count(count: int, bundles: int) -> None:
    if not 2 <= count <= MOST_FOLDS:
        fix = f"Choose a number from 2 to {MOST_FOLDS}; 5 is usual"
        raise ProblemError(Problem("folds", f"cross-validation is not possible with {count} folds", fix))
    if bundles < count:
        what = (
            f"training and validation hold {plural(bundles, 'set')} of images that belong together, too few"
            f" for {count} folds"
        )
        raise ProblemError(Problem("folds", what, "Choose fewer folds, or label and split more images"))


def _refuse_lost_class(snapshot: Snapshot, dealt: Sequence[SnapshotItem], home: Sequence[int]) -> None:
    """Refuse if all images of a class are in one fold: the others would then train without it."""
    for label, name in enumerate(snapshot.classes):
        own = {fold for item, fold in zip(dealt, home, strict=True) if item.label == label}
        if len(own) == 1:
            what = f'all images of "{name}" belong together, so that one fold would train without this class'
            fix = "Label more images of it from other groups, or merge it with another class"
            raise ProblemError(Problem("folds", what, fix))
