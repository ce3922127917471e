"""How pictures are read, on the command line: set by ``new``, changed later, shown by ``check``."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from cli_calls import Call, one_line
from PIL import Image

from tldesk.dataset import Project
from tldesk.imaging import Rendering
from tldesk.model.model_file import ModelFile
from tldesk.run import Run


@pytest.fixture
def scans(real_file: Callable[[str], Path], tmp_path: Path) -> Path:
    """A CT slice, a stack, and an ordinary picture."""
    folder = tmp_path / "aufnahmen"
    folder.mkdir()
    shutil.copy(real_file("dicom/CT_small.dcm"), folder)
    pages = np.random.default_rng(0).integers(0, 4000, (10, 64, 64), dtype=np.uint16)
    tifffile.imwrite(folder / "stack.tif", pages, photometric="minisblack")
    Image.fromarray(pages[0].astype(np.uint8)).save(folder / "picture.png")
    return folder


def test_a_rule_from_the_beginning(scans: Path, call: Call, tmp_path: Path) -> None:
    found = call(
        "new", tmp_path / "p", "--images", scans, "--frame", "middle", "--window", "lung", "--json"
    ).document
    assert found["rendering"] == {"frame": "middle", "window": "lung"}
    assert any(
        note.startswith("1 image may identify a person (patient number, patient name")
        for note in found["notes"]
    )
    checked = call("check", tmp_path / "p", "--json").document
    assert checked["rendering"] == found["rendering"]
    told = call("check", tmp_path / "p").out
    assert "are read: frame middle, window lung (-1350 to 150 HU)" in told
    assert "patient name: 1 image, such as" in told


def test_a_rule_is_shown_and_changed_later(scans: Path, call: Call, tmp_path: Path) -> None:
    call("new", tmp_path / "p", "--images", scans)
    assert "frame first, window file\nThis applies to 2 of 3 images" in call("render", tmp_path / "p").out
    changed = call("render", tmp_path / "p", "--window=-160..240", "--json").document
    assert (changed["frame"], changed["window"]) == ("first", "-160..240")
    again = call("render", tmp_path / "p", "--frame", "2")
    assert "frame 2, window -160..240" in again.out
    assert "earlier runs and models keep their own setting" in again.out
    with Project.open(tmp_path / "p") as project:
        assert len(project.edit.undo_stack()) == 2


def test_predict_tells_how_the_model_reads(trained: Path, scans: Path, call: Call, tmp_path: Path) -> None:
    with Project.open(trained) as project:
        model = ModelFile.load(Run.open(project, "last").files.model)
    lung = replace(model.preprocessing, rendering=Rendering("middle", "lung"))
    replace(model, preprocessing=lung).save(tmp_path / "lung.tlmodel")
    told = call("predict", tmp_path / "lung.tlmodel", scans)
    assert told.code == 0
    assert "reads 16-bit pictures and stacks with: frame middle, window lung (-1350 to 150 HU)" in told.err
    assert "stacks" not in call("predict", trained, scans).err


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--frame=0", "frame: “0” is not a frame"),
        ("--window=heart", "window: “heart” is not a window. Write file, file:NAME"),
        ("--window=5..1", "shows nothing"),
    ],
)
def test_what_means_nothing_is_refused(
    scans: Path, call: Call, tmp_path: Path, option: str, said: str
) -> None:
    failed = call("new", tmp_path / "p", "--images", scans, option)
    assert said in one_line(failed)
    assert not (tmp_path / "p.tldesk").exists()


def test_a_frame_that_no_file_has_is_said_with_numbers(scans: Path, call: Call, tmp_path: Path) -> None:
    call("new", tmp_path / "p", "--images", scans)
    none = "No image has 99 frames (the most is 10): of each the last one is read."
    assert none in call("render", tmp_path / "p", "--frame", "99").out
    assert "the last one" not in call("render", tmp_path / "p", "--frame", "10").out
    small = np.zeros((4, 64, 64), dtype=np.uint16)
    tifffile.imwrite(scans / "small.tif", small, photometric="minisblack")
    call("check", tmp_path / "p", "--rescan")
    some = "1 of 2 images with several frames has fewer than 10: there the last one is read."
    assert some in call("render", tmp_path / "p").out
