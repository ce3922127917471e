"""A damaged run is listed as damaged and never hides the others; a run can be deleted."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_calls import Call

from tldesk.base.project_lock import holding

RUN = Path("runs") / "0002"


def _gone(file: Path) -> None:
    file.unlink(missing_ok=True)


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _garbled(file: Path) -> None:
    file.write_bytes(b"\x00\xff garbled \x1b[2J\n{]")


def _list(file: Path) -> None:
    file.write_text("[1, 2]")


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _types(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for name in ("epochs_done", "epoch", "value", "seed"):
        text = text.replace(f'"{name}": ', f'"{name}": "much", "x": ').replace(
            f"\n{name} = ", f"\n{name} = -"
        )
    file.write_text(text.replace("seed = -0", "seed = -1"), encoding="utf-8")


WAYS: list[tuple[str, Callable[[Path], None]]] = [
    *[("recipe.toml", way) for way in (_gone, _empty, _garbled, _list, _folder, _types)],
    *[("status.json", way) for way in (_gone, _empty, _garbled, _list, _folder, _types)],
    *[("metrics.jsonl", way) for way in (_folder, _types)],
    *[("snapshot.json", way) for way in (_gone, _empty, _garbled, _list, _folder)],
    *[("model.tlmodel", way) for way in (_gone, _empty, _garbled, _list, _folder)],
    *[("evaluation-validation.json", way) for way in (_empty, _garbled, _list, _folder)],
]


@pytest.fixture
def two_runs(trained: Path) -> Path:
    shutil.copytree(trained / "runs" / "0001", trained / RUN)
    return trained


def test_each_damage_is_one_line_and_hides_nothing(call: Call, two_runs: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    shutil.copytree(two_runs / RUN, whole)
    for name, way in WAYS:
        way(two_runs / RUN / name)
        listed = call("runs", two_runs)
        said = [line for line in listed.out.splitlines() if line.startswith("run 2 damaged: ")]
        assert (listed.code, len(said)) == (0, 1), (name, way, listed)
        assert "delete the run" in said[0]
        assert "\x1b" not in listed.out
        assert "finished" in listed.out, "run 1 is still listed"
        shutil.rmtree(two_runs / RUN)
        shutil.copytree(whole, two_runs / RUN)


@pytest.mark.parametrize("name", ["recipe.toml", "model.tlmodel"])
def test_the_other_run_is_still_used(call: Call, two_runs: Path, name: str) -> None:
    _garbled(two_runs / RUN / name)
    assert call("evaluate", two_runs, "--json").document["run"] == 1
    for command in (("evaluate", two_runs, "2"), ("runs", two_runs, "--compare", "1", "2")):
        refused = call(*command)
        assert refused.code == 2
        assert "run 2: the run is damaged: its" in refused.err
        assert refused.err.count("\n") == 1


def test_a_run_is_deleted_when_confirmed(call: Call, two_runs: Path) -> None:
    refused = call("runs", two_runs, "--delete", "2")
    assert (refused.code, "Add --yes" in refused.err) == (2, True)
    with holding(two_runs / RUN / "lock", "run 2", "is training this run"):
        busy = call("runs", two_runs, "--delete", "2", "--yes")
    assert (busy.code, "this run is being trained" in busy.err) == (2, True)
    _garbled(two_runs / RUN / "status.json")
    assert call("runs", two_runs, "--delete", "2", "--yes", "--json").document["deleted"] == 2
    assert [run["run"] for run in call("runs", two_runs, "--json").document["runs"]] == [1]
    assert not (two_runs / RUN).exists()
    assert call("runs", two_runs, "--delete", "2", "--yes").code == 2, "it is gone"
