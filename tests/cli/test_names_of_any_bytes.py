"""Files and folders whose names are no UTF-8: every command works, and every picture has its row."""

from __future__ import annotations

import csv
import io
import os
import shutil
import sys
from pathlib import Path

import pytest
from cli_calls import QUICK, Call, one_line

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="names there are text")

LATIN = os.fsdecode(b"Bl\xe9")
JAPANESE = os.fsdecode(b"\x83\x9f")  # "α" in Shift-JIS


@pytest.fixture
def strange(leaves: Path, tmp_path: Path) -> Path:
    """The leaves with class folders of other encodings, below a folder of such a name."""
    root = tmp_path / os.fsdecode(b"B\xfccher")
    for old, new in (("blau", LATIN), ("grün", JAPANESE), ("rot", "rot")):
        (root / new).mkdir(parents=True)
        for number, picture in enumerate(sorted((leaves / old).iterdir())[:6]):
            shutil.copy(picture, root / new / os.fsdecode(b"f\xfc%d.png" % number))
    return root


def test_every_command(call: Call, strange: Path, tmp_path: Path) -> None:
    project = tmp_path / os.fsdecode(b"Pr\xfcfung")
    found = call("new", project, "--images", strange, "--json").document
    assert found["classes"] == {r"\x83\x9f": 6, r"Bl\xe9": 6, "rot": 6}
    assert found["project"] == str(tmp_path / r"Pr\xfcfung.tldesk")
    assert call("check", project, "--rescan", "--json").document["images"] == 18
    assert str(tmp_path / r"B\xfccher") in call("folders", project).out
    assert call("train", project, *QUICK, "--set", "phases.0.epochs=1", "--json").document["run"]
    assert call("evaluate", project, "--json").document["classes"] == [r"\x83\x9f", r"Bl\xe9", "rot"]
    assert len(call("runs", project, "--json").document["runs"]) == 1
    rows = call("predict", project, strange, "--json").document["rows"]
    assert [row["error"] for row in rows] == [None] * 18


def test_the_table_has_a_row_for_each(call: Call, trained: Path, strange: Path, tmp_path: Path) -> None:
    (strange / os.fsdecode(b"kaputt\xe9.jpg")).write_bytes(b"no picture")
    (strange / r"literal\xe9.png").symlink_to(strange / "rot" / os.fsdecode(b"f\xfc0.png"))
    table = tmp_path / os.fsdecode(b"t\xe4belle.csv")
    ended = call("predict", trained, strange, strange / LATIN / os.fsdecode(b"f\xfc0.png"), "--out", table)
    assert ended.code == 0, ended.err
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert len(rows) == 20
    errors = {row["path"].removeprefix(f"{tmp_path}/"): row["error"] for row in rows}
    assert [path for path, error in errors.items() if error] == [r"B\xfccher/kaputt\xe9.jpg"]
    assert errors[r"B\xfccher/Bl\xe9/f\xfc5.png"] == ""
    assert errors[r"B\xfccher/literal\x5cxe9.png"] == ""  # here the backslash stands on the disk


def test_a_copy_keeps_the_names(call: Call, strange: Path, tmp_path: Path) -> None:
    found = call("new", tmp_path / "p", "--images", strange, "--copy", "--json").document
    assert (found["images"], found["quarantine"]) == (18, [])
    copied = tmp_path / "p.tldesk" / "folders" / strange.name / LATIN
    assert len(list(copied.iterdir())) == 6


def test_a_folder_of_such_a_name_may_move(call: Call, strange: Path, tmp_path: Path) -> None:
    call("new", tmp_path / "p", "--images", strange, "--quiet")
    moved = tmp_path / os.fsdecode(b"n\xe4her") / strange.name
    moved.parent.mkdir()
    strange.rename(moved)
    ended = call("folders", tmp_path / "p", "--moved", moved)
    assert ended.code == 0, ended.err
    assert call("check", tmp_path / "p", "--rescan", "--json").document["missing"] == []


def test_mistakes_are_said_in_one_line(call: Call, strange: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / os.fsdecode(b"nirg\xe9nds")
    for arguments in (["new", tmp_path / "p", "--images", nowhere], ["check", nowhere]):
        assert str(tmp_path / r"nirg\xe9nds") in one_line(call(*arguments))
    table = tmp_path / os.fsdecode(b"t\xe4.csv")
    assert r"t\xe4.csv: there is no such file" in one_line(
        call("new", tmp_path / "p", "--images", strange, "--labels", table)
    )
    table.write_text("file,class\nnothing.png,rot\n", encoding="utf-8")
    found = call("new", tmp_path / "p", "--images", strange, "--labels", table, "--json").document
    assert found["rows_without_file"] == ["nothing.png"]
