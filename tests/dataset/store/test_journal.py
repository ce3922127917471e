"""Labels, their history, undo and redo: across restarts, after a kill, against two plain stacks."""

from __future__ import annotations

import getpass
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dataset_pictures import draw_tree

from tldesk.base import ProblemError
from tldesk.dataset import Filter, Project


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A project of four unlabelled images with the classes a, b and c."""
    folder = draw_tree(tmp_path / "flat", {"": 4})
    with Project.create(tmp_path / "flat", folder) as project:
        for name in "abc":
            project.edit.add_class(name)
        return project.path


def names(project: Project) -> list[str | None]:
    return [image.class_name for image in project.images(project.ids())]


def done(project: Project) -> list[str]:
    """The verbs on the undo stack, after those that made the classes."""
    verbs = [action.verb for action in project.edit.undo_stack()]
    assert verbs[:3] == ["Add class a", "Add class b", "Add class c"]
    return verbs[3:]


def test_label_undo_redo(path: Path) -> None:
    with Project.open(path) as project:
        ids = project.ids()
        a, b, _ = project.classes
        first = project.edit.label(ids[:3], a.id)
        second = project.edit.label(ids[2:], b.id, verb="Mark two as b")
        assert names(project) == ["a", "a", "b", "b"]
        assert done(project) == ["Label 3 images as a", "Mark two as b"]
        assert project.edit.undo() == second
        assert names(project) == ["a", "a", "a", None]
        assert project.edit.undo() == first
        assert names(project) == [None] * 4
        assert done(project) == []
        assert project.edit.redo_stack() == (second, first)
        assert project.edit.redo() == first
        project.edit.label([ids[0]], None)
        assert project.edit.redo_stack() == ()
        assert project.edit.redo() is None
        assert names(project) == [None, "a", "a", None]


def test_undo_and_redo_survive_a_restart(path: Path) -> None:
    with Project.open(path) as project:
        ids = project.ids()
        for one in project.classes:
            project.edit.label(ids, one.id)
        project.edit.undo()
        stacks = project.edit.undo_stack(), project.edit.redo_stack()
    with Project.open(path) as project:
        assert (project.edit.undo_stack(), project.edit.redo_stack()) == stacks
        assert [len(stack) for stack in stacks] == [5, 1]
        project.edit.undo()
        assert names(project) == ["a"] * 4
        project.edit.redo()
        project.edit.redo()
        assert names(project) == ["c"] * 4


def test_history_tells_who_when_how_and_from_what_to_what(path: Path) -> None:
    with Project.open(path) as project:
        (number, *_) = project.ids()
        a, b, _ = project.classes
        project.edit.label([number], a.id)
        project.edit.label([number], b.id, author="Dr. Öz")
        project.edit.undo()
        project.edit.redo()
        project.edit.label([number], None)
        events = project.history(number)
    assert [(event.how, event.before, event.after) for event in events] == [
        ("person", None, "a"),
        ("person", "a", "b"),
        ("undo", "b", "a"),
        ("redo", "a", "b"),
        ("person", "b", None),
    ]
    assert events[1].author == "Dr. Öz"
    assert events[0].author == getpass.getuser()
    assert events[2].verb == "Undo: Label 1 image as b"
    assert all(timedelta() <= datetime.now(UTC) - event.at < timedelta(minutes=5) for event in events)


def test_the_author_without_a_login_name(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LOGNAME", "field station")
    with Project.open(path) as project:
        project.edit.label(project.ids(), project.classes[0].id)
        assert project.history(project.ids()[0])[0].author == "field station"


def test_the_journal_can_only_be_added_to(path: Path) -> None:
    with Project.open(path) as project:
        project.edit.label(project.ids(), project.classes[0].id)
    connection = sqlite3.connect(path / "project.sqlite")
    for statement in ("DELETE FROM events", "UPDATE events SET after = NULL", "DELETE FROM actions"):
        with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
            connection.execute(statement)
    connection.close()


def test_what_cannot_be_labelled_is_refused_whole(path: Path) -> None:
    with Project.open(path) as project:
        ids = project.ids()
        with pytest.raises(ProblemError, match="no class number 99"):
            project.edit.label(ids, 99)
        with pytest.raises(ProblemError, match="no image number 12345"):
            project.edit.label([*ids, 12345], project.classes[0].id)
        with pytest.raises(ProblemError, match="Choose at least one"):
            project.edit.label([], project.classes[0].id)
        assert names(project) == [None] * 4
        assert done(project) == []


def test_an_image_named_twice_is_labelled_once(path: Path) -> None:
    with Project.open(path) as project:
        (first, *_) = project.ids()
        action = project.edit.label([first, first], project.classes[0].id)
        assert action.image_ids == (first,)
        assert len(project.history(first)) == 1


def test_classes_have_an_order_colours_and_names_of_their_own(path: Path) -> None:
    with Project.open(path) as project:
        a, b, c = project.classes
        assert [a.position, b.position, c.position] == [0, 1, 2]
        assert len({a.colour, b.colour, c.colour}) == 3
        project.edit.label(project.ids(), b.id)
        project.edit.rename_class(b.id, " Rost ")
        assert names(project) == ["Rost"] * 4
        assert project.classes[1].colour == b.colour
        for name, words in (("a", "already"), ("  ", "needs a name")):
            with pytest.raises(ProblemError, match=words):
                project.edit.add_class(name)
            with pytest.raises(ProblemError, match=words):
                project.edit.rename_class(c.id, name)
        with pytest.raises(ProblemError, match="no class number 99"):
            project.edit.rename_class(99, "x")


LOOP = """
import itertools, sys
from tldesk.dataset import Project
project = Project.open(sys.argv[1])
ids, classes = project.ids(), project.classes
for number in itertools.count():
    project.edit.label(ids, classes[number % 3].id, verb=str(number))
    print(number, flush=True)
"""


def test_a_killed_process_loses_nothing_it_had_finished(path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", LOOP, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = -1
    while said < 25:
        said = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split()
    process.wait()
    process.stdout.close()
    said = int(rest[-1]) if rest and rest[-1].isdecimal() else said
    with Project.open(path) as project:
        verbs = done(project)
        assert verbs == [str(number) for number in range(len(verbs))]
        assert said < len(verbs) <= said + 3, "all that was reported, at most what was being written"
        last = "abc"[(len(verbs) - 1) % 3]
        assert names(project) == [last] * 4
        assert project.edit.undo() is not None
        assert names(project) == ["abc"[(len(verbs) - 2) % 3]] * 4


def test_two_threads_read_whole_actions_while_one_writes(path: Path) -> None:
    seen: list[set[str | None]] = []
    errors: list[BaseException] = []
    over = threading.Event()

    def read() -> None:
        try:
            while not over.is_set():
                seen.append({image.class_name for image in project.images(project.ids(Filter()))})
        except BaseException as error:  # noqa: BLE001 - told to the main thread
            errors.append(error)

    with Project.open(path) as project:
        ids, classes = project.ids(), project.classes
        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        for number in range(60):
            project.edit.label(ids, classes[number % 3].id)
        over.set()
        for reader in readers:
            reader.join()
    assert errors == []
    assert seen
    assert all(len(found) == 1 for found in seen), "an action is seen whole or not at all"
    with pytest.raises(ProblemError, match="closed"):
        project.count()
