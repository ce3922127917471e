"""The writing lane: the order of the calls, errors, and that nothing is lost when the window closes."""

from __future__ import annotations

import threading

import pytest

from tldesk.ui.lane.tasks import Tasks


@pytest.fixture
def tasks(qtbot):
    made = Tasks()
    yield made
    made.shutdown()


def test_calls_are_made_one_after_the_other_on_one_other_thread(tasks, qtbot):
    made, told, threads = [], [], set()

    def call(number):
        threads.add(threading.get_ident())
        made.append(number)
        return number

    for number in range(100):
        tasks.write(lambda n=number: call(n), on_done=told.append)
    assert tasks.writing
    qtbot.waitUntil(lambda: not tasks.writing)
    assert made == told == list(range(100))
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_results_arrive_on_the_interface_thread_and_count_as_pending_until_then(tasks, qtbot):
    heard = []
    tasks.write(lambda: 1, on_done=lambda _one: heard.append((threading.get_ident(), tasks.writing)))
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == [(threading.get_ident(), False)]


def test_an_error_goes_to_whoever_wrote_or_to_the_window_and_the_next_call_is_made(tasks, qtbot):
    def fail():
        raise ValueError("no")

    own, shown, done = [], [], []
    tasks.failed.connect(lambda title, error: shown.append((title, str(error))))
    tasks.write(fail, on_failed=own.append)
    tasks.write(fail)
    tasks.write(lambda: 3, on_done=done.append)
    qtbot.waitUntil(lambda: not tasks.writing)
    assert [str(error) for error in own] == ["no"]
    assert shown == [("", "no")]
    assert done == [3]


def test_shutdown_waits_for_all_that_was_asked_for_and_delivers_nothing(tasks, qtbot):
    go_on, made, told = threading.Event(), [], []
    tasks.write(lambda: go_on.wait(10), on_done=told.append)
    for number in range(5):
        tasks.write(lambda n=number: made.append(n), on_done=told.append)
    go_on.set()
    tasks.shutdown()
    qtbot.wait(20)
    assert made == [0, 1, 2, 3, 4]
    assert told == []
    assert not tasks.writing
