"""``tldesk compare``: its table and document, resuming after it was killed, Ctrl-C, and mistakes."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest
from cli_calls import Call, Ended, call_and, one_line, press_ctrl_c
from made_once import made_once

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


def break_off(folder: Path, project: Path, weights: Path) -> None:
    """Press Ctrl-C in the second run; beside it lies the project as kill -9 would have left it just then."""
    broken_off = Path(shutil.copytree(project, folder / "stopped"))

    def kill_the_copy_and_stop() -> None:
        shutil.copytree(broken_off, folder / "killed")
        press_ctrl_c()

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLDESK_HOME", str(folder / "home"))
        patch.setenv("TLDESK_WEIGHTS", str(weights))
        first_epoch = r"\nFine-tuning, 2 of 3\n.*\n +1 +\d"
        ended = call_and(kill_the_copy_and_stop, first_epoch, "compare", broken_off, *SHORT)
    (folder / "ended.json").write_text(json.dumps(asdict(ended)), encoding="utf-8")


@pytest.fixture
def broken_off(made: Path, weights_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``break_off`` leaves; only to be read."""
    return made_once(tmp_path_factory, "broken_off", lambda folder: break_off(folder, made, weights_source))


def test_killed_and_gone_on_with(
    broken_off: Path, tmp_path: Path, weights_source: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLDESK_WEIGHTS", str(weights_source))
    project = Path(shutil.copytree(broken_off / "killed", tmp_path / "killed.tldesk"))
    states = [run["status"] for run in call("runs", project, "--json").document["runs"]]
    assert states == ["finished", "finished", "interrupted"]
    model = project / "runs" / "0002" / "model.tlmodel"
    before = model.stat().st_mtime_ns
    found = call("compare", project, "--resume", "--json", "--quiet").document
    assert [one["state"] for one in found["ways"]] == ["finished"] * 3
    assert model.stat().st_mtime_ns == before
    assert set(numbers_of(project)) == set(STATES)


def test_ctrl_c_says_how_to_go_on(broken_off: Path) -> None:
    ended = Ended(**json.loads((broken_off / "ended.json").read_text(encoding="utf-8")))
    assert ended.code == 130, ended.err
    assert "Stopping; finished runs are kept." in ended.err
    assert "Stopped: 1 of 3 ways are done. To resume: tldesk compare " in ended.out
    assert "--resume" in ended.out
    assert re.search(r"^fine-tuning .* stopped$", ended.out, re.MULTILINE)
    assert re.search(r"^from scratch .* waiting$", ended.out, re.MULTILINE)


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
