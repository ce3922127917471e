"""``tldesk undo`` and ``tldesk history``."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_calls import Call, one_line
from dataset_pictures import draw_tree

from tldesk.dataset import Project


@pytest.fixture
def project(call: Call, tmp_path: Path) -> Path:
    pictures = draw_tree(tmp_path / "x", {"ant": 3, "bee": 3, "wasp": 3})
    assert call("new", tmp_path / "p", "--images", pictures).code == 0
    return tmp_path / "p.tldesk"


def names(project: Path) -> list[str]:
    with Project.open(project) as opened:
        return [one.name for one in opened.classes]


def test_undo_and_redo_across_calls(call: Call, project: Path) -> None:
    call("classes", project, "--rename", "ant", "fly")
    call("classes", project, "--merge", "wasp", "bee")
    assert names(project) == ["fly", "bee"]
    out = call("undo", project).out
    assert "Undone: Merge class wasp into bee (" in out
    assert "Next to undo: Rename class ant to fly (" in out
    assert f"To redo it: tldesk undo {project} --redo" in out
    assert names(project) == ["fly", "bee", "wasp"]
    told = call("undo", project, "--json").document
    assert [one["what"] for one in told["undone"]] == ["Rename class ant to fly"]
    assert (told["next_undo"], told["next_redo"]["what"]) == (None, "Rename class ant to fly")
    assert names(project) == ["ant", "bee", "wasp"]
    out = call("undo", project, "--redo", "--steps", "2").out
    assert out.index("Redone: Rename class ant to fly") < out.index("Redone: Merge class wasp into bee")
    assert names(project) == ["fly", "bee"]


def test_a_dry_run_changes_nothing(call: Call, project: Path) -> None:
    call("classes", project, "--delete", "ant")
    out = call("undo", project, "--dry-run").out
    assert out.startswith("Would undo: Delete class ant (")
    assert names(project) == ["bee", "wasp"]


def test_nothing_to_undo(call: Call, project: Path) -> None:
    line = one_line(call("undo", project))
    assert "undo: there is nothing to undo" in line
    assert line.endswith(f"tldesk history {project}")
    assert "there is nothing to redo" in one_line(call("undo", project, "--redo"))
    call("classes", project, "--delete", "ant")
    assert "3 steps were asked for, but only 1 edit can be undone" in one_line(
        call("undo", project, "--steps", "3")
    )
    assert "0 is less than 1" in one_line(call("undo", project, "--steps", "0"))
    assert names(project) == ["bee", "wasp"]


def test_history_lists_all_and_what_was_undone(call: Call, project: Path) -> None:
    call("classes", project, "--delete", "ant")
    call("classes", project, "--rename", "bee", "fly")
    call("undo", project)
    actions = call("history", project, "--json").document["actions"]
    assert [(one["what"], one["images"], one["state"]) for one in actions[:3]] == [
        ("Undo: Rename class bee to fly", 0, ""),
        ("Rename class bee to fly", 0, "undone"),
        ("Delete class ant", 3, "done"),
    ]
    assert actions[-1]["what"] == "Labels from folder names"
    out = call("history", project, "-n", "1").out
    assert "Undo: Rename class bee to fly" in out
    assert "Delete class ant  " not in out
    assert "The last 1 are listed" in out
    assert f"To undo the last edit (Delete class ant): tldesk undo {project}" in out
    assert "0 is less than 1" in one_line(call("history", project, "-n", "0"))


def test_what_a_scan_took_back_names_its_undo(call: Call, tmp_path: Path) -> None:
    draw_tree(tmp_path / "x", {".": 4})
    table = tmp_path / "t.csv"
    rows = ["000.png,ant", "001.png,ant", "002.png,bee", "003.png,bee"]
    table.write_text("\n".join(["file,label", *rows]), encoding="utf-8")
    assert call("new", tmp_path / "p", "--images", tmp_path / "x", "--labels", table).code == 0
    table.write_text("\n".join(["file,label", *rows[1:]]), encoding="utf-8")
    said = call("check", tmp_path / "p", "--rescan").out
    assert f"(Take back 1 label that t.csv no longer gives): tldesk undo {tmp_path / 'p'}" in said
    assert "To undo what" not in call("check", tmp_path / "p", "--rescan").out
    assert call("undo", tmp_path / "p").out.startswith("Undone: Take back 1 label")
    assert call("check", tmp_path / "p", "--json").document["labelled"] == 4
