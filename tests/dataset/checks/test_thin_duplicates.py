"""Groups made by hand, copies excluded, findings left as they are: all in the journal, all undone."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from dataset_pictures import draw, draw_tree
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tldesk.base import ProblemError
from tldesk.dataset import FilenamePattern, Mark, Project, Split, check
from tldesk.dataset.check_project import checking
from tldesk.dataset.checks.thin_duplicates import all_but_one
from tldesk.dataset.store import hand_groups
from tldesk.dataset.store.database import migrate
from tldesk.dataset.store.schema import MIGRATIONS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two classes of eight images each: plant0_0.png … plant3_1.png."""
    for label, name in enumerate("ab"):
        for plant in range(4):
            for shot in range(2):
                number = 100 * label + 10 * plant + shot
                draw(tmp_path / "photos" / name / f"plant{plant + 4 * label}_{shot}.png", number)
    with Project.create(tmp_path / "p", tmp_path / "photos") as project:
        return project.path


def groups(project: Project) -> dict[str, str | None]:
    return {image.path.stem: image.group for image in project.images(project.ids())}


def numbers(project: Project, *stems: str) -> list[int]:
    by_stem = {image.path.stem: image.id for image in project.images(project.ids())}
    return [by_stem[stem] for stem in stems]


def test_a_hand_joins_the_groups_of_the_rule_and_undo_parts_them(path: Path) -> None:
    with Project.open(path) as project:
        project.set_groups(FilenamePattern(r"plant(\d)"))
        before = groups(project)
        assert before["plant0_0"] == before["plant0_1"] == "0"
        project.edit.put_together([numbers(project, "plant0_0", "plant5_1")])
        joined = groups(project)
        assert {name for name, group in joined.items() if group == "0 and 1 more"} == {
            "plant0_0",
            "plant0_1",
            "plant5_0",
            "plant5_1",
        }
        project.edit.undo()
        assert groups(project) == before
        project.edit.redo()
        assert groups(project) == joined


def test_a_group_made_by_hand_outlives_scans_and_another_rule(path: Path) -> None:
    photos = path.parent / "photos"
    with Project.open(path) as project:
        project.edit.put_together([numbers(project, "plant0_0", "plant5_1")])
        assert groups(project)["plant0_0"] == groups(project)["plant5_1"] == "together 1"
        assert groups(project)["plant0_1"] is None
        shutil.move(photos / "a/plant0_0.png", photos / "a/moved.png")
        draw(photos / "a/new.png", 999)
        for _ in project.scan():
            pass
        assert groups(project)["moved"] == groups(project)["plant5_1"] == "together 1"
        project.set_groups(FilenamePattern(r"plant(\d)"))
        assert groups(project)["moved"] == groups(project)["plant5_0"] == "5"
        project.edit.undo()
        assert groups(project)["plant5_0"] is None
        assert groups(project)["moved"] == "together 1"


def test_sets_that_share_an_image_become_one_group_and_can_be_taken_apart(path: Path) -> None:
    with Project.open(path) as project:
        one, two, three, four = numbers(project, "plant0_0", "plant1_0", "plant2_0", "plant3_0")
        project.edit.put_together([[one, two]])
        project.edit.put_together([[three, four]])
        assert len(set(filter(None, groups(project).values()))) == 2
        project.edit.put_together([[two, three]])
        assert [image.group for image in project.images([one, two, three, four])] == ["together 1"] * 4
        project.edit.take_apart([one, two])
        assert [image.group for image in project.images([one, three])] == [None, "together 1"]
        with pytest.raises(ProblemError, match="none of these images was put in a group by hand"):
            project.edit.take_apart([one])
        with pytest.raises(ProblemError, match="a group needs at least two images"):
            project.edit.put_together([[one], [one, one]])
        event = project.history(one)[-2]
        assert (event.field, event.before, event.after) == ("group", None, "together 1")


def test_a_rule_is_still_proposed_beside_groups_made_by_hand(path: Path) -> None:
    with Project.open(path) as project:
        project.split(shares=(0.5, 0.25, 0.25))
        assert check(project).possible_leakage
        project.edit.put_together([numbers(project, "plant0_0", "plant5_1")])
        assert check(project).possible_leakage


def test_copies_are_put_together_and_split_again_until_no_group_stands_on_two_sides(path: Path) -> None:
    photos = path.parent / "photos"
    for place in range(3):
        shutil.copy(photos / f"a/plant{place}_0.png", photos / f"a/copy{place}.png")
    with Project.open(path) as project:
        for _ in project.scan():
            pass
        project.split(tie_alike=False)
        (first, second) = numbers(project, "plant0_1", "plant5_1")
        project.edit.put_together([numbers(project, f"plant{one}_0", f"copy{one}") for one in range(3)])
        project.edit.put_together([[first, second]])
        assert all(one.grouped for one in check(project).duplicates)
        for seed in range(5):
            project.split(tie_alike=False, seed=seed)
            assert check(project).leakage == ()
            assert project.image(first).split == project.image(second).split


def test_late_images_join_the_side_of_their_hand_group(path: Path) -> None:
    with Project.open(path) as project:
        project.split()
        draw(path.parent / "photos/a/late.png", 777)
        for _ in project.scan():
            pass
        (late, known) = numbers(project, "late", "plant6_0")
        project.edit.put_together([[late, known]])
        project.split(seed=3)
        assert project.image(late).split == project.image(known).split


def test_the_largest_labelled_copy_is_kept_and_contradictions_are_left_alone(path: Path) -> None:
    with Project.open(path) as project:
        project.split()
        one, two, three, four = project.images(
            numbers(project, "plant0_0", "plant0_1", "plant1_0", "plant4_0")
        )
    small, large = replace(one, width=10), replace(two, width=30)
    bare = replace(three, class_id=None, width=900)
    assert all_but_one([[small, large, bare]]) == [one.id, three.id]
    assert all_but_one([[one, four]]) == [], "labels differ: a person has to say which is right"
    test = replace(two, split=Split.TEST, width=one.width)
    assert all_but_one([[replace(one, split=Split.TRAIN), test]]) == [one.id]


def test_what_is_left_as_it_is_is_not_named_again_until_it_is_brought_back(tmp_path: Path) -> None:
    folder = draw_tree(tmp_path / "photos", {"a": 9, "b": 2})
    (folder / "a/000.png").rename(folder / "a/first.png")
    shutil.copy(folder / "a/first.png", folder / "a/same.png")
    shutil.copy(folder / "a/001.png", folder / "b/other.png")
    with Project.create(tmp_path / "p", folder) as project:
        found = check(project)
        assert (len(found.duplicates), len(found.contradictions)) == (2, 1)
        assert found.imbalance is not None
        project.edit.dismiss("duplicate", numbers(project, "same", "first") + numbers(project, "other"))
        project.edit.dismiss("imbalance")
        after = check(project)
        assert len(after.duplicates) == 1, "all images of a set must be left"
        assert len(after.contradictions) == 1
        assert after.imbalance is None
        assert {one.name for one in after.dismissed} == {"same.png", "first.png", "other.png"}
        assert after.as_dict()["dismissed"]["findings"] == ["imbalance"]
        project.edit.undo()
        assert check(project).imbalance is not None
        project.edit.redo()
        project.edit.bring_back()
        again = check(project)
        assert (again.duplicates, again.imbalance, again.dismissed) == (found.duplicates, found.imbalance, ())
        project.edit.undo()
        assert check(project).as_dict() == after.as_dict()


def test_old_projects_keep_their_groups(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "old.sqlite", isolation_level=None)) as old:
        migrate(old, MIGRATIONS[:2])
        old.execute("INSERT INTO sources (id, images) VALUES (1, 'photos')")
        old.executemany(
            """INSERT INTO images (id, source_id, path, size, mtime_ns, content, group_name)
            VALUES (?, 1, ?, 1, 1, ?, ?)""",
            [(place, f"{place}.png", str(place), name) for place, name in enumerate(("x", "x", "y", None))],
        )
        migrate(old, MIGRATIONS)
        assert _group_names(old) == ["x", "x", "y", None]
        rows = hand_groups.put_together(old, [[1, 2]])
        hand_groups.write(old, [(name, image) for image, _, name in rows])
        assert _group_names(old) == ["x and 1 more"] * 3 + [None]
        hand_groups.write(old, [(None, image) for image, _, _ in rows])
        assert _group_names(old) == ["x", "x", "y", None]


def _group_names(connection: sqlite3.Connection) -> list[str | None]:
    return [name for (name,) in connection.execute("SELECT group_name FROM images ORDER BY id")]


_steps = st.lists(
    st.one_of(
        st.tuples(st.just("together"), st.lists(st.integers(0, 15), min_size=2, max_size=4, unique=True)),
        st.tuples(st.just("apart"), st.lists(st.integers(0, 15), min_size=1, max_size=3, unique=True)),
        st.tuples(st.just("leave"), st.lists(st.integers(0, 15), min_size=1, max_size=3, unique=True)),
        st.tuples(st.just("exclude"), st.lists(st.integers(0, 15), min_size=1, max_size=3, unique=True)),
        st.tuples(st.just("rule"), st.sampled_from([r"plant(\d)", r"_(\d)", r"(plant)"])),
        st.tuples(st.just("back"), st.none()),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_steps)
def test_mends_are_undone_one_by_one_and_a_split_after_them_tears_no_group(path: Path, steps: list) -> None:
    with Project.open(path) as project:
        while project.edit.undo() is not None:
            pass
        states = [_state(project)]
        for what, which in steps:
            before = project.edit.last()
            try:
                _do(project, what, which)
            except ProblemError:
                continue
            if project.edit.last() > before:  # the rule that stands already is no action
                states.append(_state(project))
        project.split(tie_alike=False, shares=(0.5, 0.25, 0.25))
        assert all(len(found) == 1 for found in _sides(project).values())
        if project.edit.undo_stack() and project.edit.undo_stack()[-1].verb == "Split the images":
            project.edit.undo()
        for state in reversed(states[:-1]):
            project.edit.undo()
            assert _state(project) == state


def _sides(project: Project) -> dict[str, set[Split | None]]:
    sides: dict[str, set[Split | None]] = {}
    for image in project.images(project.ids()):
        if image.group is not None:
            sides.setdefault(image.group, set()).add(image.split)
    return sides


def _do(project: Project, what: str, which: object) -> None:
    ids = project.ids()
    edit = project.edit
    if what == "rule":
        project.set_groups(FilenamePattern(str(which)))
        return
    if what == "back":
        edit.bring_back()
        return
    chosen = [ids[place] for place in which]  # type: ignore[attr-defined]
    doing = {
        "together": lambda: edit.put_together([chosen]),
        "apart": lambda: edit.take_apart(chosen),
        "leave": lambda: edit.dismiss("duplicate", chosen),
        "exclude": lambda: edit.mark(chosen, Mark.EXCLUDED),
    }
    doing[what]()


def _state(project: Project) -> object:
    images = project.images(project.ids())
    return [(one.group, one.marks) for one in images], project.evidence.dismissed()


def test_checking_measures_each_picture_once(path: Path) -> None:
    with Project.open(path) as project:
        steps = list(checking(project))
        assert steps[0].what == "Looking for blurred pictures"
        assert steps[0].total == 16
        assert not any(step.what == "Looking for blurred pictures" for step in checking(project))
