"""Tables for spreadsheet programs and scripts: CSV with the reader's marks, or an Excel workbook.

In a CSV file every cell is text that a spreadsheet program interprets: one that begins like a formula would
be computed, and could fetch or run something. Such cells get an apostrophe in front (OWASP, "CSV Injection").
A program may also divide the lines by another separator than the file's: German Excel takes semicolons,
LibreOffice commas, semicolons and tabs at once. So cells with any of them are in quotation marks, and what
would begin a cell after one of them gets the apostrophe too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tldesk.base.file_names import shown
from tldesk.base.files import atomic_path, write_atomic
from tldesk.base.problem import Problem, ProblemError

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

Cell = str | float | None
"""Text, a number, or nothing."""

WORKBOOK = ".xlsx"
# Also the full-width forms, which programs set to Chinese or Japanese compute.
_FORMULA = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?")
_SEPARATORS = ",;\t|\r\n"
_FORMULA_INSIDE = re.compile(
    f'(?<=[{_SEPARATORS}])("*)((?!{_NUMBER.pattern}(?:[{_SEPARATORS}]|$)){_FORMULA.pattern})'
)
_QUOTED = re.compile(f'[{_SEPARATORS}"]')
_MOST_ROWS, _MOST_COLUMNS, _MOST_CHARACTERS = 1_048_576, 16_384, 32_767  # of a sheet and of its cells
_DIGITS = 6
_OTHER_KINDS = frozenset({".xls", ".xlsm", ".xlsb", ".ods", ".fods", ".numbers"})


@dataclass(frozen=True, slots=True)
class CsvStyle:
    """How a CSV file is written.

    Attributes:
        separator: between cells.
        decimal: decimal mark of numbers.
        mark: whether the file begins with a byte-order mark, by which Excel recognises UTF-8.
    """

    separator: str = ","
    decimal: str = "."
    mark: bool = False

    @classmethod
    def for_reader(cls, decimal: str) -> CsvStyle:
        """Return the style that a spreadsheet program set to this decimal mark opens in columns.

        Where the decimal mark is a comma, cells are separated by semicolons.
        """
        comma = decimal == ","
        return cls(";" if comma else ",", "," if comma else ".", mark=True)


FOR_PROGRAMS = CsvStyle()
"""RFC 4180 in plain UTF-8, with points: what scripts expect."""


def write_sheet(rows: Sequence[Sequence[Cell]], file: Path, style: CsvStyle = FOR_PROGRAMS) -> None:
    """Write a table as a whole or not at all: a workbook if the name ends in ``.xlsx``, else CSV.

    A name that ends in ``.tsv`` gets tabs between the cells.

    Args:
        rows: the rows, the first one with the headers.
        file: the file to write; an existing one is replaced.
        style: of a CSV file; a workbook has no need of it.

    Raises:
        ProblemError: the file cannot be written, its kind is another one, or a workbook cannot hold so many
            rows or columns.
    """
    refuse_kind(file)
    if file.suffix.lower() == WORKBOOK:
        _write_workbook(rows, file)
    else:
        if file.suffix.lower() == ".tsv":
            style = replace(style, separator="\t")
        write_atomic(file, csv_text(rows, style).encode("utf-8-sig" if style.mark else "utf-8"))


def refuse_kind(file: Path) -> None:
    """Refuse a file name that promises a kind of table which is not written.

    Raises:
        ProblemError: the name ends like that of another spreadsheet format.
    """
    if file.suffix.lower() in _OTHER_KINDS:
        what = f"tables are not written as {file.suffix}"
        fix = f"Choose {file.with_suffix(WORKBOOK).name} or {file.with_suffix('.csv').name}"
        raise ProblemError(Problem(str(file), what, fix))


def csv_text(rows: Iterable[Sequence[Cell]], style: CsvStyle = FOR_PROGRAMS) -> str:
    """Return a table as text; numbers have six decimals. No cell is one that a spreadsheet would compute."""
    end = "\r\n" if style.mark else "\n"
    return "".join(style.separator.join(_quoted(_text(cell, style)) for cell in row) + end for row in rows)


def harmless(text: str) -> str:
    """Return a text that no spreadsheet computes: with an apostrophe before what begins like a formula, at
    its start or after a separator.

    Plain numbers such as ``-1`` are left as they are.
    """
    text = _FORMULA_INSIDE.sub(r"'\1\2", text)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _text(cell: Cell, style: CsvStyle) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return harmless(shown(cell).replace("\r\n", "\n")).replace("\r", "\n")
    return f"{cell:.{_DIGITS}f}".replace(".", style.decimal)


def _quoted(text: str) -> str:
    if not _QUOTED.search(text):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _write_workbook(rows: Sequence[Sequence[Cell]], file: Path) -> None:
    import xlsxwriter

    _refuse_too_large(rows, file)
    # Texts stay texts: not formulas, links or numbers.
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with atomic_path(file) as temporary, xlsxwriter.Workbook(str(temporary), plain) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for place, header in enumerate(rows[0] if rows else ()):
            sheet.write_string(0, place, shown(str(header)), bold)
        number = book.add_format({"num_format": "0.0000"})
        for line, row in enumerate(rows[1:], start=1):
            for place, cell in enumerate(row):
                _write_cell(sheet, line, place, cell, number)
        sheet.set_column(0, 0, 48)


def _write_cell(sheet: Worksheet, line: int, place: int, cell: Cell, number: object) -> None:
    if isinstance(cell, str):
        if cell:
            sheet.write_string(line, place, shown(cell)[:_MOST_CHARACTERS])
    elif cell is not None:
        sheet.write_number(line, place, round(cell, _DIGITS), number)


def _refuse_too_large(rows: Sequence[Sequence[Cell]], file: Path) -> None:
    for what, have, most in (
        ("rows", len(rows), _MOST_ROWS),
        ("columns", max(map(len, rows), default=0), _MOST_COLUMNS),
    ):
        if have > most:
            words = f"a workbook cannot hold {have:,} {what}, at most {most:,}"
            raise ProblemError(Problem(str(file), words, f"Choose {file.with_suffix('.csv').name} instead"))
