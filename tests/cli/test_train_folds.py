"""``tldesk train --folds``: real trainings on every fold, the table, and Ctrl-C between folds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cli_calls import QUICK, Call, call_and, one_line, press_ctrl_c

from tldesk.dataset import Project, Split
from tldesk.dataset.sample.write_sample import SAMPLE_GROUP_PATTERN, write_sample
from tldesk.run import Run


def test_two_folds_and_their_table(trained: Path, call: Call) -> None:
    ended = call("train", trained, *QUICK, "--set", "phases.0.epochs=1", "--folds", 2)
    assert ended.code == 0, ended.err
    rows = [re.split(r"  +", line.strip()) for line in ended.out.splitlines()]
    assert ["fold", "run", "images", "accuracy", "balanced accuracy", "macro F1", "time"] in rows
    folds = [row for row in rows if re.fullmatch(r"[12] of 2", row[0])]
    assert [row[1] for row in folds] == ["2", "3"]
    with Project.open(trained) as project:
        counts = project.facts().split_counts
    assert sum(int(row[2]) for row in folds) == counts[Split.TRAIN] + counts[Split.VALIDATION]
    mean = next(row for row in rows if row[0] == "mean")
    values = [float(row[3].removesuffix(" %")) for row in folds]
    assert float(mean[1].removesuffix(" %")) == pytest.approx(sum(values) / 2, abs=0.11)
    assert any(row[0] == "standard deviation" for row in rows)
    assert "each predicted by a model that was not trained on it" in ended.out
    table = call("runs", trained).out.splitlines()
    assert table[0].endswith("fold")
    assert [line.split("  ")[-1].strip() for line in table[1:]] == ["–", "1 of 2", "2 of 2"]
    assert call("evaluate", trained, "3").code == 0
    assert call("evaluate", trained, "--json").document["run"] == 1, "not a fold, where nobody names one"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--folds", "1"], "from 2 to 20"),
        (["--folds", "x"], "must be a whole number"),
        (["--folds", "3", "--resume", "1"], "--resume"),
    ],
)
def test_folds_mistakes(made: Path, arguments: list[str], words: str, call: Call) -> None:
    quick = [] if "--resume" in arguments else QUICK
    assert words in one_line(call("train", made, *quick, *arguments, "--quiet"))
    assert [folder.name for folder in (made / "runs").iterdir()] == ["0001"]


def test_ctrl_c_in_the_second_fold_keeps_the_first(trained: Path, call: Call) -> None:
    long = [*QUICK, "--set", "phases.0.epochs=3", "--set", "early_stopping=0", "--folds", "3"]
    ended = call_and(press_ctrl_c, r"Fold 2 of 3.*\n +1 +\d", "train", trained, *long)
    assert ended.code == 130, ended.err
    assert "Stopped: 1 of 3 folds were trained to the end" in ended.out
    assert "2 of 3, stopped" in ended.out
    runs = call("runs", trained, "--json").document["runs"]
    assert [run["status"] for run in runs] == ["finished", "finished", "stopped"]


def test_the_sample_pictures_with_a_frozen_network(
    trained_weights: Path, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(write_sample(tmp_path / "pictures", count=200, side=96))
    monkeypatch.setenv("TLDESK_WEIGHTS", str(trained_weights))
    rule = ["--group-by", SAMPLE_GROUP_PATTERN]
    assert call("new", tmp_path / "p", "--images", tmp_path / "pictures", *rule, "--quiet").code == 0
    frozen = ["--preset", "feature_extraction", "--backbone", "squeezenet1_1", "--set", "input_size=96"]
    found = call("train", tmp_path / "p", *frozen, "--folds", 5, "--json").document
    assert (found["folds"], found["finished"], len(found["runs"])) == (5, 5, 5)
    accuracy = found["cross_validation"]["accuracy"]
    assert accuracy["mean"] == pytest.approx(sum(accuracy["folds"]) / 5)
    assert accuracy["mean"] > 0.5, "of four classes"
    assert accuracy["together"]["low"] <= accuracy["together"]["value"] <= accuracy["together"]["high"]
    assert sum(one["validation"]["n"] for one in found["runs"]) == found["cross_validation"]["n"]
    with Project.open(tmp_path / "p") as project:
        homes: dict[str | None, set[int]] = {}
        for run in Run.runs(project):
            for item in run.snapshot.of(Split.VALIDATION):
                homes.setdefault(item.group, set()).add(run.number)
        assert all(len(numbers) == 1 for numbers in homes.values()), "a plant is in one fold"
        assert sum(len(numbers) for numbers in homes.values()) > 60
