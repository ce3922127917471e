"""Marks, notes, readings, classes, splits and groups: edits that undo takes back to the letter."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from dataset_pictures import draw_tree
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tldesk.base import ProblemError
from tldesk.dataset import (
    ColumnGroups,
    FilenamePattern,
    Filter,
    Mark,
    Project,
    Split,
    check,
)
from tldesk.dataset.store.schema import MIGRATIONS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A project of nine images in three class folders."""
    with Project.create(tmp_path / "p", draw_tree(tmp_path / "photos", {"a": 4, "b": 3, "c": 2})) as project:
        return project.path


def state(project: Project) -> object:
    """All that a user sees of classes and images."""
    images = project.images(project.ids())
    return (
        project.classes,
        [
            (one.class_name, one.split, one.group, one.marks, one.metadata, dict(one.readings))
            for one in images
        ],
    )


def classes(project: Project) -> list[tuple[str, int]]:
    return [(one.name, project.count(Filter(class_id=one.id))) for one in project.classes]


def test_a_merged_class_gives_its_images_and_its_name(path: Path) -> None:
    with Project.open(path) as project:
        a, b, _c = project.classes
        before = state(project)
        project.edit.merge_classes(a.id, b.id)
        assert classes(project) == [("b", 7), ("c", 2)]
        assert [one.position for one in project.classes] == [0, 1]
        after = state(project)
        draw_tree(path.parent / "photos", {"a": 6})  # two more in the folder of the merged class
        list(project.scan())
        assert classes(project) == [("b", 9), ("c", 2)]
    with Project.open(path) as project:
        project.edit.undo()
        assert classes(project) == [("a", 4), ("b", 5), ("c", 2)], "what came since is b's"
        project.edit.redo()
        assert classes(project) == [("b", 9), ("c", 2)]
        with pytest.raises(ProblemError, match="merged with itself"):
            project.edit.merge_classes(b.id, b.id)
        with pytest.raises(ProblemError, match="no class number"):
            project.edit.merge_classes(a.id, b.id)
    assert before != after


def test_a_deleted_class_leaves_its_images_unlabelled(path: Path) -> None:
    with Project.open(path) as project:
        b = project.classes[1]
        before = state(project)
        project.edit.delete_class(b.id)
        assert classes(project) == [("a", 4), ("c", 2)]
        assert project.count(Filter(unlabelled=True)) == 3
        list(project.scan())
        assert classes(project) == [("a", 4), ("c", 2)], "the folder's word does not bring it back"
        new = project.edit.add_class("b")
        assert new.id != b.id
        with pytest.raises(ProblemError, match="no class number"):
            project.edit.label(project.ids(), b.id)
        project.edit.undo()
        project.edit.undo()
        assert state(project) == before


def test_undo_does_not_take_a_name_that_another_class_has_by_now(path: Path) -> None:
    with Project.open(path) as project:
        b = project.classes[1]
        project.edit.delete_class(b.id)
        draw_tree(path.parent / "photos", {"b": 5})  # two new ones: the scan makes the class again
        list(project.scan())
        assert classes(project) == [("a", 4), ("c", 2), ("b", 2)]
        with pytest.raises(ProblemError, match='another class "b" by now'):
            project.edit.undo()
        project.edit.rename_class(project.classes[2].id, "new b")
        assert [one.verb for one in project.edit.undo_stack()] == [
            "Delete class b",
            "Rename class b to new b",
        ]


def test_an_added_class_that_a_folder_uses_by_now_stays(path: Path) -> None:
    with Project.open(path) as project:
        project.edit.add_class("rust")
        draw_tree(path.parent / "photos", {"rust": 2})
        list(project.scan())
        with pytest.raises(ProblemError, match='have got the class "rust" since'):
            project.edit.undo()
        assert classes(project)[-1] == ("rust", 2)


def test_order_and_colours(path: Path) -> None:
    with Project.open(path) as project:
        a, _b, c = project.classes
        project.edit.move_class(c.id, 0)
        assert [one.name for one in project.classes] == ["c", "a", "b"]
        project.edit.move_class(c.id, 99)
        assert [one.name for one in project.classes] == ["a", "b", "c"]
        project.edit.recolour_class(a.id, "#123456")
        assert project.classes[0].colour == "#123456"
        with pytest.raises(ProblemError, match="not a colour"):
            project.edit.recolour_class(a.id, "reddish")
        project.edit.undo()
        project.edit.undo()
        assert [one.name for one in project.classes] == ["c", "a", "b"]


def test_two_classes_can_swap_their_names(path: Path) -> None:
    with Project.open(path) as project:
        a, b, _c = project.classes
        for number, name in ((a.id, "x"), (b.id, "a"), (a.id, "b")):
            project.edit.rename_class(number, name)
        assert [one.name for one in project.classes] == ["b", "a", "c"]
        for _ in range(3):
            project.edit.undo()
        assert [one.name for one in project.classes] == ["a", "b", "c"]


def test_excluded_images_are_kept_and_not_used(path: Path) -> None:
    with Project.open(path) as project:
        project.split()
        ids = project.ids(Filter(class_id=project.classes[0].id))
        project.edit.mark(ids[:2], Mark.EXCLUDED)
        project.edit.mark(ids[1:3], Mark.UNSURE)
        assert project.facts().excluded == 2
        assert project.facts().labelled == 7
        assert len(project.snapshot().items) == 7
        assert not {one.image_id for one in project.snapshot().items} & set(ids[:2])
        assert project.count() == 9
        assert project.ids(Filter(mark=Mark.EXCLUDED)) == ids[:2]
        assert project.ids(Filter(mark=Mark.UNSURE)) == ids[1:3], "also an excluded one"
        assert classes(project)[0] == ("a", 2)
        assert project.ids(Filter(ids=tuple(ids))) == ids, "asked for by number"
        project.edit.mark(ids, Mark.EXCLUDED, on=False)
        assert len(project.snapshot().items) == 9
        assert [event.field for event in project.history(ids[1])] == [
            "label",
            "split",
            "excluded",
            "unsure",
            "excluded",
        ]


def test_an_excluded_copy_is_no_finding_any_more(path: Path) -> None:
    first = next((path.parent / "photos" / "a").iterdir())
    shutil.copy(first, path.parent / "photos" / "b" / "copy.jpg")
    with Project.open(path) as project:
        list(project.scan())
        assert len(check(project).duplicates) == 1
        copies = [one.id for one in project.images(project.ids()) if one.path.name == "copy.jpg"]
        project.edit.mark(copies, Mark.EXCLUDED)
        assert check(project).duplicates == ()


def test_notes_stand_above_the_table(tmp_path: Path) -> None:
    photos = draw_tree(tmp_path / "photos", {"": 3})
    names = sorted(file.name for file in photos.iterdir())
    table = tmp_path / "labels.csv"
    table.write_text("image,label,site\n" + "".join(f"{name},x,north\n" for name in names))
    with Project.create(tmp_path / "p", photos, labels=table) as project:
        ids = project.ids()
        project.edit.note(ids[:2], "site", "south")
        project.edit.note(ids[2:], "age", "61")
        project.edit.note(ids[1:2], "site", None)
        assert project.columns() == {
            "age": {"61": 1},
            "image": dict.fromkeys(names, 1),
            "label": {"x": 3},
            "site": {"north": 1, "south": 1},
        }
        table.write_text("image,label,site\n" + "".join(f"{name},x,west\n" for name in names))
        list(project.scan())
        assert [one.metadata.get("site") for one in project.images(ids)] == ["south", None, "west"]
        assert project.ids(Filter(values=(("site", "south"),))) == ids[:1]
        assert project.grouping.names(ColumnGroups("site")) == {ids[0]: "south", ids[2]: "west"}
        events = [(one.field, one.before, one.after) for one in project.history(ids[1])]
        assert events[1:] == [("noted:site", None, "south"), ("noted:site", "south", None)]
        for _ in range(3):
            project.edit.undo()
        assert [one.metadata.get("site") for one in project.images(ids)] == ["west"] * 3
        with pytest.raises(ProblemError, match="a column needs a name"):
            project.edit.note(ids, " ", "x")


def test_further_readers_do_not_touch_the_labels(path: Path) -> None:
    with Project.open(path) as project:
        a, b, _c = project.classes
        ids = project.ids()
        project.edit.read_as("Dr. Öz", ids[:3], a.id)
        project.edit.read_as("Dr. Öz", ids[2:5], b.id)
        project.edit.read_as("Ada", ids[:1], b.id)
        project.edit.read_as("Ada", ids[:1], None)
        assert project.readers() == ("Dr. Öz",)
        assert classes(project) == [("a", 4), ("b", 3), ("c", 2)]
        assert [(one.image_id, one.class_id, dict(one.others)) for one in project.readings()] == [
            (ids[0], a.id, {"Dr. Öz": a.id}),
            (ids[1], a.id, {"Dr. Öz": a.id}),
            (ids[2], a.id, {"Dr. Öz": b.id}),
            (ids[3], a.id, {"Dr. Öz": b.id}),
            (ids[4], b.id, {"Dr. Öz": b.id}),
        ]
        assert project.ids(Filter(reader="Dr. Öz", class_id=b.id)) == ids[2:5]
        assert project.ids(Filter(reader="Dr. Öz", unlabelled=True)) == ids[5:]
        project.edit.merge_classes(b.id, a.id)
        assert {one.others["Dr. Öz"] for one in project.readings()} == {a.id}
        project.edit.undo()
        project.edit.undo()
        project.edit.undo()
        project.edit.undo()
        assert project.images(ids[2:3])[0].readings == {"Dr. Öz": a.id}
        last = project.history(ids[2])[-1]
        assert (last.field, last.before, last.after) == ("reading:Dr. Öz", "b", "a")


def test_undo_brings_a_split_and_its_groups_back(path: Path) -> None:
    with Project.open(path) as project:
        project.split(by_group=FilenamePattern(r"(\d)\."))
        assert project.edit.undo_stack() == (), "there is nothing before the first split to go back to"
        first = state(project)
        project.split(by_group=FilenamePattern(r"^00([01])"), seed=5, shares=(0.4, 0.3, 0.3))
        second = state(project)
        assert first != second
    with Project.open(path) as project:
        project.edit.undo()
        assert state(project) == first
        project.edit.redo()
        assert state(project) == second


def test_images_that_came_later_join_the_split_that_came_back(path: Path) -> None:
    with Project.open(path) as project:
        project.split(shares=(1, 0, 0), keep_given=False)
        project.split(shares=(0.5, 0, 0.5), keep_given=False)
        draw_tree(path.parent / "photos", {"c": 6})
        list(project.scan())
        project.edit.undo()
        assert [project.count(Filter(split=one)) for one in Split] == [13, 0, 0]
        project.edit.redo()
        assert project.count(Filter(split=Split.TEST)) > 0
        assert sum(project.count(Filter(split=one)) for one in Split) == 13


def test_a_project_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    file = tmp_path / "old.tldesk" / "project.sqlite"
    with Project.create(tmp_path / "old", draw_tree(tmp_path / "photos", {"a": 2})):
        pass
    file.unlink()
    with closing(sqlite3.connect(file, isolation_level=None)) as old:
        for statement in MIGRATIONS[0]:
            old.execute(statement)
        old.execute("INSERT INTO sources (images) VALUES (?)", (str(tmp_path / "photos"),))
        old.execute("INSERT INTO classes VALUES (1, 'rust', 0, '#0072b2'), (2, 'mildew', 1, '#e69f00')")
        old.execute(
            "INSERT INTO images (source_id, path, size, mtime_ns, content, class_id) VALUES (1,'x',1,1,'c',2)"
        )
        old.execute(
            "INSERT INTO actions (at, author, how, verb, undoable) VALUES ('2026-01-01','i','person','x',1)"
        )
        old.execute("INSERT INTO events (action_id, image_id, before, after) VALUES (1, 1, 1, 2)")
        old.execute("PRAGMA application_id = 1953260651")
        old.execute("PRAGMA user_version = 1")
    with Project.open(tmp_path / "old") as project:
        assert [(one.name, one.position) for one in project.classes] == [("rust", 0), ("mildew", 1)]
        assert project.images(project.ids())[0].class_name == "mildew"
        project.edit.undo()
        assert project.images(project.ids())[0].class_name == "rust"
        project.edit.delete_class(1)
        assert project.images(project.ids())[0].class_name is None
    assert file.with_name("project-version-1.sqlite").is_file()


_PLACES = st.lists(st.integers(0, 3), min_size=1, max_size=4)
_STEPS = st.one_of(
    st.tuples(st.just("label"), _PLACES, st.integers(0, 4)),
    st.tuples(st.just("mark"), _PLACES, st.sampled_from(Mark), st.booleans()),
    st.tuples(st.just("note"), _PLACES, st.sampled_from("xy"), st.sampled_from(["1", 'a"b', None])),
    st.tuples(st.just("read"), _PLACES, st.integers(0, 4)),
    st.tuples(st.just("add")),
    st.tuples(st.just("rename"), st.integers(0, 3), st.sampled_from("pqr")),
    st.tuples(st.just("move"), st.integers(0, 3), st.integers(0, 3)),
    st.tuples(st.just("merge"), st.integers(0, 3), st.integers(0, 3)),
    st.tuples(st.just("delete"), st.integers(0, 3)),
    st.tuples(st.just("split"), st.integers(0, 3)),
    st.tuples(st.sampled_from(["undo", "undo", "redo", "reopen"])),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_STEPS, max_size=20))
def test_any_sequence_of_edits_agrees_with_a_plain_list_of_states(
    steps: list[tuple[object, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("edits")
    project = Project.create(root / "p", draw_tree(root / "flat", {"a": 2, "b": 2}))
    project.split()
    states, here = [state(project)], 0
    for step in steps:
        if step == ("undo",):
            assert (project.edit.undo() is None) == (here == 0)
            here = max(0, here - 1)
        elif step == ("redo",):
            assert (project.edit.redo() is None) == (here == len(states) - 1)
            here = min(len(states) - 1, here + 1)
        elif step == ("reopen",):
            project.close()
            project = Project.open(root / "p")
        elif _do(project, *step):
            here += 1
            states = [*states[:here], state(project)]
        assert state(project) == states[here]
        assert len(project.edit.undo_stack()) == here
        assert len(project.edit.redo_stack()) == len(states) - 1 - here
    project.close()


def _do(project: Project, what: object, *args: object) -> bool:
    """Do one step; whether it was an edit and not refused."""
    edit, there = project.edit, project.classes

    def ids() -> list[int]:
        every = project.ids()
        return [every[place] for place in args[0]]  # type: ignore[attr-defined]

    def number(place: object) -> int | None:
        return there[int(str(place))].id if int(str(place)) < len(there) else None

    def some(place: object) -> int:
        return number(place) or 0

    steps: dict[object, Callable[[], object]] = {
        "label": lambda: edit.label(ids(), number(args[1])),
        "mark": lambda: edit.mark(ids(), Mark(str(args[1])), on=bool(args[2])),
        "note": lambda: edit.note(ids(), str(args[1]), None if args[2] is None else str(args[2])),
        "read": lambda: edit.read_as("R", ids(), number(args[1])),
        "add": lambda: edit.add_class(f"n{len(there)}"),
        "rename": lambda: edit.rename_class(some(args[0]), str(args[1])),
        "move": lambda: edit.move_class(some(args[0]), int(str(args[1]))),
        "merge": lambda: edit.merge_classes(some(args[0]), some(args[1])),
        "delete": lambda: edit.delete_class(some(args[0])),
        "split": lambda: project.split(seed=int(str(args[0]))),
    }
    try:
        steps[what]()
    except ProblemError:
        return False
    return True
