"""Signals that end a program: as the first Ctrl-C they stop it, keep what was done, and the status tells."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_calls import QUICK, Call, call_and
from dataset_pictures import draw_tree

from tldesk.dataset import Project
from tldesk.prediction import Predictor, predictor
from tldesk.run import Run

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
LONG = [*QUICK, "--set", "phases.0.epochs=50", "--set", "early_stopping=0"]


@pytest.fixture
def after_some(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, signal.Signals], None]:
    """Has a signal come once so many pictures were predicted."""

    def set_up(count: int, number: signal.Signals) -> None:
        whole = Predictor.predict_many
        monkeypatch.setattr(predictor, "_AT_ONCE", 4)  # or a quick machine gives all answers at once

        def watched(self: Predictor, *arguments: Any) -> Iterator[Any]:
            for done, answer in enumerate(whole(self, *arguments), start=1):
                yield answer
                if done == count:
                    signal.raise_signal(number)

        monkeypatch.setattr(Predictor, "predict_many", watched)

    return set_up


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
def test_predict_keeps_its_rows_and_says_that_it_was_stopped(
    number: signal.Signals, made: Path, call: Call, tmp_path: Path, after_some: Callable[..., None]
) -> None:
    photos = draw_tree(tmp_path / "photos", {"a": 200})
    after_some(3, number)
    maps = ["--saliency", tmp_path / "maps"]
    ended = call("predict", made, photos, "--out", tmp_path / "answers.csv", "--json", *maps)
    assert ended.code == 128 + number
    found = json.loads(ended.out)
    assert found["stopped"] is True
    assert found["pictures"] == 200
    assert 3 <= len(found["rows"]) < 200
    with (tmp_path / "answers.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(found["rows"])
    assert f"Stopped: {len(found['rows'])} of 200 pictures were looked at." in ended.err
    assert not (tmp_path / "maps").exists(), "who stops does not wait for heat maps"


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS[1:])
def test_train_keeps_the_best_so_far(number: signal.Signals, trained: Path) -> None:
    ended = call_and(lambda: signal.raise_signal(number), r"\n +1 +\d", "train", trained, *LONG, "--json")
    assert ended.code == 128 + number, ended.err
    assert json.loads(ended.out)["stopped"] is True
    with Project.open(trained) as project:
        run = Run.runs(project)[-1]
        assert run.status == "stopped"
        assert run.model is not None


@pytest.mark.parametrize("number", SIGNALS)
def test_new_leaves_nothing_half_done(number: signal.Signals, tmp_path: Path) -> None:
    photos = draw_tree(tmp_path / "photos", {"a": 3, "b": 3})
    arguments = ["new", tmp_path / "p", "--images", photos, "--json"]
    ended = call_and(lambda: signal.raise_signal(number), "by folder", *arguments)
    assert ended.code == 128 + number
    assert json.loads(ended.out) == {"stopped": True}
    assert ended.err.endswith("tldesk: stopped.\n")
    assert [one.name for one in tmp_path.iterdir()] == ["photos"]


def test_whoever_asked_to_ignore_a_hang_up_is_obeyed(tmp_path: Path) -> None:
    if not hasattr(signal, "SIGHUP"):
        pytest.skip("there is no such signal here")
    photos = draw_tree(tmp_path / "photos", {"a": 3, "b": 3})
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        arguments = ["new", tmp_path / "p", "--images", photos]
        ended = call_and(lambda: signal.raise_signal(signal.SIGHUP), "by folder", *arguments)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert ended.code == 0


def test_what_others_set_is_set_again(made: Path, call: Call) -> None:
    before = [signal.getsignal(one) for one in SIGNALS]
    assert call("runs", made).code == 0
    assert [signal.getsignal(one) for one in SIGNALS] == before


@pytest.mark.skipif(sys.platform == "win32", reason="there, a terminated program cannot answer")
def test_a_real_process_that_is_terminated(tmp_path: Path) -> None:
    """Before any work was begun, as well: while it looks at the pictures."""
    photos = draw_tree(tmp_path / "photos", {"a": 3, "b": 3})
    command = [sys.executable, "-m", "tldesk", "new", tmp_path / "p", "--images", photos]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        process.stderr.readline()  # what was found; the scan is about to begin
        process.terminate()
        process.stderr.read()
        assert process.wait(60) in (0, 143)  # it may have been quicker
    assert (tmp_path / "p.tldesk").exists() == (process.returncode == 0)
