"""Reads the sheets of Excel and OpenDocument workbooks as text."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tldesk.base import Problem, ProblemError

if TYPE_CHECKING:
    from python_calamine import CalamineSheet


class WorkbookSheet(NamedTuple):
    """A sheet's cells as text, the number of its first row (from 1), and how many cells reach over rows."""

    name: str
    rows: list[list[str]]
    first: int
    merged: int = 0


def read_workbook(path: Path, data: bytes) -> list[WorkbookSheet]:
    """Return the visible sheets of a workbook, all of them if none is visible.

    Raises:
        ProblemError: the workbook is locked or cannot be read.
    """
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        visible = [one.visible == calamine.SheetVisibleEnum.Visible for one in book.sheets_metadata]
        numbers = [number for number, shown in enumerate(visible) if shown or not any(visible)]
        sheets = [book.get_sheet_by_index(number) for number in numbers]
        return [_sheet(one) for one in sheets]
    except calamine.PasswordError as error:
        fix = "Open it in the program that made it, save a copy without a password, then choose that one"
        raise ProblemError(Problem(str(path), "the workbook is locked with a password", fix)) from error
    except (calamine.CalamineError, ValueError, OSError) as error:
        fix = "Open it in the program that made it and save it as CSV or XLSX, then choose that file"
        raise ProblemError(Problem(str(path), "this workbook cannot be read", fix)) from error


def _sheet(sheet: CalamineSheet) -> WorkbookSheet:
    """Return a sheet; what a cell says that is merged with those below it holds for their rows too."""
    rows = _texts(sheet.to_python())
    top, left = sheet.start or (0, 0)
    merged = 0
    for (first, column), (last, end) in sheet.merged_cell_ranges or ():
        below = rows[first - top + 1 : last - top + 1] if first >= top else []
        place = column - left
        if column == end and below and 0 <= place < len(rows[first - top]):
            merged += 1
            for row in below:
                row[place] = row[place] or rows[first - top][place]
    return WorkbookSheet(sheet.name, rows, top + 1, merged)


def _texts(rows: Sequence[Sequence[object]]) -> list[list[str]]:
    return [[_text(cell) for cell in row] for row in rows]


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
