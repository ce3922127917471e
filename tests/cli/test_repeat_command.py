"""``tldesk runs --bundle`` and ``tldesk repeat``: a run in one file, trained again from it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cli_calls import Call, one_line


@pytest.fixture
def file(made: Path, tmp_path: Path, call: Call) -> Path:
    path = tmp_path / "run.json"
    assert call("runs", made, "--bundle", 1, path).code == 0
    return path


def test_from_its_file_a_run_reaches_the_same_digits(file: Path, leaves: Path, call: Call) -> None:
    text = file.read_text(encoding="utf-8")
    assert "plant" not in text  # names of pictures and groups may name persons
    document = json.loads(text)
    document["environment"]["packages"]["openvino"] = "2001.1"
    file.write_text(json.dumps(document), encoding="utf-8")
    found = call("repeat", file, "--images", leaves, "--json").document
    assert (found["same"], found["missing"], found["first_apart"], found["apart"]) == (True, 0, None, 0.0)
    assert found["answers"] == {"validation": True, "test": True}
    assert [(one["name"], one["before"]) for one in found["environment"]] == [("openvino", "2001.1")]
    assert Path(found["project"]) == file.with_suffix(".tldesk")
    assert "run.tldesk" in one_line(call("repeat", file, "--images", leaves))  # it exists already


def test_pictures_that_are_not_there_are_said(file: Path, leaves: Path, tmp_path: Path, call: Call) -> None:
    pictures = Path(shutil.copytree(leaves, tmp_path / "elsewhere" / "pictures"))
    for path in sorted((pictures / "rot").iterdir())[:2]:
        path.unlink()
    ended = call("repeat", file, "--images", pictures, "--to", tmp_path / "again", "--device", "cpu")
    assert ended.code == 0, ended.err
    assert "2 pictures of the first run were not found" in ended.out
    assert "From epoch 1 the numbers differ, by " in ended.out


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.pop("digits"),
        lambda found: found.update(version=9),
        lambda found: found["digits"].update(epochs=[{"train_loss": "low"}]),
        lambda found: found["environment"].update(packages=3),
        lambda found: found["snapshot"]["items"].pop(),
        lambda found: found.update(recipe="phases = ["),
    ],
)
def test_other_files_are_refused_in_a_line(change, file: Path, leaves: Path, call: Call) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    change(document)
    file.write_text(json.dumps(document), encoding="utf-8")
    assert file.name in one_line(call("repeat", file, "--images", leaves))
    file.write_bytes(b"\x89PNG\xff")
    assert file.name in one_line(call("repeat", file, "--images", leaves))
    assert not file.with_suffix(".tldesk").exists()


def test_a_folder_without_its_pictures_leaves_nothing_behind(file: Path, tmp_path: Path, call: Call) -> None:
    assert "no such folder" in one_line(call("repeat", file, "--images", tmp_path / "nowhere"))
    (tmp_path / "empty").mkdir()
    one_line(call("repeat", file, "--images", tmp_path / "empty"))
    assert not file.with_suffix(".tldesk").exists()
