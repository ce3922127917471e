"""Saved tables: nothing that a spreadsheet computes, the reader's marks, workbooks another library reads."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tldesk.base import ProblemError
from tldesk.base.number_settings import decimal_mark
from tldesk.base.spreadsheet import CsvStyle, csv_text, harmless, write_sheet

FORMULAS = [
    "=1+1",
    "+1+cmd",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "+",
    "-",
    '=HYPERLINK("x")',
]
HARMLESS = ["-1", "+5", "-0.5", "-1,5", "1e-3", "-2E5", "leaf", "a=b", "Grünfäule", "'x", "", " =1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_that_begins_like_a_formula_is_text(text: str) -> None:
    assert harmless(text).startswith("'")
    assert harmless(text).replace("'", "") == text
    (row,) = csv.reader(io.StringIO(csv_text([[text]]), newline=""))
    assert row == [harmless(text).replace("\r", "\n")]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a,@b|+c", "a,'@b|'+c"),
        ('a;"=1+1"', 'a;\'"=1+1"'),
        ("a\n=1+1", "a\n'=1+1"),
        ("\t=1", "'\t'=1"),
        ("a,-1", "a,-1"),
        ("a;-1;+2.5", "a;-1;+2.5"),
        ("a,-1+2", "a,'-1+2"),
        ("a, -b; =c", "a, -b; =c"),
    ],
)
def test_a_formula_behind_a_separator_of_another_program_is_text(text: str, written: str) -> None:
    assert harmless(text) == written


def test_marks_of_other_programs_are_quoted() -> None:
    rows = [["a;b", "c,d", "e\tf", 'g"', 0.5, None]]
    assert csv_text(rows) == '"a;b","c,d","e\tf","g""",0.500000,\n'
    german = '"a;b";"c,d";"e\tf";"g""";"0,500000";\r\n'
    assert csv_text(rows, CsvStyle.for_reader(",")) == german


@pytest.mark.parametrize("text", HARMLESS)
def test_other_cells_and_plain_numbers_stay(text: str) -> None:
    assert harmless(text) == text


def test_marks_of_german_settings(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    write_sheet([["Name", "Anteil"], ["Blüte; groß", 0.5], ["b", None]], file, CsvStyle.for_reader(","))
    expected = 'Name;Anteil\r\n"Blüte; groß";"0,500000"\r\nb;\r\n'
    assert file.read_bytes() == b"\xef\xbb\xbf" + expected.encode()


def test_tabs_where_the_name_says_so(tmp_path: Path) -> None:
    write_sheet([["a", "b"], ["1;2,3", 0.25]], tmp_path / "t.TSV", CsvStyle.for_reader(","))
    assert (tmp_path / "t.TSV").read_text("utf-8-sig") == 'a\tb\n"1;2,3"\t"0,250000"\n'


def test_a_workbook_has_texts_as_texts_and_numbers_as_numbers(tmp_path: Path) -> None:
    file = tmp_path / "Tabelle.xlsx"
    header = ["path", "=1+1", "Grünfäule"]
    rows = [
        [text, 0.125, None] for text in [*FORMULAS, *filter(None, HARMLESS), "http://x.org", "x" * 40_000]
    ]
    write_sheet([header, *rows], file)
    sheet = load_workbook(file).active
    read = list(sheet.iter_rows())
    assert [cell.value for cell in read[0]] == header
    assert {cell.data_type for row in read for cell in (row[0],)} == {"s"}, "no formula"
    assert [row[1].value for row in read[1:]] == [0.125] * len(rows)
    assert {row[1].data_type for row in read[1:]} == {"n"}
    assert read[1][0].value == "=1+1"
    assert read[0][1].data_type == "s"
    assert len(read[-1][0].value) == 32_767
    assert read[-2][0].hyperlink is None


def test_names_that_are_no_utf8(tmp_path: Path) -> None:
    for name in ("t.csv", "t.xlsx"):
        write_sheet([["path"], ["caf\udce9.jpg"]], tmp_path / name)
    assert (tmp_path / "t.csv").read_text("utf-8") == "path\ncaf\\xe9.jpg\n"
    assert load_workbook(tmp_path / "t.xlsx").active["A2"].value == "caf\\xe9.jpg"


@pytest.mark.parametrize("suffix", [".ods", ".xls", ".XLSM"])
def test_other_kinds_are_refused(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(ProblemError, match=r"Choose t\.xlsx or t\.csv"):
        write_sheet([["a"]], tmp_path / f"t{suffix}")


def test_a_workbook_that_is_too_wide_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="at most 16,384"):
        write_sheet([["a"] * 16_385], tmp_path / "t.xlsx")
    assert not list(tmp_path.iterdir())


def test_a_workbook_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ProblemError, match="could not be written"):
        write_sheet([["a"]], tmp_path / "file" / "t.xlsx")


@pytest.mark.parametrize(
    ("settings", "mark"),
    [
        ({"LANG": "de_DE.UTF-8"}, ","),
        ({"LANG": "de_CH.UTF-8"}, "."),
        ({"LANG": "de_DE.UTF-8", "LC_NUMERIC": "en_GB.UTF-8"}, "."),
        ({"LC_ALL": "pt-BR", "LC_NUMERIC": "en_US"}, ","),
        ({"LANG": "sr_RS@latin"}, ","),
        ({"LANG": "C.UTF-8"}, "."),
        ({}, "."),
    ],
)
def test_decimal_mark_of_the_settings(settings: dict[str, str], mark: str) -> None:
    assert decimal_mark(settings) == mark
