"""The output of commands: tables, progress in a log, Ctrl-C in two steps."""

from __future__ import annotations

import json
import signal
import threading

import pytest

from tldesk.base import Progress
from tldesk.cli.console import Console, table_lines
from tldesk.cli.progress_bars import PlainBar, describe
from tldesk.cli.stop_on_signal import stop_on_signal


def test_columns_are_aligned() -> None:
    lines = table_lines(("class", "images"), [("gesund", "7"), ("Fäule", "120")])
    assert lines == [
        "class   images",
        "gesund       7",
        "Fäule      120",
    ]
    assert table_lines(("a", "b"), []) == ["a  b"]


def test_names_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.say("a\nb\x1b[31m")
    console.note("\x07")
    console.some("image", "images", ["\x1b]0;title"])
    console.table(("class",), [["\x9b1\n"]])
    ended = capsys.readouterr()
    assert ended.out.splitlines() == ["a\\nb\\x1b[31m", "1 image:", "  \\x1b]0;title", "class", "\\x9b1\\n"]
    assert ended.err == "\\x07\n"


def test_progress_in_words() -> None:
    assert (
        describe(Progress("Reading pictures", 1200, 6000, 12))
        == "Reading pictures: 1,200 of 6,000, 12 s left"
    )
    assert describe(Progress("Looking for files", 7, 0)) == "Looking for files: 7"


def test_a_log_gets_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = iter([0.0, 3.0, 11.0, 11.0, 12.0, 30.0, 30.0])
    bar = PlainBar(10.0, clock=lambda: next(seconds))
    for done in range(1, 5):
        bar.show(Progress("Working", done, 4))
    assert capsys.readouterr().err.splitlines() == ["Working: 2 of 4", "Working: 4 of 4"]


def test_json_alone_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(as_json=True)
    console.say("said")
    console.note("noted")
    console.document({"name": "Fäule", "share": None})
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"name": "Fäule", "share": None}
    assert captured.out.isascii()
    assert captured.err == "said\nnoted\n"


def test_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(quiet=True)
    console.note("noted")
    console.follow(iter([Progress("Working", 1, 1)]))
    console.say("the result")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("the result\n", "")


def test_ctrl_c_in_two_steps(capsys: pytest.CaptureFixture[str]) -> None:
    before, console = signal.getsignal(signal.SIGINT), Console()
    with stop_on_signal("stopping", console) as stop:
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()
        assert capsys.readouterr().err == "stopping\n"
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
    assert console.stopped_by == signal.SIGINT


def test_on_another_thread_there_is_only_the_flag() -> None:
    seen = []

    def work() -> None:
        with stop_on_signal("stopping", Console()) as stop:
            seen.append(stop.is_set())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]
