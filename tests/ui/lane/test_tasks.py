"""Threads: order, errors, silence after cancel, a quick interface thread, nothing left running."""

from __future__ import annotations

import os
import sys
import threading
import time

import pytest
from PySide6.QtCore import QThread, QTimer

from tldesk.base import Progress
from tldesk.ui.lane.tasks import Tasks


@pytest.fixture
def tasks(qtbot):
    made = Tasks()
    yield made
    made.shutdown()


def test_events_arrive_in_order_on_the_interface_thread_and_then_done(tasks, qtbot):
    seen = []
    here = threading.get_ident()
    numbers = lambda _stop: iter(range(500))  # noqa: E731
    with qtbot.waitSignal(tasks.taskFinished):
        tasks.stream(
            "count",
            numbers,
            on_event=lambda event: seen.append((event, threading.get_ident())),
            on_done=lambda: seen.append(("done", threading.get_ident())),
        )
    assert [event for event, _thread in seen] == [*range(500), "done"]
    assert {thread for _event, thread in seen} == {here}


def test_the_generator_runs_on_another_thread_with_lower_priority(tasks, qtbot):
    facts = {}

    def look(_stop):
        facts["thread"] = threading.get_ident()
        facts["niceness"] = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        yield None

    with qtbot.waitSignal(tasks.taskFinished):
        tasks.stream("look", look)
    assert facts["thread"] != threading.get_ident()
    if sys.platform == "linux":
        assert facts["niceness"] > os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.parametrize("error", [RuntimeError("CUDA out of memory"), ValueError("no"), MemoryError()])
def test_an_error_arrives_after_the_events_before_it(tasks, qtbot, error):
    seen = []

    def fail(_stop):
        yield 1
        raise error

    with qtbot.waitSignal(tasks.taskFinished):
        task = tasks.stream(
            "fail", fail, on_event=seen.append, on_failed=seen.append, on_done=lambda: seen.append(0)
        )
    assert seen == [1, error]
    assert task.state == "failed"


def test_an_error_that_nobody_takes_is_told_to_the_window(tasks, qtbot):
    def fail():
        raise RuntimeError("broken")

    with qtbot.waitSignal(tasks.failed) as told:
        tasks.compute("Counting", fail)
    assert told.args[0] == "Counting"
    assert str(told.args[1]) == "broken"
    with qtbot.waitSignal(tasks.failed) as told:
        tasks.read(fail)
    assert str(told.args[1]) == "broken"


def test_stop_ends_it_soon_closes_the_generator_and_says_stopped_once(tasks, qtbot):
    seen = []

    def forever(stop):
        try:
            while not stop.is_set():
                yield "event"
                time.sleep(0.001)
            yield "kept the best"
        finally:
            seen.append("closed")

    with qtbot.waitSignal(tasks.taskFinished):
        task = tasks.stream(
            "run",
            forever,
            on_event=seen.append,
            on_stopped=lambda: seen.append("stopped"),
            on_done=lambda: seen.append("done"),
        )
        QTimer.singleShot(30, task.stop)
    assert seen[-1] == "stopped"
    assert "kept the best" in seen
    assert seen.count("closed") == 1
    assert "done" not in seen


def test_a_cancelled_task_is_silent_at_once_although_events_are_on_their_way(tasks, qtbot):
    seen = []

    def many(_stop):
        yield from range(10_000)

    def first(event):
        seen.append(event)
        task.cancel()

    with qtbot.waitSignal(tasks.taskFinished):
        task = tasks.stream("many", many, on_event=first, on_stopped=lambda: seen.append("stopped"))
    assert seen == [0]


def test_a_task_stopped_while_it_waits_never_begins(tasks, qtbot):
    begun, ended = [], []
    go_on = threading.Event()

    def wait(_stop):
        yield go_on.wait(10)

    tasks.stream("first", wait)
    second = tasks.stream(
        "second", lambda _stop: iter(begun.append(1) or []), on_stopped=lambda: ended.append(1)
    )
    assert [task.title for task in tasks.active()] == ["first", "second"]
    second.stop()
    go_on.set()
    qtbot.waitUntil(lambda: not tasks.busy)
    assert not begun
    assert ended == [1]


def test_tasks_of_the_lane_run_one_after_the_other(tasks, qtbot):
    running, most = [], []

    def work(_stop):
        running.append(1)
        most.append(len(running))
        time.sleep(0.01)
        running.pop()
        yield None

    for _ in range(5):
        tasks.stream("work", work)
    qtbot.waitUntil(lambda: not tasks.busy)
    assert most == [1] * 5


def test_reading_goes_on_while_the_lane_computes_and_a_cancelled_answer_is_dropped(tasks, qtbot):
    go_on = threading.Event()
    seen = []
    tasks.stream("long", lambda _stop: iter([go_on.wait(10)]))
    dropped = tasks.read(lambda: "dropped", on_done=seen.append)
    dropped.cancel()
    tasks.read(lambda: "kept", on_done=seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert tasks.busy
    go_on.set()
    qtbot.waitUntil(lambda: not tasks.busy)
    assert seen == ["kept"]


def test_progress_events_are_the_tasks_progress(tasks, qtbot):
    shown = []

    def scan(_stop):
        yield Progress("Reading pictures", 3, 12, 4.5)

    task = tasks.stream("scan", scan)
    task.progressed.connect(lambda: shown.append((task.text, task.done, task.total, task.seconds_left)))
    with qtbot.waitSignal(tasks.taskFinished):
        pass
    assert shown == [("Reading pictures", 3, 12, 4.5)]


def test_a_flood_of_events_does_not_hold_up_the_interface_thread(tasks, qtbot):
    """100,000 events with a costly handler: timers must come round between them, again and again."""
    handled, beats = [], []
    probe = QTimer()
    probe.setInterval(5)
    probe.timeout.connect(lambda: beats.append(len(handled)))
    probe.start()

    def handle(event):
        handled.append(event)
        sum(range(200))

    with qtbot.waitSignal(tasks.taskFinished, timeout=60_000):
        tasks.stream("flood", lambda _stop: iter(range(100_000)), on_event=handle)
    probe.stop()
    assert handled == list(range(100_000))
    between = {number for number in beats if 0 < number < 100_000}
    assert len(between) >= 5, "the interface thread was free while events waited"


def test_shutdown_stops_waits_and_delivers_nothing(qtbot):
    tasks = Tasks()
    closed, heard = [], []

    def forever(stop):
        try:
            while not stop.wait(0.005):
                yield 1
        finally:
            closed.append(True)

    tasks.stream("run", forever, on_event=heard.append, on_stopped=lambda: heard.append("stopped"))
    tasks.stream("waiting", forever)
    qtbot.waitUntil(lambda: bool(heard))
    tasks.shutdown()
    number = len(heard)
    qtbot.wait(50)
    assert closed == [True]
    assert len(heard) == number
    assert not any(child.isRunning() for child in tasks.findChildren(QThread))
    tasks.shutdown()


# --- in the background ---


def counting(log, name, number=10**6):
    """Counts, going on where it was; notes when it begins and ends."""
    state = iter(range(number))

    def make(stop):
        log.append(f"{name} begins")
        for each in state:
            if stop.wait(0.002):
                break
            yield each
        log.append(f"{name} ends")

    return make


def test_a_background_task_makes_way_and_goes_on_later(tasks, qtbot):
    log, seen = [], []
    back = tasks.stream(
        "back",
        counting(log, "back", 60),
        on_event=seen.append,
        on_done=lambda: log.append("back done"),
        on_stopped=lambda: log.append("back stopped"),
        background=True,
    )
    qtbot.waitUntil(lambda: len(seen) > 3)
    assert not tasks.busy
    assert tasks.current is None
    asked = tasks.stream("asked", counting(log, "asked", 5), on_done=lambda: log.append("asked done"))
    assert tasks.busy
    assert tasks.current is asked
    qtbot.waitUntil(lambda: "asked done" in log)
    assert back.state in {"waiting", "running"}
    qtbot.waitUntil(lambda: not back.active)
    assert log == [
        *("back begins", "back ends", "asked begins", "asked ends"),
        *("asked done", "back begins", "back ends", "back done"),
    ]
    assert seen == sorted(set(seen))
    assert back.state == "done"


def test_what_is_asked_for_is_done_before_what_waits_in_the_background(tasks, qtbot):
    log = []
    go_on = threading.Event()
    tasks.stream("first", lambda _stop: iter([go_on.wait(10)]))
    tasks.stream("back", counting(log, "back", 2), background=True)
    tasks.stream("second", counting(log, "second", 2))
    tasks.stream("third", counting(log, "third", 2))
    assert [task.title for task in tasks.active()] == ["first", "second", "third", "back"]
    go_on.set()
    qtbot.waitUntil(lambda: not tasks.active())
    assert [line for line in log if line.endswith("begins")] == [
        "second begins",
        "third begins",
        "back begins",
    ]


@pytest.mark.parametrize("how", ["stop", "cancel"])
def test_a_background_task_that_is_stopped_while_it_makes_way_does_not_come_back(tasks, qtbot, how):
    log, seen = [], []
    back = tasks.stream(
        "back",
        counting(log, "back"),
        on_event=seen.append,
        on_stopped=lambda: log.append("told"),
        background=True,
    )
    qtbot.waitUntil(lambda: bool(seen))
    tasks.stream("asked", counting(log, "asked", 2))
    getattr(back, how)()
    qtbot.waitUntil(lambda: not tasks.active())
    assert log.count("back begins") == 1
    assert ("told" in log) == (how == "stop")


def test_a_background_task_that_fails_while_it_makes_way_says_so(tasks, qtbot):
    failures, begun = [], []

    def fail(stop):
        begun.append(1)
        yield 1
        stop.wait(10)
        raise OSError("disk")

    back = tasks.stream("back", fail, on_failed=failures.append, background=True)
    qtbot.waitUntil(lambda: bool(begun))
    tasks.stream("asked", counting([], "asked", 2))
    qtbot.waitUntil(lambda: not tasks.active())
    assert [str(each) for each in failures] == ["disk"]
    assert begun == [1]
    assert back.state == "failed"


def test_shutdown_ends_background_tasks_too(qtbot):
    tasks = Tasks()
    log, seen = [], []
    tasks.stream("back", counting(log, "back"), on_event=seen.append, background=True)
    qtbot.waitUntil(lambda: bool(seen))
    tasks.shutdown()
    assert log == ["back begins", "back ends"]
