"""Splits of a project that grows: no group on two sides, nobody moved, and a test set that is locked."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from dataset_pictures import draw, draw_tree
from hypothesis import given, settings
from hypothesis import strategies as st

from tldesk.base import ProblemError
from tldesk.dataset import FilenamePattern, Filter, FolderGroups, NoGroups, Project, Split
from tldesk.dataset.splits.split_rule import (
    SplitRule,
    extend_split,
    is_locked,
    lock_edits,
    rule_to_extend,
    split,
)
from tldesk.dataset.store.changes import Changes
from tldesk.dataset.store.journal import JournalEntry, record
from tldesk.dataset.store.schema import MIGRATIONS

RULE = SplitRule((0.6, 0.2, 0.2), 0, keep_given=False, tie_alike=True)

Images = st.lists(
    st.tuples(
        st.sampled_from([None, 1, 2, 3]),  # class
        st.sampled_from([None, *"abcdefgh"]),  # group
        st.integers(0, 30),  # content
        st.booleans(),  # readable
    ),
    min_size=1,
    max_size=12,
)
Pairs = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=4)
Step = st.one_of(
    st.tuples(st.just("add"), Images),
    st.tuples(st.just("split"), st.integers(0, 3)),
    st.tuples(st.just("lock"), st.booleans()),
    st.tuples(st.just("alike"), Pairs),
    st.tuples(st.just("lose"), st.integers(0, 40)),
)


class Sketch:
    """The tables of a project without any files."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        for statements in MIGRATIONS:
            for statement in statements:
                connection.execute(statement)
        connection.execute("INSERT INTO sources (id, images) VALUES (1, '/')")
        for number in (1, 2, 3):
            connection.execute(
                "INSERT INTO classes VALUES (?, ?, ?, '#000000')", (number, f"c{number}", number)
            )
        self.alike: list[tuple[str, str, float]] = []

    def do(self, verb: str, what: object) -> None:
        getattr(self, verb)(what)

    def add(self, images: list[tuple[int | None, str | None, int, bool]]) -> None:
        for class_id, group, content, readable in images:
            reason = None if readable else "broken"
            self.connection.execute(
                """INSERT INTO images (source_id, path, size, mtime_ns, content, class_id, group_name, reason)
                VALUES (1, (SELECT COUNT(*) FROM images), 1, 1, ?, ?, ?, ?)""",
                (f"{content:02d}", class_id, group, reason),
            )
        self.join()

    def join(self) -> None:
        rule = rule_to_extend(self.connection)
        if rule is not None:
            extend_split(self.connection, rule, self.alike)

    def split(self, seed: int) -> None:
        rule = SplitRule(RULE.shares, seed, RULE.keep_given, RULE.tie_alike)
        with contextlib.suppress(ProblemError):  # nothing is readable, or the locked set would take all
            split(self.connection, rule, self.alike)

    def lock(self, on: bool) -> None:
        try:
            edits = lock_edits(self.connection, on)
        except ProblemError:
            assert Split.TEST not in self.sides().values()
            return
        record(self.connection, JournalEntry("lock"), Changes((), edits))
        self.join()

    def lose(self, number: int) -> None:
        """A file is gone, or is back."""
        self.connection.execute("UPDATE images SET missing = NOT missing WHERE id = ?", (number,))
        self.join()

    def sides(self) -> dict[int, str]:
        rows = self.connection.execute("SELECT id, split FROM images WHERE split IS NOT NULL")
        return {number: Split(name) for number, name in rows}

    def groups(self) -> dict[str, set[str]]:
        rows = self.connection.execute(
            "SELECT group_name, split FROM images WHERE group_name IS NOT NULL AND split IS NOT NULL"
        )
        found: dict[str, set[str]] = {}
        for group, name in rows:
            found.setdefault(group, set()).add(name)
        return found


@settings(max_examples=150, deadline=None)
@given(first=Images, steps=st.lists(Step, max_size=12))
def test_no_group_on_two_sides_no_image_moved_by_others_no_locked_image_moved_at_all(first, steps) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        sketch = Sketch(connection)
        sketch.add(first)
        sketch.split(0)
        for verb, what in steps:
            before, locked = sketch.sides(), is_locked(connection)
            if verb == "alike":
                sketch.alike = [(f"{one:02d}", f"{other:02d}", 0.99) for one, other in what if one != other]
                continue
            sketch.do(verb, what)
            after = sketch.sides()
            assert all(len(names) == 1 for names in sketch.groups().values())
            if verb != "split":
                assert before.items() <= after.items(), "only a split moves what is there"
            if locked:
                held = {number for number, side in before.items() if side == Split.TEST}
                assert held <= {number for number, side in after.items() if side == Split.TEST}
            if locked and verb == "add":
                homes = {group for group, names in sketch.groups().items() if Split.TEST in names}
                alike = {content for pair in sketch.alike for content in pair[:2]}
                tied = connection.execute("SELECT content FROM images WHERE split = 'test'").fetchall()
                for number, side in after.items() - before.items():
                    content, group = connection.execute(
                        "SELECT content, group_name FROM images WHERE id = ?", (number,)
                    ).fetchone()
                    assert side != Split.TEST or group in homes or content in alike or (content,) in tied


@pytest.fixture
def sketch():
    with closing(sqlite3.connect(":memory:")) as connection:
        yield Sketch(connection)


def test_a_late_image_follows_its_group_though_it_looks_like_others(sketch: Sketch) -> None:
    sketch.add([(1, "home", 1, True), *((1, None, number, True) for number in range(2, 32))])
    sketch.split(0)
    sketch.connection.execute("UPDATE images SET split = 'test' WHERE group_name = 'home'")
    sketch.connection.execute("UPDATE images SET split = 'train' WHERE group_name IS NULL")
    sketch.alike = [("40", f"{number:02d}", 0.99) for number in (2, 3)]
    sketch.add([(1, "home", 40, True)])
    assert sketch.groups() == {"home": {"test"}}


def test_a_late_image_follows_its_group_though_that_is_missing_just_now(sketch: Sketch) -> None:
    sketch.add([(1, None, number, True) for number in range(12)] + [(1, "home", 20, True)])
    sketch.split(0)
    for side in ("validation", "test"):
        sketch.connection.execute("UPDATE images SET split = ?, missing = 1 WHERE id = 13", (side,))
        sketch.add([(1, "home", 21, True)])
        assert sketch.groups() == {"home": {side}}
        sketch.connection.execute("UPDATE images SET split = NULL, missing = 1 WHERE content = '21'")


def make(tmp_path: Path, counts: dict[str, int]) -> Project:
    return Project.create(tmp_path / "p", draw_tree(tmp_path / "pictures", counts))


def names_in(project: Project, side: Split) -> set[str]:
    root = project.sources()[0].images
    images = project.images(project.ids(Filter(split=side)))
    return {image.path.relative_to(root).as_posix() for image in images}


def test_a_locked_test_set_stays_and_the_rest_is_dealt_anew(tmp_path: Path) -> None:
    with make(tmp_path, {"a": 30, "b": 30}) as project:
        project.split()
        test, train = names_in(project, Split.TEST), names_in(project, Split.TRAIN)
        assert len(test) == 9
        project.edit.lock_test()
        project.split(seed=5)
        assert names_in(project, Split.TEST) == test
        assert names_in(project, Split.TRAIN) != train
        counts = project.facts().split_counts
        assert counts == {Split.TRAIN: 42, Split.VALIDATION: 9, Split.TEST: 9}, "as 70 to 15 of the other 51"
        project.split(seed=6, shares=(0.5, 0.5, 0.0))
        counts = project.facts().split_counts
        assert counts[Split.TEST] == 9
        assert abs(counts[Split.TRAIN] - counts[Split.VALIDATION]) <= 1
        project.edit.lock_test(False)
        project.split(seed=5)
        assert names_in(project, Split.TEST) != test


def test_new_images_learn_and_validate_unless_their_group_is_in_the_test_set(tmp_path: Path) -> None:
    with make(tmp_path, {f"{name}/p{n}": 3 for name in "ab" for n in range(8)}) as project:
        project.split(by_group=FolderGroups())
        project.edit.lock_test()
        (tested, *_), _ = sorted({Path(name).parent.name for name in names_in(project, Split.TEST)}), None
        root = project.sources()[0].images
        for number in range(20):
            draw(root / f"a/new{number}/x.png", 1000 + number)
        draw(root / f"a/{tested}/late.png", 2000)
        before = names_in(project, Split.TEST)
        list(project.scan())
        assert names_in(project, Split.TEST) == before | {f"a/{tested}/late.png"}
        assert project.splits.balance().torn == 0
        assert all(image.split is not None for image in project.images(project.ids()))


def test_what_a_folder_wants_in_the_locked_test_set_waits(tmp_path: Path) -> None:
    with make(tmp_path, {"train/a": 10, "train/b": 10, "test/a": 4, "test/b": 4}) as project:
        project.split()
        project.edit.lock_test()
        root = project.sources()[0].images
        draw(root / "test/a/late.png", 3000)
        draw(root / "train/a/late.png", 3001)
        list(project.scan())
        late = {
            image.path.parent.parent.name: image.split
            for image in project.images(project.ids(Filter(text="late")))
        }
        assert late["test"] is None
        assert late["train"] in {Split.TRAIN, Split.VALIDATION}
        project.split(seed=3)
        assert len(names_in(project, Split.TEST)) == 8
        assert project.splits.balance().all.without == 1
        project.edit.lock_test(False)
        assert "test/a/late.png" in names_in(project, Split.TEST), "unlocking lets it join"


def test_a_missing_test_image_keeps_its_place(tmp_path: Path) -> None:
    with make(tmp_path, {"a": 20, "b": 20}) as project:
        project.split()
        project.edit.lock_test()
        name = min(names_in(project, Split.TEST))
        root = project.sources()[0].images
        shutil.move(root / name, tmp_path / "away.png")
        list(project.scan())
        project.split(seed=9)
        shutil.move(tmp_path / "away.png", root / name)
        list(project.scan())
        assert name in names_in(project, Split.TEST)


def test_a_rule_that_takes_everything_into_the_locked_test_set_is_refused(tmp_path: Path) -> None:
    with make(tmp_path, {"a": 20, "b": 20}) as project:
        project.split()
        project.edit.lock_test()
        before = project.snapshot()
        with pytest.raises(ProblemError, match="nothing would be left to train on"):
            project.split(by_group=FilenamePattern(r"\."))
        assert project.snapshot() == before


def test_locking_is_undone_and_done_again(tmp_path: Path) -> None:
    with make(tmp_path, {"a": 20, "b": 20}) as project:
        with pytest.raises(ProblemError, match="no test images to lock"):
            project.edit.lock_test()
        project.split()
        project.edit.lock_test()
        assert [one.verb for one in project.edit.undo_stack()] == ["Lock the test set"]
        project.edit.undo()
        assert not project.splits.locked
        project.edit.redo()
        assert project.splits.locked
        project.edit.lock_test(False)
        assert project.edit.undo_stack()[-1].verb == "Unlock the test set"
        project.edit.undo()
        assert project.splits.locked


def test_every_picture_by_itself_takes_groups_away_and_is_remembered(tmp_path: Path) -> None:
    with make(tmp_path, {f"{name}/p{n}": 3 for name in "ab" for n in range(6)}) as project:
        assert project.splits.group_by is None
        project.split(by_group=FolderGroups())
        assert project.facts().groups == 6
        project.split(by_group=NoGroups())
        assert project.facts().groups == 0
        assert project.splits.group_by == NoGroups()
        project.edit.undo()
        assert project.splits.group_by == FolderGroups()
        assert project.facts().groups == 6


def test_the_balance_counts_what_can_be_used(tmp_path: Path) -> None:
    with make(tmp_path, {"a": 20, "b": 20, "c": 1, "": 6}) as project:
        assert not project.splits.balance().is_split
        project.split()
        found = project.splits.balance()
        assert found.wanted == pytest.approx({Split.TRAIN: 0.7, Split.VALIDATION: 0.15, Split.TEST: 0.15})
        a, b, c = found.classes
        assert [dict(one.counts) for one in (a, b)] == [
            {Split.TRAIN: 14, Split.VALIDATION: 3, Split.TEST: 3}
        ] * 2
        assert (a.remarks, a.images, a.share(Split.TRAIN)) == ({}, 20, 0.7)
        assert c.remarks == {Split.VALIDATION: "none", Split.TEST: "none"}
        assert found.uneven == (c,)
        assert found.unlabelled.images == 6
        assert (found.all.images, found.all.remarks) == (41, {})
        by_side = Counter(item.split for item in project.snapshot().items)
        assert found.all.counts == by_side


def test_a_class_far_from_the_shares_is_told(tmp_path: Path) -> None:
    folders = {"a/one": 12, **{f"a/p{n}": 1 for n in range(8)}, **{f"b/q{n}": 1 for n in range(20)}}
    with make(tmp_path, folders) as project:
        project.split(by_group=FolderGroups())
        found = project.splits.balance()
        assert (
            found.groups == {Split.TRAIN: 17, Split.VALIDATION: 6, Split.TEST: 6}
            or sum(found.groups.values()) == 29
        )
        assert found.torn == 0
    with make(
        tmp_path / "given", {"train/a": 10, "train/b": 10, "val/a": 9, "val/b": 1, "test/a": 10}
    ) as project:
        project.split()
        a, b = project.splits.balance().classes
        # 20 of all 40 learn, 10 validate, 10 are tested: of a's 29 about 14.5, 7 and 7.
        assert b.remarks == {Split.TRAIN: "many", Split.VALIDATION: "few", Split.TEST: "none"}
        assert a.remarks == {}
