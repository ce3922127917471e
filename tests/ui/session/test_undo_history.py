"""Edits and their undo: the few at once, the many on another thread, in order and none lost."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtWidgets import QMessageBox

from tldesk.base import Problem, ProblemError
from tldesk.dataset import Filter, Project
from tldesk.ui.lane.preparing import Preparer
from tldesk.ui.session.operation_changes import OperationChanges
from tldesk.ui.session.undo_history import FEW

MANY = 20_000
SOME = 2 * FEW  # enough for an edit on another thread


@pytest.fixture
def open_with(window, project, qtbot, monkeypatch):
    """Opens the leaves and this many more images that are only rows of the database: none can be prepared."""
    monkeypatch.setattr(Preparer, "look", lambda *_project_and_cache: None)

    def opened(rows):
        with project._database.write() as connection:
            connection.execute(
                """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                INSERT INTO images (source_id, path, size, mtime_ns, content, class_id)
                SELECT 1, 'drawn/' || i || '.jpg', 1, 1, 'c' || i, 1 FROM n""",
                (rows,),
            )
        window.session.open_project(project.path)
        qtbot.waitUntil(lambda: window.session.project is not None, timeout=20_000)
        return window.session

    return opened


@pytest.fixture
def session(open_with):
    return open_with(SOME)


@pytest.fixture
def calls(session, monkeypatch):
    return calls_on(session, monkeypatch)


def calls_on(session, monkeypatch):
    """Which thread made which call on the project, in order; ``gate`` holds the writing thread."""
    made = Calls()
    edit = type(session.project.edit)
    for name in ("label", "mark", "undo", "redo"):
        monkeypatch.setattr(edit, name, made.watched(name, getattr(edit, name)))
    return made


class Calls(list):
    def __init__(self):
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()

    def watched(self, name, method):
        def call(*args, **kwargs):
            at_once = threading.current_thread() is threading.main_thread()
            if not at_once:
                assert self.gate.wait(30)
            self.append((name, "at once" if at_once else "in the lane"))
            return method(*args, **kwargs)

        return call


def of_class(session, place):
    return session.project.count(Filter(class_id=session.project.classes[place].id))


def label(session, ids, place):
    number = session.project.classes[place].id
    session.change(
        f"Label {len(ids)}", lambda edit: edit.label(ids, number), OperationChanges(labels=tuple(ids))
    )


def pending(session, qtbot):
    qtbot.waitUntil(lambda: not session.tasks.writing, timeout=60_000)


def test_20_000_labels_are_given_undone_and_redone_on_another_thread(open_with, monkeypatch, qtbot):
    session = open_with(MANY)
    calls = calls_on(session, monkeypatch)
    ids, told = session.project.ids(), []
    session.labelsChanged.connect(told.append)
    label(session, ids, 1)
    assert not told, "it is told once it is done"
    qtbot.waitUntil(lambda: told == [tuple(ids)], timeout=60_000)
    assert of_class(session, 1) == len(ids)
    session.undo_stack.undo()
    session.undo_stack.redo()
    pending(session, qtbot)
    assert of_class(session, 1) == len(ids)
    session.undo_stack.undo()
    pending(session, qtbot)
    assert of_class(session, 1) == 20
    assert calls == [(name, "in the lane") for name in ("label", "undo", "redo", "undo")]
    assert len(told) == 4


def test_few_labels_are_given_at_once_and_told_at_once(session, calls, qtbot):
    ids, told = session.project.ids()[:FEW], []
    session.labelsChanged.connect(told.append)
    label(session, ids, 1)
    assert told == [tuple(ids)]
    session.undo_stack.undo()
    assert calls == [("label", "at once"), ("undo", "at once")]
    assert len(told) == 2


def test_what_is_typed_while_many_are_pending_follows_in_order(session, calls, qtbot):
    ids = session.project.ids()
    calls.gate.clear()
    label(session, ids, 1)
    for image in ids[:5]:
        label(session, [image], 0)  # typed at once after it
    session.undo_stack.undo()
    assert calls == []
    calls.gate.set()
    pending(session, qtbot)
    assert calls == [("label", "in the lane")] * 6 + [("undo", "in the lane")]
    classes = [session.project.image(image).class_name for image in ids[:6]]
    assert classes == ["healthy"] * 4 + ["rust"] * 2
    label(session, ids[5:6], 0)
    assert calls[-1] == ("label", "at once")
    assert session.undo_stack.count() == 6


def test_undo_of_a_pending_edit_leaves_nothing_of_it(session, calls, qtbot):
    calls.gate.clear()
    label(session, session.project.ids(), 1)
    session.undo_stack.undo()
    calls.gate.set()
    pending(session, qtbot)
    assert of_class(session, 1) == 20
    assert session.undo_stack.canRedo()
    assert not session.undo_stack.canUndo()


def test_an_edit_of_many_that_is_refused_gives_one_message_and_leaves_the_stack(session, window, qtbot):
    def refuse(_edit):
        raise ProblemError(Problem("label", "this cannot be", "Do something else"))

    ids = tuple(session.project.ids())
    label(session, ids[:1], 1)
    shown = []
    session.tasks.failed.connect(lambda _title, error: shown.append(str(error)))
    session.change("Refused", refuse, OperationChanges(labels=ids))
    session.undo_stack.undo()  # of what was never done
    label(session, ids[1:2], 1)
    pending(session, qtbot)
    assert len(shown) == 1
    assert "this cannot be" in shown[0]
    qtbot.waitUntil(lambda: session.undo_stack.undoText() == "Label 1 image as rust")
    assert session.undo_stack.count() == 2
    session.undo_stack.undo()
    session.undo_stack.undo()
    assert of_class(session, 1) == 20
    for box in window.findChildren(QMessageBox):
        box.close()


def test_an_edit_of_few_that_is_refused_leaves_the_stack_at_once(session, window, qtbot):
    session.change(
        "Label", lambda edit: edit.label([999_999_999], 1), OperationChanges(labels=(999_999_999,))
    )
    assert session.undo_stack.count() == 0
    for box in window.findChildren(QMessageBox):
        box.close()


@pytest.mark.parametrize("how", ["project", "window"])
def test_closing_loses_no_pending_edit(session, window, calls, how, qtbot):
    path, ids = session.project.path, session.project.ids()
    calls.gate.clear()
    label(session, ids, 1)
    label(session, ids[:1], 0)
    threading.Timer(0.2, calls.gate.set).start()
    if how == "project":
        session.close_project()
        assert session.project is None
        pending(session, qtbot)
    else:
        window.close()
    with Project.open(path) as again:
        rust = again.classes[1].id
        assert again.count(Filter(class_id=rust)) == len(ids) - 1


def test_an_edit_told_after_another_project_was_opened_is_not_taken_for_one_of_it(
    session, calls, tmp_path, qtbot
):
    told = []
    calls.gate.clear()
    label(session, session.project.ids(), 1)
    Project.create(tmp_path / "other.tldesk").close()
    session.open_project(tmp_path / "other.tldesk")
    qtbot.waitUntil(lambda: session.project.path.name == "other.tldesk")
    session.labelsChanged.connect(told.append)
    calls.gate.set()
    pending(session, qtbot)
    assert told == []
    assert session.undo_stack.count() == 0


def test_a_wide_action_of_an_earlier_session_is_undone_in_the_lane(session, calls, qtbot):
    session.project.edit.label(session.project.ids(), session.project.classes[1].id)
    session.history.look_elsewhere()
    qtbot.waitUntil(lambda: session.undo_stack.count() == 1, timeout=20_000)
    calls.clear()
    session.undo_stack.undo()
    pending(session, qtbot)
    assert calls == [("undo", "in the lane")]
    assert of_class(session, 1) == 20


def test_an_operation_says_what_it_changed_and_the_session_tells(session):
    heard = []
    for name in ("labelsChanged", "imagesChanged", "runsChanged", "weightsChanged"):
        getattr(session, name).connect(lambda *values, n=name: heard.append((n, *values)))
    session.tell(OperationChanges())
    session.tell(OperationChanges(labels=(1, 2)))
    session.tell(OperationChanges(images=True, classes=True))
    session.tell(OperationChanges(runs=True, weights=True))
    assert heard == [("labelsChanged", (1, 2)), ("imagesChanged",), ("runsChanged",), ("weightsChanged",)]


@pytest.mark.parametrize("name", ["project", "recipe", "run", "model", "selection", "device", "scanning"])
def test_pages_can_read_the_state_but_not_write_it(session, name):
    with pytest.raises(AttributeError):
        setattr(session, name, None)
