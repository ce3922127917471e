"""``tldesk new`` with a zip file and a table, which may be in the zip file."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from cli_calls import Call, one_line
from PIL import Image

TABLE = "file,class\n1.png,elk\n2.png,elk\n3.png,fox\n4.png,fox\n"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Four pictures in a folder of a zip file, with a table beside them."""
    random = np.random.default_rng(0)
    place = tmp_path / "wild.zip"
    with zipfile.ZipFile(place, "w") as opened:
        for number in range(1, 5):
            Image.fromarray(random.integers(0, 256, (24, 32, 3), np.uint8)).save(tmp_path / "one.png")
            opened.write(tmp_path / "one.png", f"set/{number}.png")
        opened.writestr("set/labels.csv", TABLE)
    return place


def test_a_table_in_the_zip_file_is_named_as_if_that_were_a_folder(
    call: Call, archive: Path, tmp_path: Path
) -> None:
    options = ["--images", archive, "--labels", archive / "set" / "labels.csv"]
    looked = call("new", tmp_path / "p", *options, "--dry-run", "--json").document["found"]
    assert looked["sentence"] == "2 classes: elk 2, fox 2, by table"
    made = call("new", tmp_path / "p", *options, "--copy", "--json").document
    assert made["classes"] == {"elk": 2, "fox": 2}
    archive.unlink()
    table = next((tmp_path / "p.tldesk").rglob("labels.csv"))
    table.write_text(TABLE.replace("4.png,fox", "4.png,elk"), encoding="utf-8")
    again = call("check", tmp_path / "p", "--rescan", "--json").document
    assert again["classes"] == {"elk": 3, "fox": 1}


def test_a_table_beside_it_is_copied_into_the_project(call: Call, archive: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(TABLE.replace("elk", "hare"), encoding="utf-8")
    options = ["--images", archive, "--labels", tmp_path / "labels.csv", "--copy"]
    assert call("new", tmp_path / "p", *options, "--json").document["classes"] == {"fox": 2, "hare": 2}
    (tmp_path / "labels.csv").unlink()
    archive.unlink()
    (tmp_path / "p.tldesk").rename(tmp_path / "away.tldesk")
    again = call("check", tmp_path / "away", "--rescan", "--json").document
    assert again["classes"] == {"fox": 2, "hare": 2}
    assert {path.read_text(encoding="utf-8")[11:20] for path in tmp_path.rglob("labels*.csv")} == {
        "1.png,elk",
        "1.png,har",
    }


@pytest.mark.parametrize(
    ("name", "said"),
    [("labels.csv", "holds no labels.csv. It holds set/labels.csv"), ("x.xlsx", "holds no x.xlsx")],
)
def test_a_table_that_is_not_in_it(call: Call, archive: Path, tmp_path: Path, name: str, said: str) -> None:
    line = one_line(call("new", tmp_path / "p", "--images", archive, "--labels", archive / name, "--copy"))
    assert said in line
    assert not (tmp_path / "p.tldesk").exists()


def test_a_damaged_table_leaves_no_project(call: Call, archive: Path, tmp_path: Path) -> None:
    data = archive.read_bytes()
    archive.write_bytes(data.replace(b"1.png,elk", b"1.png,ela"))
    table = archive / "set" / "labels.csv"
    line = one_line(call("new", tmp_path / "p", "--images", archive, "--labels", table, "--copy"))
    assert "set/labels.csv in it is damaged" in line
    assert not (tmp_path / "p.tldesk").exists()
