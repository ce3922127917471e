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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tldesk.base import ProblemError
from tldesk.dataset import Filter, Project


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A project of four unlabelled images with the classes a, b and c."""
    folder = draw_tree(tmp_path / "flat", {"": 4})
    with Project.create(tmp_path / "flat", folder) as project:
        for name in "abc":
            project.add_class(name)
        return project.path


def names(project: Project) -> list[str | None]:
    return [image.class_name for image in project.images(project.ids())]


def test_label_undo_redo(path: Path) -> None:
    with Project.open(path) as project:
        ids = project.ids()
        a, b, _ = project.classes()
        first = project.label(ids[:3], a.id)
        second = project.label(ids[2:], b.id, verb="Mark two as b")
        assert names(project) == ["a", "a", "b", "b"]
        assert [action.verb for action in project.undo_stack()] == ["Label 3 images as a", "Mark two as b"]
        assert project.undo() == second
        assert names(project) == ["a", "a", "a", None]
        assert project.undo() == first
        assert names(project) == [None] * 4
        assert project.undo() is None
        assert project.redo_stack() == (second, first)
        assert project.redo() == first
        project.label([ids[0]], None)
        assert project.redo_stack() == ()
        assert project.redo() is None
        assert names(project) == [None, "a", "a", None]


def test_undo_and_redo_survive_a_restart(path: Path) -> None:
    with Project.open(path) as project:
        ids = project.ids()
        for one in project.classes():
            project.label(ids, one.id)
        project.undo()
        stacks = project.undo_stack(), project.redo_stack()
    with Project.open(path) as project:
        assert (project.undo_stack(), project.redo_stack()) == stacks
        assert [len(stack) for stack in stacks] == [2, 1]
        project.undo()
        assert names(project) == ["a"] * 4
        project.redo()
        project.redo()
        assert names(project) == ["c"] * 4


def test_history_tells_who_when_how_and_from_what_to_what(path: Path) -> None:
    with Project.open(path) as project:
        (number, *_) = project.ids()
        a, b, _ = project.classes()
        project.label([number], a.id)
        project.label([number], b.id, author="Dr. Öz")
        project.undo()
        project.redo()
        project.label([number], None)
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
        project.label(project.ids(), project.classes()[0].id)
        assert project.history(project.ids()[0])[0].author == "field station"


def test_the_journal_can_only_be_added_to(path: Path) -> None:
    with Project.open(path) as project:
        project.label(project.ids(), project.classes()[0].id)
    connection = sqlite3.connect(path / "project.sqlite")
    for statement in ("DELETE FROM events", "UPDATE events SET after = NULL", "DELETE FROM actions"):
        with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
            connection.execute(statement)
    connection.close()


def test_what_cannot_be_labelled_is_refused_whole(path: Path) -> None:
    with Project.open(path) as project:
        ids = project.ids()
        with pytest.raises(ProblemError, match="no class number 99"):
            project.label(ids, 99)
        with pytest.raises(ProblemError, match="no image number 12345"):
            project.label([*ids, 12345], project.classes()[0].id)
        with pytest.raises(ProblemError, match="Choose at least one"):
            project.label([], project.classes()[0].id)
        assert names(project) == [None] * 4
        assert project.undo_stack() == ()


def test_an_image_named_twice_is_labelled_once(path: Path) -> None:
    with Project.open(path) as project:
        (first, *_) = project.ids()
        action = project.label([first, first], project.classes()[0].id)
        assert action.image_ids == (first,)
        assert len(project.history(first)) == 1


def test_classes_have_an_order_colours_and_names_of_their_own(path: Path) -> None:
    with Project.open(path) as project:
        a, b, c = project.classes()
        assert [a.position, b.position, c.position] == [0, 1, 2]
        assert len({a.colour, b.colour, c.colour}) == 3
        project.label(project.ids(), b.id)
        project.rename_class(b.id, " Rost ")
        assert names(project) == ["Rost"] * 4
        assert project.classes()[1].colour == b.colour
        for name, words in (("a", "already"), ("  ", "needs a name")):
            with pytest.raises(ProblemError, match=words):
                project.add_class(name)
            with pytest.raises(ProblemError, match=words):
                project.rename_class(c.id, name)
        with pytest.raises(ProblemError, match="no class number 99"):
            project.rename_class(99, "x")


Step = st.one_of(
    st.tuples(st.lists(st.integers(0, 3), min_size=1, max_size=4), st.integers(0, 3)),
    st.sampled_from(["undo", "redo", "reopen"]),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(Step, max_size=14))
def test_any_sequence_agrees_with_two_plain_stacks(
    steps: list[object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("journal")
    project = Project.create(root / "p", draw_tree(root / "flat", {"": 4}))
    ids, classes = project.ids(), [None, *(project.add_class(name).id for name in "abc")]
    states: list[list[int | None]] = [[None] * 4]
    here = 0
    for step in steps:
        if step == "undo":
            assert (project.undo() is None) == (here == 0)
            here = max(0, here - 1)
        elif step == "redo":
            assert (project.redo() is None) == (here == len(states) - 1)
            here = min(len(states) - 1, here + 1)
        elif step == "reopen":
            project.close()
            project = Project.open(root / "p")
        elif isinstance(step, tuple):
            places, choice = step
            project.label([ids[place] for place in places], classes[choice])
            state = [classes[choice] if place in places else old for place, old in enumerate(states[here])]
            states = [*states[: here + 1], state]
            here += 1
        assert [image.class_id for image in project.images(ids)] == states[here]
        assert len(project.undo_stack()) == here
        assert len(project.redo_stack()) == len(states) - 1 - here
    project.close()


LOOP = """
import itertools, sys
from tldesk.dataset import Project
project = Project.open(sys.argv[1])
ids, classes = project.ids(), project.classes()
for number in itertools.count():
    project.label(ids, classes[number % 3].id, verb=str(number))
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
        done = [action.verb for action in project.undo_stack()]
        assert done == [str(number) for number in range(len(done))]
        assert said < len(done) <= said + 3, "all that was reported, at most what was being written"
        last = "abc"[(len(done) - 1) % 3]
        assert names(project) == [last] * 4
        assert project.undo() is not None
        assert names(project) == ["abc"[(len(done) - 2) % 3]] * 4


def test_two_threads_read_whole_actions_while_one_writes(path: Path) -> None:
    seen: list[set[str | None]] = []
    errors: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                seen.append({image.class_name for image in project.images(project.ids(Filter()))})
        except BaseException as error:  # noqa: BLE001 - told to the main thread
            errors.append(error)

    with Project.open(path) as project:
        ids, classes = project.ids(), project.classes()
        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        for number in range(60):
            project.label(ids, classes[number % 3].id)
        done.set()
        for reader in readers:
            reader.join()
    assert errors == []
    assert seen
    assert all(len(found) == 1 for found in seen), "an action is seen whole or not at all"
    with pytest.raises(ProblemError, match="closed"):
        project.count()
