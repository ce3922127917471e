"""Reads a table: the right sheet of a workbook, its headers below a title, rows of the right width.

Everything that is not certain about the reading is a note.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tldesk.base import Problem, ProblemError, plural
from tldesk.dataset.records import Columns
from tldesk.dataset.tables.camera_trap import completed
from tldesk.dataset.tables.cells import Sheet, lines_named, read_sheets
from tldesk.dataset.tables.column_words import class_word, image_rank, is_known
from tldesk.dataset.tables.named_files import FileNames
from tldesk.imaging import IMAGE_SUFFIXES

_MOST_TITLES = 20  # rows above the headers
_JUDGED_ROWS = 200


@dataclass(frozen=True)
class Table:
    """A table as text; each row has as many cells as there are headers.

    Attributes:
        path: the file.
        headers: unique names of the columns.
        rows: the cells, without surrounding blanks.
        lines: the number of each row in its file or sheet, from 1.
        notes: what is not certain about the reading, one sentence each without a closing stop.
        sheets: the sheet of each row, if several were read as one table.
    """

    path: Path
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()

    def column(self, name: str) -> int:
        """Return the index of a column.

        Raises:
            ProblemError: there is no column of this name.
        """
        if name not in self.headers:
            raise ProblemError(
                Problem(
                    str(self.path),
                    f'the table has no column "{name}"',
                    f"Choose one of: {', '.join(self.headers)}",
                )
            )
        return self.headers.index(name)

    def line(self, place: int) -> int:
        """Return the number of a row, given by its index, in the file or sheet."""
        return self.lines[place] if self.lines else place + 2

    def lines_said(self, places: Sequence[int]) -> str:
        """Return the lines of rows, given by their indices, as text: "lines 3 and 8 of the sheet B"."""
        said = lines_named([self.line(place) for place in places])
        sheets = dict.fromkeys(self.sheets[place] for place in places) if self.sheets else {}
        named = " and ".join(f'"{name}"' for name in sheets)
        return f"{said} of the sheet{'s' if len(sheets) > 1 else ''} {named}" if named else said

    def cells(self, name: str) -> list[str]:
        """Return the cells of a column; see ``column``."""
        place = self.column(name)
        return [row[place] for row in self.rows]


def read_table(path: Path, names: FileNames, wanted: Columns | None = None) -> Table:
    """Read a table: text of any delimiter and encoding, or the sheet of a workbook that is about the files.

    If the first row contains a file name, it is data and not a header; then the columns are called
    "column 1", "column 2" ….

    Args:
        path: the file.
        names: the files that the table may be about.
        wanted: the columns that it is known to have.

    Raises:
        ProblemError: the file does not exist, is not a table, or has no rows or only one column.
    """

    def familiar(cells: Iterable[str]) -> int:
        return sum(names.names_in([cell]) or is_familiar_word(cell) for cell in cells)

    sheets = [sheet for sheet in read_sheets(path, familiar) if sheet.rows]
    tables = [(sheet.name, table) for sheet in sheets if (table := _table(path, sheet, names))]
    if not tables:
        raise ProblemError(
            Problem(
                str(path),
                "this is not a table with at least two columns (one naming the image, one its class)",
                "Save it as XLSX, or as CSV with a comma, semicolon or tab between the columns",
            )
        )
    used, table = _right_sheets(tables, names, wanted)
    note = _sheets_note(path, used, [sheet.name for sheet in sheets if sheet.name not in used])
    return _with_files_of_media(replace(table, notes=(*table.notes, *note)))


def is_familiar_word(cell: str) -> bool:
    """Return whether a cell is written in letters and is a word of headers: "│ý║┤" is not "y"."""
    written = all(sign.isalnum() or sign.isascii() for sign in cell)
    return len(cell) > 1 and written and bool(class_word(cell) or image_rank(cell))


def _right_sheets(
    tables: Sequence[tuple[str, Table]], names: FileNames, wanted: Columns | None
) -> tuple[list[str], Table]:
    """Return the sheet with the wanted columns that names the most files; of equal ones, the first.

    Sheets with the same columns about other files (one a site, one a year) are read with it as one table;
    those about the same files may be an older state of it and are not.
    """

    def fitness(one: tuple[str, Table]) -> tuple[int, int, bool]:
        table = one[1]
        kept = sum(name in table.headers for name in wanted.all()) if wanted is not None else 0
        return kept, _files_named(table, names), any(map(class_word, table.headers))

    if len(tables) == 1:
        return [tables[0][0]], tables[0][1]
    best, table = max(tables, key=fitness)
    told = _files_told(table, names)
    used = [best]
    for name, other in tables:
        if name == best or other.headers != table.headers or all(map(_is_numbered, table.headers)):
            continue
        more = _files_told(other, names)
        if more and not more & told:
            told |= more
            used.append(name)
    return _joined([(name, one) for name, one in tables if name in used])


def _joined(tables: Sequence[tuple[str, Table]]) -> tuple[list[str], Table]:
    """Return the sheets' names and their rows as one table."""
    first = tables[0][1]
    rows = tuple(row for _, one in tables for row in one.rows)
    lines = tuple(line for _, one in tables for line in one.lines)
    several = len(tables) > 1
    notes = dict.fromkeys(
        f'{note} (sheet "{name}")' if several else note for name, one in tables for note in one.notes
    )
    sheets = tuple(name for name, one in tables for _ in one.rows) if several else ()
    names = [name for name, _ in tables]
    return names, Table(first.path, first.headers, rows, lines, tuple(notes), sheets)


def _sheets_note(path: Path, used: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return which sheets were read, if there were others or several."""
    if len(used) == 1 and not others:
        return []
    read, unread = (", ".join(f'"{name}"' for name in names) for names in (used, others))
    said = f"the sheet {read} was read"
    if len(used) > 1:
        said = f"the sheets {read}, which have the same columns, were read as one table"
    return [f"{path.name}: {said}, not {unread}" if others else f"{path.name}: {said}"]


def _is_numbered(header: str) -> bool:
    return header.startswith("column ")


def _files_told(table: Table, names: FileNames) -> set[str]:
    """Return the files that the column names which names the most of them."""
    if not table.rows:
        return set()
    sample = list(zip(*table.rows[:_JUDGED_ROWS], strict=True))
    best = max(range(len(sample)), key=lambda place: names.named_by(sample[place]).matched)
    return {path for path in names.named_by([row[best] for row in table.rows]).files if path}


def _with_files_of_media(table: Table) -> Table:
    """Return the observations of a camera-trap package with the files that they are about."""
    found = completed(table.path, table.headers, table.rows, table.lines)
    if found is None:
        return table
    notes = (*table.notes, *found.notes)
    return Table(table.path, found.headers, found.rows, found.lines, notes)


def _files_named(table: Table, names: FileNames) -> int:
    rows = table.rows[:_JUDGED_ROWS]
    return max(names.named_by(cells).matched for cells in zip(*rows, strict=True)) if rows else 0


def _table(path: Path, sheet: Sheet, names: FileNames) -> Table | None:
    """Return a sheet as a table; None if it has fewer than two columns."""
    rows = [tuple(cell.strip() for cell in row) for row in sheet.rows]
    if max(map(_width, rows), default=0) < 2:
        return None
    start = _first_full_row(rows)
    notes = list(sheet.notes)
    if start:
        notes.append(
            f"{path.name}: {_lines_above(sheet.lines[:start])} above the columns' names"
            f" ({', '.join(rows[start][:3])} …) {'was' if start == 1 else 'were'} left out as a title"
        )
    headless = _is_data(rows[start], names)
    body = start if headless else start + 1
    headers = () if headless else rows[start][: _width(rows[start])]
    if not headless and _is_below_headers(rows[body:], names):
        notes.append(
            f"{path.name}: {_lines_above([sheet.lines[body]])} below the columns' names"
            f" ({', '.join(filter(None, rows[body][:3]))} …) was left out: units or codes, not a picture"
        )
        body += 1
    kept, lines, width, more = _of_right_width(path, headers, rows[body:], sheet.lines[body:])
    if len(headers) < width and _has_row_names(headers, kept):
        headers = ("", *headers)
    titles = _unique((*headers, *[""] * (width - len(headers))))
    return Table(path, titles, tuple(kept), tuple(lines), (*notes, *more))


def _lines_above(lines: Sequence[int]) -> str:
    return lines_named(lines)


def _width(row: Sequence[str]) -> int:
    width = len(row)
    while width and not row[width - 1]:
        width -= 1
    return width


def _filled(row: Sequence[str]) -> int:
    return sum(bool(cell) for cell in row)


def _first_full_row(rows: Sequence[tuple[str, ...]]) -> int:
    """Return the index of the row of headers, or of data: the first that is about as full as the others.

    A fuller title ("Field A", "2024", "Smith") is passed over for a row soon after it that has known words.
    """
    usual = statistics.median(_filled(row) for row in rows[:_JUDGED_ROWS])
    full = [
        place
        for place, row in enumerate(rows[:_MOST_TITLES])
        if _filled(row) >= max(2, 0.6 * usual) and not row[0].startswith("# ")
    ]
    start = full[0] if full else next(place for place, row in enumerate(rows) if _width(row) > 1)
    if not any(is_file_name(cell) or is_known(cell) for cell in rows[start]):
        return next((place for place in full[:5] if sum(map(is_known, rows[place])) >= 2), start)
    return start


def is_file_name(cell: str) -> bool:
    """Return whether a cell ends like the name of a picture."""
    name, dot, suffix = cell.strip().replace("\\", "/").rpartition("/")[2].rpartition(".")
    return bool(name) and dot + suffix.lower() in IMAGE_SUFFIXES


def _is_data(row: Sequence[str], names: FileNames) -> bool:
    """Return whether a row is no header: it names a file, or has no word that headers have but a file's."""
    if any(is_file_name(cell) for cell in row):
        return True
    return not any(map(is_known, row)) and names.named_by(list(row)).matched > 0


def _is_below_headers(rows: Sequence[tuple[str, ...]], names: FileNames) -> bool:
    """Return whether the first row explains the columns: units, codes, their names in other words.

    Other rows name files, it names none, and nothing in it stands in its column again.
    """
    sample = rows[1:_JUDGED_ROWS]
    first, columns = rows[0] if rows else (), list(zip(*_even(sample), strict=True))
    if len(sample) < 2 or not any(first) or any(map(is_file_name, first)):
        return False
    if any(cell in columns[place] for place, cell in enumerate(first[: len(columns)]) if cell):
        return False
    place = max(range(len(columns)), key=lambda one: _names_or_files(columns[one], names))
    named = _names_or_files(columns[place], names) > 0.5 * len(sample)
    return named and not _names_or_files(first[place : place + 1], names)


def _even(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    width = max(map(len, rows), default=0)
    return [(*row, *[""] * (width - len(row))) for row in rows]


def _names_or_files(cells: Sequence[str], names: FileNames) -> int:
    return max(sum(map(is_file_name, cells)), names.named_by(cells).matched)


def _has_row_names(headers: Sequence[str], rows: Sequence[tuple[str, ...]]) -> bool:
    """Return whether each row begins with a name that has no header, as R writes tables."""
    first = [row[0] for row in rows]
    return (
        bool(headers)
        and len(set(first)) == len(first) > 1
        and all(_width(row) == len(headers) + 1 for row in rows)
    )


def _of_right_width(
    path: Path, headers: Sequence[str], rows: Sequence[tuple[str, ...]], lines: Sequence[int]
) -> tuple[list[tuple[str, ...]], list[int], int, list[str]]:
    """Return the rows as wide as the headers, their lines, that width, and a note on rows that are wider.

    If most rows are wider than the headers, headers are missing, and no row is left out.
    """
    widths = [_width(row) for row in rows]
    wide = [place for place, width in enumerate(widths) if width > len(headers)]
    whole = not headers or len(wide) > len(rows) / 2
    width = max([len(headers), *widths]) if whole else len(headers)
    left_out = [] if whole else [lines[place] for place in wide]
    kept = [place for place in range(len(rows)) if whole or widths[place] <= width]
    padded = [(*rows[place][:width], *[""] * (width - len(rows[place]))) for place in kept]
    notes = []
    if left_out:
        notes.append(
            f"{plural(len(left_out), 'row')} of {path.name} with more cells than there are columns"
            f" {'was' if len(left_out) == 1 else 'were'} not used: {lines_named(left_out)}"
        )
    return padded, [lines[place] for place in kept], width, notes


def _unique(headers: Sequence[str]) -> tuple[str, ...]:
    """Make headers non-empty and unique: "", "a", "a" become "column 1", "a", "a (2)"."""
    names: list[str] = []
    for number, header in enumerate(headers):
        name = header or f"column {number + 1}"
        count = names.count(name) + 1
        names.append(name if count == 1 else f"{name} ({number + 1})")
    return tuple(names)
