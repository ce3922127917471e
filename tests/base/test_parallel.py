"""Work on several threads: in order, a bounded number ahead, ended at once, nothing left behind."""

from __future__ import annotations

import os
import sys
import threading
import time

import pytest

from tldesk.base.parallel import in_threads
from tldesk.base.throttle import Throttle

THREADS = min(8, os.cpu_count() or 1)


def working() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("counted")]


def test_results_come_in_order_whichever_is_ready_first() -> None:
    def work(number: int) -> int:
        time.sleep(0.01 if number % 3 else 0.03)
        return number * number

    assert list(in_threads(work, range(30))) == [number * number for number in range(30)]
    assert list(in_threads(work, [])) == []


def test_no_more_is_begun_than_a_few_for_each_thread() -> None:
    begun = []
    results = in_threads(begun.append, range(1000), name="counted")
    next(results)
    time.sleep(0.1)
    assert len(begun) <= 4 * THREADS
    results.close()
    assert working() == []


def test_an_error_is_raised_where_the_result_would_be() -> None:
    def work(number: int) -> int:
        return 10 // (number - 3)

    results = in_threads(work, range(10), name="counted")
    assert [next(results) for _ in range(3)] == [-4, -5, -10]
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert working() == []


def test_stop_ends_it_after_the_running_calls() -> None:
    stop = threading.Event()
    begun = []

    def work(number: int) -> None:
        begun.append(number)
        if number == 2:
            stop.set()
        time.sleep(0.01)

    done = list(in_threads(work, range(1000), stop, name="counted"))
    assert len(done) <= len(begun) <= 3 + 5 * THREADS
    assert working() == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a niceness for each thread")
def test_gentle_threads_go_behind_the_others() -> None:
    def niceness(_: int) -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    own = niceness(0)
    assert set(in_threads(niceness, range(5))) == {own}
    assert set(in_threads(niceness, range(5), gentle=True)) == {min(own + 10, 19)}
    assert niceness(0) == own


def test_the_pace_lets_one_through_in_each_interval() -> None:
    times = iter([0.0, 0.0, 0.05, 0.1, 0.11, 0.3])
    pace = Throttle(0.1, clock=lambda: next(times))  # the first time is that of its making
    assert [pace.due() for _ in range(5)] == [True, False, True, False, True]
