"""``tldesk find-rate``: its curve and document, and phases that cannot be tested."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cli_calls import QUICK, Call, one_line


def test_the_curve_and_its_document(trained: Path, call: Call) -> None:
    few = [*QUICK, "--set", "input_size=32", "--set", "batch_size=4", "--seed", 1]
    ended = call("find-rate", trained, *few)
    assert ended.code == 0, ended.err
    assert ended.out.splitlines()[0].split() == ["rate", "loss"]
    found = call("find-rate", trained, *few, "--json", "--quiet").document
    assert len(found["rates"]) == len(found["losses"]) == len(found["smoothed"]) <= found["steps"] == 100
    assert found["phase"] == 1
    if found["suggestion"] is None:
        assert "so there is no suggestion" in ended.out
    else:
        assert re.search(rf"Suggested rate: {found['suggestion']:g} ", ended.out)
    assert [folder.name for folder in (trained / "runs").iterdir()] == ["0001"], "no run was made"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--phase", "4"], "no phase 4"),
        (["--phase", "0"], "no phase 0"),
        (["--set", "phases.0.learning_rate=10"], "at most 1"),
        (["--freeze", "stage99"], "stage99"),
    ],
)
def test_mistakes(made: Path, arguments: list[str], words: str, call: Call) -> None:
    assert words in one_line(call("find-rate", made, *QUICK, *arguments, "--quiet"))


def test_a_solved_head_has_no_rate(
    made: Path, weights_source: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLDESK_WEIGHTS", str(weights_source))
    ended = call("find-rate", made, "--freeze", "all", "--backbone", "squeezenet1_1", "--quiet")
    assert "solved directly" in one_line(ended)
