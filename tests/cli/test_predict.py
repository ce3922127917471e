"""``tldesk predict``: the table, the heat maps, and unreadable files."""

from __future__ import annotations

import csv
import io
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from cli_calls import Call, one_line
from openpyxl import load_workbook
from PIL import Image

COLUMNS = ["path", "predicted", "probability", "blau", "grün", "rot", "novelty", "unsure", "error"]


def test_table_of_a_folder(made: Path, leaves: Path, call: Call, tmp_path: Path) -> None:
    table = tmp_path / "out" / "answers.csv"
    ended = call("predict", made, leaves, "--out", table)
    assert ended.code == 0
    assert "Predicted 48 pictures" in ended.out
    with table.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    assert reader.fieldnames == COLUMNS
    assert [row["path"] for row in rows] == sorted(str(path) for path in leaves.rglob("*.png"))
    for row in rows:
        shares = [float(row[name]) for name in ("blau", "grün", "rot")]
        assert abs(sum(shares) - 1) < 1e-5
        assert float(row["probability"]) == max(shares)
        assert row["predicted"] == ("blau", "grün", "rot")[int(np.argmax(shares))]
        assert 0 <= float(row["novelty"]) <= 1
        assert (row["unsure"], row["error"]) in (("yes", ""), ("no", ""))


def test_table_on_stdout_from_the_model_file(made: Path, leaves: Path, call: Call) -> None:
    picture = leaves / "rot" / "plantr0_0.png"
    ended = call("predict", made / "runs" / "0001" / "model.tlmodel", picture)
    assert ended.code == 0
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert [row["path"] for row in rows] == [str(picture)]
    named = call("predict", made.with_suffix(""), picture)  # the project without its suffix
    assert named.out == ended.out


def test_json_with_saliency_and_a_failure(made: Path, leaves: Path, call: Call, tmp_path: Path) -> None:
    broken = tmp_path / "leer.jpg"
    broken.write_bytes(b"")
    twin = tmp_path / "anderswo" / "plantr0_0.png"
    twin.parent.mkdir()
    shutil.copy(leaves / "blau" / "plantb0_0.png", twin)
    pictures = [leaves / "rot" / "plantr0_0.png", broken, twin]
    found = call("predict", made, *pictures, "--saliency", tmp_path / "looks", "--json").document
    assert found["classes"] == ["blau", "grün", "rot"]
    assert [row["path"] for row in found["rows"]] == [str(path) for path in pictures]
    first, failed, second = found["rows"]
    assert failed["predicted"] is None
    assert "empty" in failed["error"]
    assert set(first["probabilities"]) == {"blau", "grün", "rot"}
    assert isinstance(first["saliency"]["passed"], bool)
    names = [Path(row["saliency"]["file"]).name for row in (first, second)]
    assert names == ["plantr0_0.png", "plantr0_0 (2).png"]
    with Image.open(tmp_path / "looks" / "plantr0_0.png") as overlay, Image.open(pictures[0]) as picture:
        assert overlay.size == picture.size


def test_excel(made: Path, leaves: Path, call: Call, tmp_path: Path) -> None:
    table = tmp_path / "excel.csv"
    assert call("predict", made, leaves / "rot", "--out", table, "--excel").code == 0
    assert table.read_bytes().startswith(b"\xef\xbb\xbfpath,")


def test_tables_for_other_readers(
    made: Path, leaves: Path, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = min((leaves / "grün").iterdir())
    german, book = tmp_path / "deutsch.csv", tmp_path / "mappe.xlsx"
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    if sys.platform != "win32":  # which has its own settings
        assert call("predict", made, picture, "--out", german, "--excel").code == 0
        assert german.read_text("utf-8-sig").startswith("path;predicted;probability;blau;grün;rot;")
    assert call("predict", made, picture, "--out", german, "--decimal", "comma").code == 0
    (row,) = csv.DictReader(german.read_text("utf-8-sig").splitlines(), delimiter=";")
    assert row["probability"].startswith(("0,", "1,"))
    assert call("predict", made, picture, "--out", tmp_path / "plain.csv").code == 0
    (plain,) = csv.DictReader((tmp_path / "plain.csv").read_text("utf-8").splitlines())
    assert plain["probability"] == row["probability"].replace(",", ".")
    assert call("predict", made, picture, "--out", book).code == 0
    header, cells = load_workbook(book).active.iter_rows(values_only=True)
    assert header[:2] == ("path", "predicted")
    assert cells[2] == pytest.approx(float(plain["probability"]))
    assert "Choose t.xlsx or t.csv" in one_line(call("predict", made, picture, "--out", tmp_path / "t.ods"))


def test_mistakes(made: Path, leaves: Path, call: Call, tmp_path: Path) -> None:
    broken = tmp_path / "leer.jpg"
    broken.write_bytes(b"")
    (tmp_path / "ordner").mkdir()
    (tmp_path / "kein.tlmodel").write_bytes(b"PK nonsense")
    wrong = [
        ([made, broken], "leer.jpg: The file is empty"),
        ([made, tmp_path / "nowhere.jpg"], "nowhere.jpg"),
        ([made, tmp_path / "ordner"], "no picture in this folder"),
        ([tmp_path / "kein.tlmodel", leaves], "kein.tlmodel"),
        ([tmp_path / "nowhere.tlmodel", leaves], "nowhere.tlmodel"),
        ([tmp_path / "ordner", leaves], "not a project"),
    ]
    for arguments, words in wrong:
        ended = call("predict", *arguments, "--quiet")
        assert ended.code == 2
        assert words in ended.err
        assert len(ended.err.splitlines()) == 1
        assert "Traceback" not in ended.err


def test_unwritable_table(made: Path, leaves: Path, call: Call, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    ended = call("predict", made, leaves / "rot", "--out", tmp_path / "file" / "out.csv", "--quiet")
    assert "could not be written" in one_line(ended)


def test_a_folder_as_table(made: Path, leaves: Path, call: Call, tmp_path: Path) -> None:
    for out in (tmp_path, "."):
        assert "this is a folder, not a file" in one_line(call("predict", made, leaves, "--out", out))
