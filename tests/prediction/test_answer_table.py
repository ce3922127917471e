"""The table of answers, read back with csv as a script would and byte by byte as Excel would."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tldesk.base import ProblemError
from tldesk.base.spreadsheet import CsvStyle
from tldesk.prediction.answer_table import write_table
from tldesk.prediction.answers import Answer, Failure

CLASSES = ("gesund", "Grünfäule", "error")
ANSWER = Answer(Path("bilder/blatt, groß.jpg"), CLASSES, "Grünfäule", 0.7, (0.2, 0.7, 0.1), 0.25, unsure=True)
ROWS = [ANSWER, Failure(Path("leer.png"), "The file is empty")]


def test_read_back(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    write_table(ROWS, CLASSES, file)
    with file.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        read = list(reader)
    before, after = ["path", "predicted", "probability"], ["novelty", "unsure", "error"]
    assert reader.fieldnames == [*before, "gesund", "Grünfäule", "class error", *after]
    assert read[0]["path"] == str(ANSWER.path)
    assert read[0]["predicted"] == "Grünfäule"
    assert [float(read[0][name]) for name in ("gesund", "Grünfäule", "class error")] == [0.2, 0.7, 0.1]
    assert (float(read[0]["novelty"]), read[0]["unsure"], read[0]["error"]) == (0.25, "yes", "")
    assert read[1]["error"] == "The file is empty"
    assert {value for key, value in read[1].items() if key not in ("path", "error")} == {""}


def test_excel_gets_a_byte_order_mark(tmp_path: Path) -> None:
    write_table(ROWS, CLASSES, tmp_path / "plain.csv")
    write_table(ROWS, CLASSES, tmp_path / "excel.csv", CsvStyle.for_reader("."))
    plain = (tmp_path / "plain.csv").read_bytes()
    assert plain.startswith(b"path,predicted")
    assert (tmp_path / "excel.csv").read_bytes() == b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n")


def test_classes_named_like_formulas_are_not_computed(tmp_path: Path) -> None:
    classes = ("=1+1", "-3")
    answer = Answer(Path("-x.jpg"), classes, "=1+1", 0.75, (0.75, 0.25), 0.5, unsure=False)
    write_table([answer], classes, tmp_path / "out.csv")
    header, row = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert header == "path,predicted,probability,'=1+1,-3,novelty,unsure,error"
    assert row == "'-x.jpg,'=1+1,0.750000,0.750000,0.250000,0.500000,no,"


def test_unwritable_place_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ProblemError, match="could not be written"):
        write_table(ROWS, CLASSES, tmp_path / "file" / "out.csv")


def test_top() -> None:
    assert ANSWER.top(2) == (("Grünfäule", 0.7), ("gesund", 0.2))
