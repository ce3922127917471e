"""What stands behind waits for what is waited for, but not for ever."""

from __future__ import annotations

import threading
import time

import pytest

from tldesk.base import ClosedProjectError, Problem
from tldesk.ui.lane import reading_pool
from tldesk.ui.lane.tasks import Tasks


@pytest.fixture
def tasks(qtbot):
    made = Tasks()
    yield made
    made.shutdown()


def test_what_stands_behind_begins_after_everything_else_ended(tasks, qtbot):
    seen, first = [], threading.Event()
    tasks.read(lambda: seen.append("counts"), behind=True)
    tasks.read(lambda: first.wait(10), on_done=lambda _done: tasks.read(lambda: seen.append("next")))
    qtbot.wait(300)
    assert seen == []  # a thread of the pool is free all the time
    first.set()
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen == ["next", "counts"]


def test_one_thread_stays_free_for_what_is_waited_for(tasks, qtbot):
    together, most, seen = 0, 0, []
    lock, end = threading.Lock(), threading.Event()

    def slow():
        nonlocal together, most
        with lock:
            together += 1
            most = max(most, together)
        end.wait(10)
        with lock:
            together -= 1

    for _each in range(3):
        tasks.read(slow, on_done=lambda _done: seen.append("slow"), behind=True)
    qtbot.waitUntil(lambda: together == 1)
    tasks.read(lambda: None, on_done=lambda _done: seen.append("image"))
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == ["image"]
    end.set()
    qtbot.waitUntil(lambda: len(seen) == 4)
    assert most == 1


def test_where_it_is_never_quiet_it_begins_all_the_same(tasks, qtbot, monkeypatch):
    monkeypatch.setattr(reading_pool, "_LONGEST_WAIT", 0.3)
    seen = []

    def again(_done=None):
        if not seen:
            tasks.read(lambda: time.sleep(0.01), on_done=again)

    again()
    tasks.read(lambda: seen.append("counts"), behind=True)
    qtbot.waitUntil(lambda: bool(seen))


def test_what_was_let_go_while_it_stood_behind_never_begins(tasks, qtbot):
    seen = []
    tasks.read(lambda: seen.append("dropped"), behind=True).cancel()
    tasks.read(lambda: seen.append("kept"), behind=True)
    qtbot.waitUntil(lambda: seen == ["kept"])


def test_an_error_behind_is_told_and_the_next_still_comes(tasks, qtbot):
    seen = []

    def fail():
        raise RuntimeError("no such table")

    tasks.read(lambda: seen.append("next"), behind=True)
    with qtbot.waitSignal(tasks.failed) as told:
        tasks.read(fail, behind=True)
    assert str(told.args[1]) == "no such table"
    assert seen == ["next"]
    tasks.read(lambda: seen.append("after"), behind=True)
    qtbot.waitUntil(lambda: seen == ["next", "after"])


def test_what_stands_behind_at_the_end_is_forgotten(qtbot):
    seen = []
    tasks = Tasks()
    tasks.read(lambda: seen.append("too late"), behind=True)
    tasks.shutdown()
    qtbot.wait(300)
    assert seen == []


def test_a_project_that_was_closed_meanwhile_tells_nobody(tasks, qtbot):
    def closed():
        raise ClosedProjectError(Problem("p", "the project was closed", "Open it again"))

    told = []
    tasks.read(closed, on_failed=told.append)
    tasks.failed.connect(lambda *_: told.append("window"))
    tasks.read(closed)
    tasks.read(lambda: 1 / 0, on_failed=lambda _error: told.append("another failure"))
    qtbot.waitUntil(lambda: bool(told))
    assert told == ["another failure"]
