"""Folds for cross-validation: every image validates once, groups stay whole, classes are spread evenly."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from dataset_pictures import draw_tree
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedGroupKFold

from tldesk.base import ProblemError
from tldesk.dataset import FolderGroups, Project, Snapshot, SnapshotItem, Split
from tldesk.dataset.splits.fold_snapshots import fold_snapshots


def item(
    number: int, label: int, group: str | None = None, split: Split = Split.TRAIN, content: str = ""
) -> SnapshotItem:
    return SnapshotItem(number, Path(f"{number}.png"), content or f"c{number}", label, split, group)


def validating(snapshot: Snapshot) -> set[int]:
    return {one.image_id for one in snapshot.of(Split.VALIDATION)}


def test_by_hand() -> None:
    # Six plants of two images each, three of either class, and two test images.
    items = [
        item(n, n // 6, f"p{n // 2}", Split.VALIDATION if n % 6 == 0 else Split.TRAIN) for n in range(12)
    ]
    items += [item(12, 0, None, Split.TEST), item(13, 1, None, Split.TEST)]
    snapshot = Snapshot(("a", "b"), tuple(items))
    folds = fold_snapshots(snapshot, 3, 0, [])
    parts = [validating(one) for one in folds]
    assert sorted(number for part in parts for number in part) == list(range(12))
    for one, part in zip(folds, parts, strict=True):
        assert len(part) == 4
        assert {number // 2 for number in part} == {number // 2 for number in part if number % 2 == 0}
        assert sum(number < 6 for number in part) == 2, "one plant of either class"
        assert [each.image_id for each in one.of(Split.TEST)] == [12, 13]
        assert {each.image_id for each in one.of(Split.TRAIN)} == set(range(12)) - part
        assert [each.image_id for each in one.items] == list(range(14)), "the order stays"
        assert Snapshot.from_json(one.to_json()) == one
    assert fold_snapshots(snapshot, 3, 0, []) == folds
    assert any(fold_snapshots(snapshot, 3, seed, []) != folds for seed in range(1, 6))


def test_near_duplicates_and_equal_files_lie_in_one_fold() -> None:
    items = [item(n, n % 2) for n in range(20)] + [item(20, 0, content="c0")]
    snapshot = Snapshot(("a", "b"), tuple(items))
    for seed in range(8):
        home = {
            number: place
            for place, one in enumerate(
                fold_snapshots(snapshot, 4, seed, [("c1", "c3", 0.99), ("c3", "c5", 0.98)])
            )
            for number in validating(one)
        }
        assert home[0] == home[20]
        assert home[1] == home[3] == home[5]


Rows = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([None, *"abcdefgh"]), st.sampled_from(list(Split))),
    min_size=4,
    max_size=60,
)


@settings(max_examples=80, deadline=None)
@given(rows=Rows, count=st.integers(2, 6), seed=st.integers(0, 4))
def test_folds_partition_and_no_group_straddles(rows, count, seed) -> None:
    items = tuple(item(n, label, group, split) for n, (label, group, split) in enumerate(rows))
    snapshot = Snapshot(("a", "b", "c"), items)
    try:
        folds = fold_snapshots(snapshot, count, seed, [])
    except ProblemError as error:
        assert "folds" in str(error)  # noqa: PT017 - refusing is one of two right answers
        return
    dealt = [one for one in items if one.split != Split.TEST]
    times = Counter(number for one in folds for number in validating(one))
    assert times == {one.image_id: 1 for one in dealt}
    for one in folds:
        sides: dict[str, set[Split]] = {}
        for each in one.items:
            if each.group is not None and each.split != Split.TEST:
                sides.setdefault(each.group, set()).add(each.split)
        assert all(len(found) == 1 for found in sides.values())
        assert {each.image_id for each in one.of(Split.TEST)} == {e.image_id for e in snapshot.of(Split.TEST)}
        assert {each.label for each in one.of(Split.TRAIN)} == {each.label for each in dealt}


def test_classes_are_spread_more_evenly_than_by_scikit_learn_on_the_average_of_ten_sets() -> None:
    ours, theirs = [], []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        groups = rng.integers(0, 70, 500)
        labels = np.array([int(rng.random() < (0.15 if group % 4 else 0.8)) for group in groups])
        items = [item(n, int(one), f"g{g}") for n, (one, g) in enumerate(zip(labels, groups, strict=True))]
        found = fold_snapshots(Snapshot(("a", "b"), tuple(items)), 5, seed, [])
        ours.append(worst(labels, [sorted(validating(one)) for one in found]))
        splits = StratifiedGroupKFold(5, shuffle=True, random_state=seed).split(labels, labels, groups)
        theirs.append(worst(labels, [fold for _, fold in splits]))
    assert np.mean(ours) <= np.mean(theirs)
    assert max(ours) <= 5, "of about 35 and 65 images of a class in a fold"


def worst(labels, folds) -> float:
    """How far a fold is from its share of a class, in images, at the most."""
    wanted = np.bincount(labels) / len(folds)
    return max(np.abs(np.bincount(labels[fold], minlength=2) - wanted).max() for fold in folds)


def test_rare_classes_do_not_all_lie_in_the_first_folds() -> None:
    items = [item(n, n // 14, f"g{n // 2}") for n in range(42)]  # three classes of seven groups
    sizes = [len(validating(one)) for one in fold_snapshots(Snapshot(tuple("abc"), tuple(items)), 20, 0, [])]
    assert sorted(sizes) == [2] * 19 + [4]


def test_what_cannot_be_folded_says_why() -> None:
    snapshot = Snapshot(("a", "b"), tuple(item(n, n % 2, f"g{n // 4}") for n in range(16)))
    with pytest.raises(ProblemError, match="4 sets of images that belong together, too few for 5 folds"):
        fold_snapshots(snapshot, 5, 0, [])
    for count in (0, 1, 21):
        with pytest.raises(ProblemError, match="cross-validation is not possible"):
            fold_snapshots(snapshot, count, 0, [])
    lonely = Snapshot(("a", "b"), tuple(item(n, int(n > 8), "one" if n > 8 else f"g{n}") for n in range(12)))
    with pytest.raises(ProblemError, match='all images of "b" belong together'):
        fold_snapshots(lonely, 3, 0, [])


def test_folds_of_a_project_leave_its_split_as_it_is(tmp_path: Path) -> None:
    tree = draw_tree(tmp_path / "pictures", {f"{name}/p{n}": 3 for name in "ab" for n in range(9)})
    with Project.create(tmp_path / "p", tree) as project:
        project.split(by_group=FolderGroups())
        before = project.snapshot()
        folds = project.folds(3)
        assert project.snapshot() == before
        assert {one.fingerprint for one in folds}.isdisjoint({before.fingerprint})
        assert all(one.of(Split.TEST) == before.of(Split.TEST) for one in folds)
