"""``tldesk folders``: moved folders and missing files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cli_calls import Call, one_line

from tldesk.base.shell_words import typed


@pytest.fixture
def moved(leaves: Path, call: Call, tmp_path: Path) -> tuple[Path, Path, Path]:
    """A project, its original folder of pictures, and the folder's new location."""
    old, new = tmp_path / "E" / "leaves", tmp_path / "F" / "leaves"
    shutil.copytree(leaves, old)
    assert call("new", tmp_path / "p", "--images", old).code == 0
    new.parent.mkdir()
    old.rename(new)
    return tmp_path / "p.tldesk", old, new


def test_a_folder_is_found_again(moved: tuple[Path, Path, Path], call: Call) -> None:
    project, old, new = moved
    found = call("folders", project, "--json").document
    assert found["folders"] == [{"path": str(old), "there": False, "table": None}]
    assert f"--moved {typed(old)} NEW" in call("folders", project).out
    assert "--moved" in one_line(call("check", project, "--rescan"))
    ended = call("folders", project, "--moved", new)
    assert ended.code == 0, ended.err
    assert f"{new}: found" in ended.out
    found = call("check", project, "--json").document
    assert (found["images"], found["quarantine"]) == (48, [])
    assert "no folder is missing" in one_line(call("folders", project, "--moved", new))
    assert call("folders", project, "--moved", new, new, "--json").document["missing"] == []
    assert str(new) in one_line(call("folders", project, "--moved", old, new))
    assert "too many folders" in one_line(call("folders", project, "--moved", old, new, new))


def test_missing_images_are_listed_and_forgotten(moved: tuple[Path, Path, Path], call: Call) -> None:
    project, _, new = moved
    assert call("folders", project, "--moved", new).code == 0
    gone = min((new / "rot").iterdir())
    gone.unlink()
    found = call("folders", project, "--json").document
    assert found["not_read_yet"] == {"new": 0, "gone": 1, "changed": 0}
    assert "1 missing or moved" in call("folders", project).out
    assert call("check", project, "--rescan").code == 0
    ended = call("folders", project)
    assert "1 image whose file is missing" in ended.out
    assert f"{gone}: rot" in ended.out
    found = call("folders", project, "--forget-missing", "--json").document
    assert (found["forgotten"], found["missing"]) == (1, [])
    assert call("check", project, "--json").document["images"] == 47
