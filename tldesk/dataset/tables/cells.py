"""Reads the cells of a table as text: CSV and other delimited text, sheets, JSON of labelling programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tldesk.base import Problem, ProblemError, plural
from tldesk.dataset.files.packed_tables import table_bytes
from tldesk.dataset.tables.delimited_text import split_text
from tldesk.dataset.tables.documents import is_workbook, kind_of_document
from tldesk.dataset.tables.labelling_export import parse_json, table_of_export
from tldesk.dataset.tables.text_encoding import Decoded, decode
from tldesk.dataset.tables.workbook import WorkbookSheet, read_workbook

SHEET_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
TABLE_SUFFIXES = frozenset({".csv", ".tsv"}) | SHEET_SUFFIXES
EXPORT_SUFFIXES = frozenset({".json", ".jsonl"})
"""Of tables that labelling programs export; most files that are called so are something else."""
_MOST_NAMED = 5
_AS_TABLE = "Save or export the labels as CSV or XLSX, with a row for each picture, then choose that file"


@dataclass(frozen=True)
class Sheet:
    """The rows of a table that hold something.

    Attributes:
        name: the sheet of a workbook; "" for a text file.
        rows: the cells, as long as each row is.
        lines: the number of each row in its file or sheet, from 1.
        notes: what is not certain about the reading, one sentence each without a closing stop.
    """

    name: str
    rows: Sequence[list[str]]
    lines: Sequence[int]
    notes: tuple[str, ...] = ()


def read_sheets(path: Path, familiar: Callable[[Iterable[str]], int]) -> list[Sheet]:
    """Return the sheets of a workbook, or the only one that a text file is.

    Args:
        path: the file.
        familiar: returns how many of some cells are known; it decides between code pages.

    Raises:
        ProblemError: the file does not exist or is not a table.
    """
    data = _bytes(path)
    kind = kind_of_document(data)
    if kind:
        raise ProblemError(Problem(str(path), f"this is {kind}, not a table", _AS_TABLE))
    if path.suffix.lower() in SHEET_SUFFIXES or is_workbook(data):
        return [_of_workbook(path, sheet) for sheet in read_workbook(path, data)]
    text = decode(data, familiar)
    if text is None:
        fix = "Save the table as CSV or XLSX, then choose that file"
        raise ProblemError(Problem(str(path), "this is not a text file", fix))
    exported = _of_json(path, text.text)
    if exported is not None:
        return [exported]
    _refuse_documents(path, text.text)
    found = split_text(text.text)
    notes = [*_guess_note(path, text), *_stray_note(path, found.stray)]
    return [Sheet("", found.rows, found.lines, tuple(notes))]


def _of_json(path: Path, text: str) -> Sheet | None:
    """Return the table that a labelling program exported as JSON; None if the text is no JSON.

    Raises:
        ProblemError: it is JSON of another kind, or gives no picture a class.
    """
    value = parse_json(text)
    if value is None:
        return None
    rows = table_of_export(value)
    if rows is None:
        raise ProblemError(Problem(str(path), "this is a JSON document, not a table", _AS_TABLE))
    if not any(any(cell.strip() for cell in row[1:]) for row in rows[1:]):
        fix = "Label the pictures there first and export them again, or choose another table"
        raise ProblemError(Problem(str(path), "this JSON document gives none of its pictures a class", fix))
    return Sheet("", rows, range(len(rows)))  # a picture's number instead of a line


def _refuse_documents(path: Path, text: str) -> None:
    """Refuse text that is no table, which would be read as one odd row: what labelling programs export."""
    begin = text.lstrip("\ufeff \t\r\n")[:200].lower()
    if begin.startswith(("<?xml", "<!doctype html", "<html", "<annotation")):
        kind = "HTML" if "html" in begin else "XML"
        raise ProblemError(Problem(str(path), f"this is an {kind} document, not a table", _AS_TABLE))


def lines_named(lines: Sequence[int]) -> str:
    """Return line numbers as text: "line 3", "lines 3, 8 and 12", "lines 3, 4, 5, 6, 7 …"."""
    first = [f"{line:,}" for line in lines[:_MOST_NAMED]]
    if len(lines) == 1:
        return f"line {first[0]}"
    if len(lines) > _MOST_NAMED:
        return f"lines {', '.join(first)} …"
    return f"lines {', '.join(first[:-1])} and {first[-1]}"


def _bytes(path: Path) -> bytes:
    try:
        return table_bytes(path)
    except OSError as error:
        raise ProblemError(
            Problem(str(path), f"the table of labels cannot be read ({error.strerror})", "Check the path")
        ) from error


def _of_workbook(path: Path, sheet: WorkbookSheet) -> Sheet:
    filled = [
        (row, number)
        for number, row in enumerate(sheet.rows, start=sheet.first)
        if any(cell.strip() for cell in row)
    ]
    notes = []
    if sheet.merged:
        each = "it goes over" if sheet.merged == 1 else "they go over"
        notes.append(
            f"{path.name}: what {plural(sheet.merged, 'merged cell says', 'merged cells say')} holds for"
            f" all rows that {each}"
        )
    return Sheet(sheet.name, [row for row, _ in filled], [number for _, number in filled], tuple(notes))


def _guess_note(path: Path, text: Decoded) -> list[str]:
    if not text.guessed:
        return []
    example = f' (it has "{text.example}")' if text.example else ""
    return [
        f"{path.name} does not say how its letters are stored; it was read as {text.guessed}, a guess"
        f"{example}. If letters are wrong, save it as CSV UTF-8"
    ]


def _stray_note(path: Path, lines: Sequence[int]) -> list[str]:
    if not lines:
        return []
    if len(lines) == 1:
        return [f"A quotation mark in {lines_named(lines)} of {path.name} is not closed; check that row"]
    return [f"Quotation marks in {lines_named(lines)} of {path.name} are not closed; check those rows"]
