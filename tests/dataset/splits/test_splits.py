"""Splitting projects: given layouts, groups, unlabelled images, and the snapshot that comes of it."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from dataset_pictures import draw_tree

from tldesk.base import ProblemError
from tldesk.dataset import (
    ColumnGroups,
    FilenamePattern,
    Filter,
    FolderGroups,
    Project,
    Snapshot,
    Split,
    check,
    parse_group_by,
)


def make(tmp_path: Path, counts: dict[str, int]) -> Project:
    return Project.create(tmp_path / "p", draw_tree(tmp_path / "pictures", counts))


def by_folder(project: Project) -> dict[tuple[str, Split | None], int]:
    root = project.sources()[0].images
    images = project.images(project.ids())
    return Counter((image.path.parent.relative_to(root).as_posix(), image.split) for image in images)


def test_train_and_test_without_validation(tmp_path: Path) -> None:
    with make(tmp_path, {"train/a": 20, "train/b": 20, "test/a": 5, "test/b": 7}) as project:
        counts = project.split()
        assert counts == {Split.TRAIN: 33, Split.VALIDATION: 7, Split.TEST: 12}
        found = by_folder(project)
        assert (found["test/a", Split.TEST], found["test/b", Split.TEST]) == (5, 7)
        assert {found["train/a", Split.VALIDATION], found["train/b", Split.VALIDATION]} == {3, 4}


def test_only_train_is_divided(tmp_path: Path) -> None:
    with make(tmp_path, {"train/a": 20, "train/b": 20, "test": 6}) as project:
        counts = project.split()
        assert project.facts().split_counts == {Split.TRAIN: 28, Split.VALIDATION: 6, Split.TEST: 6}
        assert counts[Split.TEST] == 12, "the unlabelled ones of test/ stay there"
        assert {image.split for image in project.images(project.ids(Filter(unlabelled=True)))} == {Split.TEST}


def test_the_same_picture_in_train_and_test_stays_as_given_and_is_reported(tmp_path: Path) -> None:
    with make(tmp_path, {"train/a": 10, "train/b": 10, "test/a": 3, "test/b": 3}) as project:
        root = project.sources()[0].images
        shutil.copy(root / "test/a/000.png", root / "train/a/leak.png")
        list(project.scan())
        project.split()
        (leaked,) = project.images(project.ids(Filter(text="leak")))
        assert leaked.split == Split.TRAIN
        (leak,) = check(project).leakage
        assert (leak.kind, leak.splits) == ("duplicate", (Split.TRAIN, Split.TEST))
        assert {path.name for path in leak.paths} == {"leak.png", "000.png"}
        project.split(keep_given=False)
        assert check(project).leakage == ()


def test_unlabelled_images_are_split_too_so_that_later_labels_count(tmp_path: Path) -> None:
    with make(tmp_path, {"": 20}) as project:
        assert project.split() == {Split.TRAIN: 14, Split.VALIDATION: 3, Split.TEST: 3}
        assert project.snapshot().items == ()
        project.edit.label(project.ids()[:6], project.edit.add_class("rust").id)
        assert len(project.snapshot().items) == 6
        assert sum(project.facts().split_counts.values()) == 6


def test_folders_are_groups(tmp_path: Path) -> None:
    tree = {f"{name}/plot {n}": 3 for name in ("rust", "mildew") for n in range(6)}
    with make(tmp_path, tree) as project:
        project.split(by_group=FolderGroups())
        assert project.facts().groups == 6, "plot 1 of rust and of mildew are one plot"
        sides: dict[str | None, set[Split | None]] = {}
        for image in project.images(project.ids()):
            sides.setdefault(image.group, set()).add(image.split)
        assert all(len(splits) == 1 for splits in sides.values())
        assert {split for splits in sides.values() for split in splits} == set(Split)


def test_the_group_rule_holds_for_later_images(tmp_path: Path) -> None:
    with make(tmp_path, {"a/p1": 4, "a/p2": 4, "b/p3": 4, "b/p4": 4}) as project:
        preview = project.grouping.preview(FolderGroups())
        assert (preview.groups, preview.images, preview.shared) == (4, 16, 16)
        assert project.facts().groups == 0
        project.split(by_group=FolderGroups())
        before = {image.group: image.split for image in project.images(project.ids())}
        root = project.sources()[0].images
        draw_tree(tmp_path / "more", {"x": 17})
        shutil.copy(tmp_path / "more/x/016.png", root / "a/p1/new.png")
        list(project.scan())
        (new,) = project.images(project.ids(Filter(text="new")))
        assert (new.group, new.split) == ("p1", before["p1"])


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("folder", FolderGroups()),
        ("patient", ColumnGroups("patient")),
        (r"plant(\d+)", FilenamePattern(r"plant(\d+)")),
    ],
)
def test_what_group_by_means(text: str, rule: object) -> None:
    assert parse_group_by(text, ["patient", "label"]) == rule


def test_rules_that_do_not_fit_are_refused_and_change_nothing(tmp_path: Path) -> None:
    with make(tmp_path, {"a": 4, "b": 4}) as project:
        with pytest.raises(ProblemError, match="no image into a group"):
            project.split(by_group=FilenamePattern("patient"))
        with pytest.raises(ProblemError, match="not a valid regular expression"):
            project.split(by_group=FilenamePattern("(0"))
        with pytest.raises(ProblemError, match="no image into a group"):
            project.set_groups(FolderGroups())
        for shares in ((0, 1, 1), (-1, 1, 1), (float("nan"), 1, 1), (float("inf"), 1, 1)):
            with pytest.raises(ProblemError, match="not valid shares"):
                project.split(shares=shares)
        assert project.snapshot().items == ()


def test_nothing_to_split(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    with make(tmp_path, {}) as project, pytest.raises(ProblemError, match="no readable image"):
        project.split()


def test_without_a_test_share_there_is_no_test(tmp_path: Path) -> None:
    with make(tmp_path, {"a": 10, "b": 10}) as project:
        assert project.split(shares=(8, 2, 0)) == {Split.TRAIN: 16, Split.VALIDATION: 4, Split.TEST: 0}


def test_the_seed_decides(tmp_path: Path) -> None:
    with make(tmp_path, {"a": 12, "b": 12}) as project:
        project.split(seed=1)
        first = project.snapshot()
        project.split(seed=2)
        assert project.snapshot().fingerprint != first.fingerprint
        project.split(seed=1)
        assert project.snapshot() == first


def test_filters(tmp_path: Path) -> None:
    with make(tmp_path, {"a": 6, "b_x": 5}) as project:
        project.split()
        a, b = project.classes
        every = project.ids()
        assert project.count() == 11
        assert project.ids(Filter(class_id=a.id)) == every[:6]
        assert project.ids(Filter(text="B_X/00")) == every[6:]
        assert project.ids(Filter(text="%")) == []
        assert project.ids(Filter(ids=(every[7], every[0], 999), text="00")) == [every[0], every[7]]
        assert sum(project.count(Filter(split=split)) for split in Split) == 11
        project.edit.label(every[:2], None)
        assert project.ids(Filter(unlabelled=True)) == every[:2]
        assert project.count(Filter(class_id=b.id, split=Split.TRAIN)) in (3, 4)
        assert project.count(Filter(quarantined=True)) == 0
        wanted = [every[5], every[0], every[9]]
        assert [image.id for image in project.images(wanted)] == wanted
        with pytest.raises(ProblemError, match="no image number 999"):
            project.images([every[0], 999])


def test_facts(tmp_path: Path) -> None:
    with make(tmp_path, {"a": 4, "b": 2}) as project:
        (project.sources()[0].images / "b/broken.jpg").write_bytes(b"\xff\xd8\xff")
        list(project.scan())
        facts = project.facts()
    assert (facts.images, facts.labelled, facts.quarantined) == (7, 6, 1)
    assert facts.class_counts == (("a", 4), ("b", 2))
    assert (facts.median_width, facts.median_height, facts.grey) == (24, 24, False)


def test_a_snapshot_survives_its_text_and_knows_its_data(tmp_path: Path) -> None:
    with make(tmp_path, {"ä": 5, "b": 5}) as project:
        project.split()
        snapshot = project.snapshot()
        again = Snapshot.from_json(snapshot.to_json())
        assert again == snapshot
        assert again.fingerprint == snapshot.fingerprint
        assert [len(again.of(split)) for split in Split] == [
            project.facts().split_counts[split] for split in Split
        ]
        root = project.sources()[0].images
        (root / "b/000.png").rename(root / "b/renamed.png")
        list(project.scan())
        assert project.snapshot().fingerprint == snapshot.fingerprint, "a move changes no data"
        project.edit.label([snapshot.items[0].image_id], project.classes[0].id)
        other = project.snapshot()
        assert (other.fingerprint != snapshot.fingerprint) == (snapshot.items[0].label != 0)
    for text in ("", "{}", "[]", snapshot.to_json().replace('"version":1', '"version":2')):
        with pytest.raises(ProblemError, match="snapshot cannot be used"):
            Snapshot.from_json(text)
    with pytest.raises(ProblemError, match="fingerprint"):
        Snapshot.from_json(snapshot.to_json().replace('"train"', '"test"'))
