"""Reads the cells of a table as text: CSV, TSV and other delimited text, Excel and OpenDocument sheets."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from tldesk.base import Problem, ProblemError
from tldesk.base.regular_files import read_regular

SHEET_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
TABLE_SUFFIXES = frozenset({".csv", ".tsv"}) | SHEET_SUFFIXES
_DELIMITERS = (",", ";", "\t", "|")


def read_cells(path: Path) -> list[list[str]]:
    """Return the non-empty rows; of a workbook, those of the first sheet with at least two columns.

    Raises:
        ProblemError: the file does not exist or is not a table.
    """
    data = _bytes(path)
    if path.suffix.lower() in SHEET_SUFFIXES:
        return _workbook(path, data)
    text = _decode(path, data)
    return _cells(text, _delimiter(text))


def _bytes(path: Path) -> bytes:
    try:
        return read_regular(path)
    except OSError as error:
        raise ProblemError(
            Problem(str(path), f"the table of labels cannot be read ({error.strerror})", "Check the path")
        ) from error


def _workbook(path: Path, data: bytes) -> list[list[str]]:
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [book.get_sheet_by_index(number).to_python() for number in range(len(book.sheet_names))]
    except calamine.PasswordError as error:
        fix = "Open it in the program that made it, save a copy without a password, then choose that one"
        raise ProblemError(Problem(str(path), "the workbook is locked with a password", fix)) from error
    except (calamine.CalamineError, ValueError, OSError) as error:
        fix = "Open it in the program that made it and save it as CSV or XLSX, then choose that file"
        raise ProblemError(Problem(str(path), "this workbook cannot be read", fix)) from error
    found = [_filled([_text(cell) for cell in row] for row in sheet) for sheet in sheets]
    return next((rows for rows in found if max(map(_width, rows), default=0) > 1), [])


def _text(cell: object) -> str:
    """Return a cell as the sheet shows it: 12 rather than 12.0, dates without midnight."""
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if cell.is_integer():
            return str(int(cell))
        case dt.datetime() if cell.time() == dt.time():
            return cell.date().isoformat()
        case dt.datetime():
            return cell.isoformat(" ")
        case _:
            return str(cell)


def _width(row: Sequence[str]) -> int:
    return max((place + 1 for place, cell in enumerate(row) if cell.strip()), default=0)


def _filled(rows: Iterable[list[str]]) -> list[list[str]]:
    return [row for row in rows if any(cell.strip() for cell in row)]


def _decode(path: Path, data: bytes) -> str:
    """Decode UTF-8, UTF-16 with byte-order mark, else Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\x00" in data:
        raise ProblemError(
            Problem(
                str(path), "this is not a text file", "Save the table as CSV or XLSX, then choose that file"
            )
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _cells(text: str, delimiter: str) -> list[list[str]]:
    return _filled(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _delimiter(text: str) -> str:
    """Return the delimiter that splits the first rows into most cells (csv.Sniffer may choose a letter)."""
    head = "\n".join(text.splitlines()[:30])

    def quality(delimiter: str) -> tuple[bool, int]:
        widths = [len(row) for row in _cells(head, delimiter)]
        return (bool(widths) and min(widths) == max(widths) > 1, max(widths, default=0))

    return max(_DELIMITERS, key=quality)
