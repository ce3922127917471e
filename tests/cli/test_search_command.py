"""``tldesk search``: its table and document, resuming after it was killed, and mistakes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cli_calls import QUICK, Call, call_and, one_line

SHORT = [*QUICK, "--set", "phases.0.epochs=1", "--over", "rate,batch"]


def test_the_table_the_document_and_its_recipe(trained: Path, call: Call) -> None:
    ended = call("search", trained, *SHORT, "--trials", 2)
    assert ended.code == 0, ended.err
    lines = ended.out.splitlines()
    assert lines[0].split("  ")[0] == "try"
    assert {"rate", "batch"} <= set(lines[0].split())
    assert "The validation score of the best try is too good" in ended.out
    assert "test images were not used" in ended.out
    found = call("search", trained, "--resume", "--trials", 3, "--json", "--quiet").document
    assert (found["wanted"], found["done"]) == (3, 3)
    assert [one["try"] for one in found["tries"]] == [1, 2, 3]
    best = next(one for one in found["tries"] if one["try"] == found["best"])
    scores = [one["validation"]["balanced_accuracy"] for one in found["tries"]]
    assert best["validation"]["balanced_accuracy"] == max(scores)
    assert [folder.name for folder in (trained / "runs").iterdir()] == ["0001"], "tries are no runs"
    run = call("train", trained, "--recipe", found["best_recipe"], "--json", "--quiet").document
    assert run["run"] == 2


def test_killed_and_gone_on_with(trained: Path, tmp_path: Path, call: Call) -> None:
    killed = tmp_path / "killed.tldesk"

    def kill_the_copy() -> None:
        shutil.copytree(trained, killed)  # what is on the disk now is what kill -9 would leave there

    assert call_and(kill_the_copy, "Try 1: ", "search", trained, *SHORT, "--trials", 3).code == 0
    tries = killed / "searches" / "0001" / "tries.jsonl"
    before = tries.read_text(encoding="utf-8").splitlines()
    assert 1 <= len(before) < 3
    assert call("search", killed, "--resume", "--quiet").code == 0
    after = tries.read_text(encoding="utf-8").splitlines()
    assert after[: len(before)] == before
    assert len(after) == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--trials", "1"], "from 2 to"),
        (["--trials", "x"], "must be a whole number"),
        (["--over", "rates"], "rate"),
        (["--resume"], "--resume"),
    ],
)
def test_mistakes(made: Path, arguments: list[str], words: str, call: Call) -> None:
    assert words in one_line(call("search", made, *QUICK, *arguments, "--quiet"))
    assert not (made / "searches").exists()


def test_there_is_nothing_to_go_on_with(made: Path, call: Call) -> None:
    assert "no search yet" in one_line(call("search", made, "--resume", "--quiet"))
