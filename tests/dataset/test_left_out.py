"""Sentences about what lies among pictures and was left out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from tldesk.dataset.files.walk import find_files
from tldesk.dataset.left_out import LeftOut, Passed
from tldesk.dataset.system_files import is_system_folder

THEM = ": tldesk does not read them"


def passed(*names: str) -> LeftOut:
    seen = Passed()
    for name in names:
        seen.hidden(name) if name.startswith(".") else seen.file(name)
    return seen.left_out()


@pytest.mark.parametrize(
    ("names", "note"),
    [
        (["1.NEF"], "1 NEF file was left out: tldesk does not read it"),
        (
            ["1.NEF", "2.nef", "3.Nef", "1.jxl", "2.jxl", "3.jxl"],
            f"3 NEF and 3 JXL files were left out{THEM}",
        ),
        (
            ["1.cr3", "2.cr3", "stack.czi", "scan"],
            f"2 CR3 files and 1 CZI file, and 1 file without an extension, were left out{THEM}",
        ),
        (
            ["IMG_1", "IMG 2. of Anna"],
            f"2 files without an extension were left out{THEM}",
        ),
        (
            [f"1.{kind}" for kind in ("jxl", "dng", "arw", "qqq", "czi", "exr", "rrr")],
            f"1 ARW, 1 DNG, 1 JXL, 1 CZI, 1 EXR and 2 other files were left out{THEM}",
        ),
        (
            ["photo.jpg~", "photo.jpg.part"],
            f"1 JPG~ file and 1 PART file were left out{THEM}",
        ),
    ],
)
def test_kinds_are_counted(names: list[str], note: str) -> None:
    assert passed(*names).notes() == (note,)


def test_tables_texts_and_side_files_are_not_missed() -> None:
    assert not passed("labels.csv", "Labels.XLSX", "README", "README.md", "1.xmp", "1.json", ".gitignore")


def test_files_of_systems() -> None:
    found = passed("Thumbs.db", "desktop.ini", ".DS_Store", "._1.jpg", "._2.jpg")
    assert found.notes() == (
        "Passed over, because systems and devices keep their own files there: "
        "2 × ._…, 1 × .DS_Store, 1 × Thumbs.db, 1 × desktop.ini",
    )


@pytest.mark.parametrize(
    "name",
    [
        *("@eaDir", "$RECYCLE.BIN", "$Recycle.Bin", "System Volume Information", "lost+found", "#recycle"),
        *(
            "#Recycle",
            ".Trashes",
            ".Trash-1000",
            "__MACOSX",
            ".thumbnails",
            "@Recently-Snapshot",
            "FOUND.000",
        ),
        *("LOST.DIR", ".ipynb_checkpoints", "Previews.lrdata"),
    ],
)
def test_folders_of_systems(name: str) -> None:
    assert is_system_folder(name)


@pytest.mark.parametrize("name", ["eaDir", "recycled", "lost", "found", "found.rust", "macosx", "thumbnails"])
def test_folders_of_people(name: str) -> None:
    assert not is_system_folder(name)


def test_what_two_folders_leave_out_is_added_and_comes_back_from_its_document() -> None:
    north = LeftOut({"NEF": 2}, {"@eaDir": 1}, {"a/pipe.jpg": "a pipe"}, 1)
    south = LeftOut({"NEF": 1, "JXL": 1}, {}, {"z.jpg": "a device"}, 2)
    both = north + south
    special = {"a/pipe.jpg": "a pipe", "z.jpg": "a device"}
    assert both == LeftOut({"NEF": 3, "JXL": 1}, {"@eaDir": 1}, special, 3)
    assert LeftOut.of(asdict(both)) == both
    assert both.notes()[1] == "a/pipe.jpg (a pipe) and z.jpg (a device) are not files and were never opened"
    assert both.notes()[2] == "3 hidden pictures, with a dot before the name, were left out"
    assert not LeftOut()


def test_hidden_pictures_are_counted_apart_from_files_of_systems(tmp_path: Path) -> None:
    for name in (".hidden.jpg", ".b.PNG", "._b.png", ".gitignore", "a.jpg"):
        (tmp_path / name).write_bytes(b"x")
    found = find_files(tmp_path)
    assert list(found.files) == ["a.jpg"]
    assert found.left_out == LeftOut(system={"._…": 1}, hidden=2)
