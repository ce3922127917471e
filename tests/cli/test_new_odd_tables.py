"""``tldesk new --labels`` with documents, rows below the headers, and names that differ in little."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
from cli_calls import Call, one_line
from dataset_pictures import draw

ROWS = [(f"{number}.png", "ab"[number % 2], str(number)) for number in range(6)]


def pictures(root: Path, *names: str) -> Path:
    for number, name in enumerate(names or [row[0] for row in ROWS]):
        draw(root / "x" / name, number)
    return root / "x"


def written(root: Path, *rows: tuple[str, ...]) -> Path:
    (root / "t.csv").write_text("\n".join(";".join(row) for row in [("file", "class", "size"), *rows]))
    return root / "t.csv"


def packed(root: Path, name: str, member: str) -> Path:
    with zipfile.ZipFile(root / name, "w") as made:
        made.writestr(member, "<x/>")
    return root / name


def found(call: Call, images: Path, table: Path) -> tuple[dict[str, int], str]:
    document = call("new", "p", "--images", images, "--labels", table, "--dry-run", "--json").document[
        "found"
    ]
    return document["classes"], " ".join(document["notes"])


@pytest.mark.parametrize("name", ["t.pdf", "t.csv", "word.docx", "word.xlsx", "slides.pptx", "t.rtf"])
def test_a_document_for_a_table_is_named(name: str, call: Call, tmp_path: Path) -> None:
    table = tmp_path / name
    if name.startswith(("word", "slides")):
        packed(tmp_path, name, "word/document.xml" if name.startswith("word") else "ppt/presentation.xml")
    else:
        table.write_bytes(b"{\\rtf1 file,class}" if name == "t.rtf" else b"%PDF-1.4\nfile,class\n0.png,a\n")
    told = one_line(call("new", tmp_path / "p", "--images", pictures(tmp_path), "--labels", table))
    assert "document, not a table" in told


def test_a_workbook_that_is_called_csv_is_read(call: Call, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [("file", "class", "size"), *ROWS]:
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    (tmp_path / "t.xlsx").rename(tmp_path / "t.csv")
    assert found(call, pictures(tmp_path), tmp_path / "t.csv")[0] == {"a": 3, "b": 3}


@pytest.mark.parametrize(
    "below", [("filename", "code", "mm"), ("", "", "(mm)"), ("text", "0 = no, 1 = yes", "cm")]
)
def test_a_row_of_units_or_codes_below_the_headers(
    below: tuple[str, ...], call: Call, tmp_path: Path
) -> None:
    classes, notes = found(call, pictures(tmp_path), written(tmp_path, below, *ROWS))
    assert classes == {"a": 3, "b": 3}
    assert "line 2 below the columns' names" in notes
    assert "without a file" not in notes


@pytest.mark.parametrize("first", [("lost.png", "c", "9"), ("", "a", "9"), ("lost", "a", "9")])
def test_a_first_row_about_a_lost_picture_is_no_header(
    first: tuple[str, ...], call: Call, tmp_path: Path
) -> None:
    _, notes = found(call, pictures(tmp_path), written(tmp_path, first, *ROWS))
    assert "below the columns' names" not in notes
    assert "without a file" in notes


def test_blanks_before_the_ending_and_around_folders_do_not_count(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path, "0 .png", " 1.png", "sub /2.png", "3.png")
    rows = [("0.png", "a", ""), ("1.png", "b", ""), ("sub/2.png", "a", ""), ("3 .png", "b", "")]
    classes, _ = found(call, images, written(tmp_path, *rows))
    assert classes == {"a": 2, "b": 2}
    images = pictures(tmp_path / "both", "0 .png", "0.png")
    classes, _ = found(call, images, written(tmp_path, ("0.png", "a", ""), ("0 .png", "b", "")))
    assert classes == {"a": 1, "b": 1}, "what is written wins"


def test_another_ending_of_which_there_are_two_is_told(call: Call, tmp_path: Path) -> None:
    images = pictures(tmp_path, "0.png", "0.jpg", "1.png")
    classes, notes = found(call, images, written(tmp_path, ("0.tif", "a", ""), ("1.tif", "b", "")))
    assert classes == {"b": 1}
    assert "could mean several files each and was not used, the first: 0.tif" in notes


def test_lines_of_sheets_that_are_read_as_one_table_are_told_with_the_sheet(
    call: Call, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    book.active.title = "North"
    for sheet, rows in (
        (book.active, ROWS[:3]),
        (book.create_sheet("South"), [*ROWS[3:], ("5.png", "a", "")]),
    ):
        for row in [("file", "class", "size"), *rows]:
            sheet.append(row)
    book["South"].append(("4.png", "a", "1", "2"))
    book.save(tmp_path / "t.xlsx")
    _, notes = found(call, pictures(tmp_path), tmp_path / "t.xlsx")
    assert 'the first: 5.png (lines 4 and 5 of the sheet "South")' in notes
    assert 'not used: line 6 (sheet "South")' in notes
