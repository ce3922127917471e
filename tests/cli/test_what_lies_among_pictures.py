"""What people's folders hold beside pictures: bins and thumbnails of systems, RAW files, pipes, odd names."""

from __future__ import annotations

import os
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from cli_calls import Call, one_line
from PIL import Image

NO_WINDOWS = pytest.mark.skipif(sys.platform == "win32", reason="no such files there")
ACCENTS = {form: unicodedata.normalize(form, "Blé") for form in ("NFC", "NFD")}


def draw(*places: Path) -> None:
    """Write small pictures, each of other noise."""
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
        seed = int.from_bytes(os.fsencode(place)[-8:], "big")
        pixels = np.random.default_rng(seed).integers(0, 256, (24, 24, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(place, "PNG")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two classes of three pictures."""
    folder = tmp_path / "photos"
    draw(*(folder / name / f"{number}.png" for name in ("a", "b") for number in range(3)))
    return folder


def new(call: Call, photos: Path, *more: object) -> dict[str, object]:
    found = call("new", photos.parent / "p", "--images", photos, "--json", *more).document
    assert isinstance(found, dict)
    return found


def test_accent_forms_and_outer_spaces_are_one_class(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "x"
    draw(folder / f"train/{ACCENTS['NFC']}/1.png", folder / "train/Orge/1.png", folder / "train/Orge/2.png")
    draw(folder / f"val/{ACCENTS['NFD']}/3.png", folder / "val/Orge /3.png")
    assert new(call, folder)["classes"] == {"Blé": 2, "Orge": 3}


def test_a_table_writes_a_class_in_two_ways(call: Call, photos: Path) -> None:
    table = photos.parent / "labels.csv"
    words = [ACCENTS["NFC"], ACCENTS["NFD"], "Orge", "\u00a0Orge", " ", "Blé"]
    files = sorted(path.relative_to(photos) for path in photos.rglob("*.png"))
    rows = [f"{file.as_posix()},{word}" for file, word in zip(files, words, strict=True)]
    table.write_text("\n".join(["file,class", *rows]), encoding="utf-8")
    found = new(call, photos, "--labels", table)
    assert (found["classes"], found["labelled"]) == ({"Blé": 3, "Orge": 2}, 5)


def test_a_rescan_knows_the_class_by_its_other_form(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "x"
    draw(*(folder / name / f"{number}.png" for name in (ACCENTS["NFC"], "Orge") for number in range(2)))
    new(call, folder)
    (folder / ACCENTS["NFC"]).rename(folder / ACCENTS["NFD"])  # copied by way of a Mac
    draw(folder / ACCENTS["NFD"] / "9.png")
    assert call("check", tmp_path / "p", "--rescan", "--json").document["classes"] == {"Blé": 3, "Orge": 2}


def test_case_is_asked(call: Call, photos: Path) -> None:
    draw(photos / "A" / "9.png")
    before = call("new", photos.parent / "p", "--images", photos, "--dry-run").out
    assert (
        "A and a differ only in capitals, blanks, hyphens or underscores, and will be different classes"
        in before
    )
    found = new(call, photos)
    assert found["classes"] == {"A": 1, "a": 3, "b": 3}
    assert found["alike_classes"] == [["a", "A"]]
    said = call("check", photos.parent / "p").out
    assert (
        "a (3) and A (1) differ only in capitals, blanks, hyphens or underscores, and are different classes."
        in said
    )


@pytest.mark.parametrize("door", ["new", "rescan", "copy"])
def test_system_folders_are_no_classes(call: Call, photos: Path, door: str) -> None:
    if door == "rescan":
        new(call, photos)
    draw(photos / "@eaDir/1.png/SYNOPHOTO_THUMB_XL.jpg", photos / "a/@eaDir/1.png/SYNOPHOTO_THUMB_M.jpg")
    draw(photos / "$RECYCLE.BIN/S-1-5/$R1.png", photos / "System Volume Information/1.png")
    draw(photos / "lost+found/#1.png", photos / "b/.thumbnails/1.png", photos / "#recycle/c/1.png")
    draw(photos / "__MACOSX/a/._1.png", photos / "a/._1.png")
    if door == "rescan":
        found = call("check", photos.parent / "p", "--rescan", "--json").document
    else:
        found = new(call, photos, *(["--copy"] if door == "copy" else []))
    assert found["classes"] == {"a": 3, "b": 3}
    assert found["images"] == 6
    if door != "copy":  # a copy leaves them behind
        passed = {"@eaDir": 2, "$RECYCLE.BIN": 1, "System Volume Information": 1, "lost+found": 1}
        passed |= {".thumbnails": 1, "#recycle": 1, "__MACOSX": 1, "._…": 1}
        assert found["passed_over"] == passed
        assert any("2 × @eaDir" in note for note in found["notes"])


def test_kinds_that_are_not_read_are_counted_until_they_are_gone(call: Call, photos: Path) -> None:
    for number in range(3):
        (photos / f"a/{number}.NEF").write_bytes(b"raw")
        (photos / f"b/{number}.jxl").write_bytes(b"jxl")
    (photos / "readme.txt").write_text("notes", encoding="utf-8")
    said = "3 NEF and 3 JXL files were left out: tldesk does not read them"
    found = new(call, photos)
    assert found["left_out"] == {"NEF": 3, "JXL": 3}
    assert said in found["notes"]
    checked = call("check", photos.parent / "p", "--json").document
    assert checked["left_out"] == {"NEF": 3, "JXL": 3}
    assert said in checked["notes"]
    assert "left_out" in [one["kind"] for one in checked["findings"]]
    assert said in call("check", photos.parent / "p").out
    for raw in photos.glob("*/*.NEF"):
        raw.unlink()
    (photos / "b/2.jxl").unlink()
    said = "2 JXL files were left out: tldesk does not read them"
    assert said in call("check", photos.parent / "p", "--rescan").out


@NO_WINDOWS
def test_pipes_and_devices_are_named_and_not_opened(call: Call, photos: Path) -> None:
    os.mkfifo(photos / "a/pipe.png")
    os.mkfifo(photos / "a/scan")  # without a suffix, DICOM is known by its first bytes
    (photos / "b/zero.png").symlink_to("/dev/zero")
    (photos / "b/linked.dcm").symlink_to("../a/pipe.png")
    found = new(call, photos)
    assert found["images"] == 6
    assert found["not_files"] == {
        "a/pipe.png": "a pipe",
        "a/scan": "a pipe",
        "b/zero.png": "a device",
        "b/linked.dcm": "a pipe",
    }
    (photos / "a/2.png").unlink()
    os.mkfifo(photos / "a/2.png")
    checked = call("check", photos.parent / "p", "--rescan", "--json").document
    assert [Path(path).name for path in checked["missing"]] == ["2.png"]


@NO_WINDOWS
@pytest.mark.parametrize("what", ["labels", "recipe", "weights", "model", "out"])
def test_a_pipe_in_place_of_a_file_is_refused(call: Call, photos: Path, tmp_path: Path, what: str) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    project = tmp_path / "p"
    if what != "labels":
        new(call, photos)
    arguments: dict[str, list[object]] = {
        "labels": ["new", project, "--images", photos, "--labels", pipe],
        "recipe": ["train", project, "--recipe", pipe],
        "weights": ["weights", "import", pipe],
        "model": ["predict", pipe, photos],
        "out": ["predict", tmp_path / "not looked at.tlmodel", photos, "--out", pipe],
    }
    line = one_line(call(*arguments[what]))
    assert "pipe.csv" in line
    assert "a pipe, not a file" in line
