"""Reads the sheets of Excel and OpenDocument workbooks as text."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tldesk.base import Problem, ProblemError


class WorkbookSheet(NamedTuple):
    """A sheet's cells as text, and the number of its first row (from 1)."""

    name: str
    rows: list[list[str]]
    first: int


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
        return [WorkbookSheet(one.name, _texts(one.to_python()), _first(one.start)) for one in sheets]
    except calamine.PasswordError as error:
        fix = "Open it in the program that made it, save a copy without a password, then choose that one"
        raise ProblemError(Problem(str(path), "the workbook is locked with a password", fix)) from error
    except (calamine.CalamineError, ValueError, OSError) as error:
        fix = "Open it in the program that made it and save it as CSV or XLSX, then choose that file"
        raise ProblemError(Problem(str(path), "this workbook cannot be read", fix)) from error


def _first(start: tuple[int, int] | None) -> int:
    return 1 if start is None else start[0] + 1


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
