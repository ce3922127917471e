"""``tldesk compare``: its table and document, resuming after kill -9, Ctrl-C, and mistakes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_calls import Call, one_line

SHORT = [
    *("--preset", "feature_extraction", "--backbone", "squeezenet1_1", "--set", "input_size=64"),
    *("--set", "phases.0.epochs=2", "--set", "phases.0.warmup_epochs=0", "--device", "cpu"),
]
STATES = ["feature_extraction", "fine_tuning", "from_scratch"]


def numbers_of(project: Path) -> dict[str, int]:
    found: dict[str, int] = json.loads((project / "comparisons" / "0001" / "runs.json").read_text())
    return found


def test_the_table_the_document_and_its_runs(
    trained: Path, weights_source: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLDESK_WEIGHTS", str(weights_source))
    ended = call("compare", trained, *SHORT)
    assert ended.code == 0, ended.err
    assert re.search(r"Estimated time: .+ \(feature extraction .+, fine-tuning .+, from scratch", ended.err)
    rows = [re.split(r"  +", line.strip()) for line in ended.out.splitlines()]
    heads = next(row for row in rows if row[0] == "way")
    table = {row[0]: dict(zip(heads, row, strict=False)) for row in rows if len(row) == len(heads)}
    assert [table[name]["run"] for name in ("feature extraction", "fine-tuning", "from scratch")] == [
        "2",
        "3",
        "4",
    ]
    assert table["feature extraction"]["trained"] == "head only"
    assert table["from scratch"]["trained"] == "all stages"
    assert "Best on the " in ended.out
    assert "Advice: take " in ended.out
    again = call("compare", trained, "--resume", "--json", "--quiet").document
    assert [one["way"] for one in again["ways"]] == STATES
    assert [one["run"] for one in again["ways"]] == [2, 3, 4], "nothing is trained twice"
    assert again["done"] is True
    for one, name in zip(again["ways"], ("feature extraction", "fine-tuning", "from scratch"), strict=True):
        evaluated = call("evaluate", trained, one["run"], "--split", "test", "--json").document
        assert one["test"]["n"] == evaluated["n"]
        assert one["test"]["balanced_accuracy"] == evaluated["balanced_accuracy"]
        assert f"{evaluated['accuracy']['value'] * 100:.1f} %" in table[name]["test accuracy"]
        assert one["state"] == "finished"
    assert again["advice"]["best"] in STATES
    assert again["advice"]["words"] in " ".join(ended.out.splitlines())
    assert call("train", trained, "--like", 3, "--quiet").code == 0, (
        "a way's recipe is a recipe like any other"
    )


def test_killed_and_gone_on_with(trained: Path, weights_source: Path, call: Call, monkeypatch) -> None:
    monkeypatch.setenv("TLDESK_WEIGHTS", str(weights_source))
    command = [sys.executable, "-m", "tldesk", "compare", str(trained), *SHORT, "--quiet"]
    with subprocess.Popen(
        command, env=os.environ | {"PYTHONUTF8": "1"}, stdout=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + 200
        while not (trained / "runs" / "0003" / "status.json").exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    model = trained / "runs" / "0002" / "model.tlmodel"
    before = model.stat().st_mtime_ns
    found = call("compare", trained, "--resume", "--json", "--quiet").document
    assert [one["state"] for one in found["ways"]] == ["finished"] * 3
    assert model.stat().st_mtime_ns == before
    assert set(numbers_of(trained)) == set(STATES)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_says_how_to_go_on(trained: Path, weights_source: Path) -> None:
    long = [*SHORT[:-4], "--set", "phases.0.epochs=400", "--device", "cpu"]
    command = [sys.executable, "-u", "-m", "tldesk", "compare", str(trained), *long]
    environment = os.environ | {"PYTHONUTF8": "1", "TLDESK_WEIGHTS": str(weights_source)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=environment
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Fine-tuning, 2 of 3"):
                process.send_signal(signal.SIGINT)
                break
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "Stopping; finished runs are kept." in err
    assert "Stopped: 1 of 3 ways are done. To resume: tldesk compare " in out
    assert "--resume" in out
    assert re.search(r"^fine-tuning .* stopped$", out, re.MULTILINE)
    assert re.search(r"^from scratch .* waiting$", out, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--resume"], "no comparison yet"),
        (["--resume", "--preset", "two_phase"], "--resume"),
        (["--recipe", "x.toml", "--preset", "two_phase"], "--preset"),
        (SHORT, "pretrained weights of SqueezeNet 1.1 are not on this computer"),
        ([], "tldesk weights import FILE"),
    ],
)
@pytest.mark.usefixtures("no_starter")
def test_mistakes(made: Path, arguments: list[str], words: str, call: Call) -> None:
    assert words in one_line(call("compare", made, *arguments, "--quiet"))
    assert not (made / "comparisons").exists()
    assert [folder.name for folder in (made / "runs").iterdir()] == ["0001"], "no run was begun"


def test_neighbours_learn_nothing(made: Path, weights_source: Path, call: Call, monkeypatch) -> None:
    monkeypatch.setenv("TLDESK_WEIGHTS", str(weights_source))
    words = one_line(call("compare", made, "--preset", "nearest_neighbours", "--quiet"))
    assert "head.kind" in words
    assert "Choose the linear or the dense head" in words
    assert not (made / "comparisons").exists()
