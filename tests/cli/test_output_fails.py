"""The output of a command cannot be written: what was made stays, one line says why."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from dataset_pictures import draw_tree

from tldesk.dataset import Project

FULL = Path("/dev/full")


def run(*arguments: object, output: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tldesk", *map(str, arguments)]
    return subprocess.run(command, stdout=output, stderr=subprocess.PIPE, text=True, check=False, timeout=240)


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_new_project_stays_if_its_report_cannot_be_written(tmp_path: Path, options: list[str]) -> None:
    pictures = draw_tree(tmp_path / "x", {"a": 3, "b": 3})
    with FULL.open("w", encoding="utf-8") as full:
        ended = run("new", tmp_path / "p", "--images", pictures, "--quiet", *options, output=full)
    assert ended.returncode == 2
    lines = [line for line in ended.stderr.splitlines() if line.startswith("tldesk: ")]
    assert len(lines) == 1
    assert lines[0].startswith("tldesk: The output could not be written: ")
    assert "Traceback" not in ended.stderr
    with Project.open(tmp_path / "p.tldesk") as project:
        assert project.facts().labelled == 6
        assert any(project.facts().split_counts.values())


def test_a_new_project_stays_if_its_reader_has_gone(tmp_path: Path) -> None:
    pictures = draw_tree(tmp_path / "x", {f"class {number}": 2 for number in range(40)})
    command = [
        sys.executable,
        "-m",
        "tldesk",
        "new",
        str(tmp_path / "p"),
        "--images",
        str(pictures),
        "--json",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as program:
        assert program.stdout is not None
        program.stdout.close()
        assert program.wait(timeout=240) == 141
    with Project.open(tmp_path / "p.tldesk") as project:
        assert project.facts().labelled == 80
