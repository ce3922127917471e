"""Splits delimited text into rows: any usual delimiter, quoted cells, quotation marks that are never closed.

A quoted cell may hold line breaks. A quotation mark that somebody typed (``"5 cm long``) would swallow the
rows below it up to the next one; a mark is taken for such a one if what it would swallow looks like rows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

_DELIMITERS = (",", ";", "\t", "|")
_BLANKS = " "  # stands for any number of blanks and tabs, in tables without another delimiter
_HINT = re.compile(r'"?sep=(.)"?[,;]*\s*', re.IGNORECASE)  # the first line that Excel reads and writes
_LINE = re.compile(r"\r\n|\r|\n")
_HEAD = 50  # lines that are enough to find the delimiter
_SAMPLE = 500  # lines that are enough to know what a row looks like
_MOST_LINES = 500  # in one cell
_FILE = re.compile(r".*\.[A-Za-z][A-Za-z0-9]{1,4}")
_NUMBER = re.compile(r"[-+]?[\d.,]+")


@dataclass
class DelimitedText:
    """The rows of a text that hold something.

    Attributes:
        rows: the cells, as long as each row is.
        lines: the line on which each row begins, from 1.
        stray: lines with a quotation mark that is not closed and was left out.
    """

    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    stray: list[int] = field(default_factory=list)

    def add(self, row: list[str], line: int) -> None:
        """Add a row, unless it is empty."""
        if any(cell.strip() for cell in row):
            self.rows.append(row)
            self.lines.append(line)


def split_text(text: str) -> DelimitedText:
    """Split a text into rows; the delimiter is the one named in its first line, or is guessed."""
    lines = _LINE.split(text)
    hint = _HINT.fullmatch(lines[0])
    first = 1 if hint else 0
    delimiter = hint[1] if hint else _delimiter(lines)
    if '"' not in text:
        return _plain(lines, first, delimiter)
    return _Splitter(lines, delimiter).split(first)


def _plain(lines: Sequence[str], first: int, delimiter: str) -> DelimitedText:
    found = DelimitedText()
    for number, line in enumerate(lines[first:], start=first + 1):
        found.add(line.split() if delimiter == _BLANKS else line.split(delimiter), number)
    return found


class _Cells(NamedTuple):
    """The cells of a line.

    Attributes:
        cells: the cells before an open quotation mark.
        open_at: place of a quotation mark that is not closed; -1 if there is none.
        trailing: a quoted cell goes on after its closing mark.
    """

    cells: list[str]
    open_at: int = -1
    trailing: bool = False


def _split_line(text: str, delimiter: str) -> _Cells:
    """Split a line, or several that one quoted cell holds together."""
    if delimiter == _BLANKS:
        return _Cells(text.split())
    cells: list[str] = []
    trailing = False
    place = 0
    while True:
        mark = _opening(text, place)
        cell = ""
        if mark >= 0:
            cell, after = _quoted(text, mark)
            if after < 0:
                return _Cells(cells, mark, trailing)
            place = after
        end = text.find(delimiter, place)
        rest = text[place:] if end < 0 else text[place:end]
        trailing = trailing or bool(mark >= 0 and rest.strip())
        cells.append(cell + rest)
        if end < 0:
            return _Cells(cells, -1, trailing)
        place = end + 1


def _opening(text: str, place: int) -> int:
    """Return the place of the quotation mark with which a cell begins, after blanks; -1 if there is none."""
    while place < len(text) and text[place] == " ":
        place += 1
    return place if text.startswith('"', place) else -1


def _quoted(text: str, mark: int) -> tuple[str, int]:
    """Return the cell within quotation marks and the place after it; -1 if it is not closed."""
    parts = []
    place = mark + 1
    while True:
        end = text.find('"', place)
        if end < 0:
            return "", -1
        parts.append(text[place:end])
        if not text.startswith('"', end + 1):
            return "".join(parts), end + 1
        parts.append('"')
        place = end + 2


class _Splitter:
    """Splits lines of which some hold quotation marks."""

    def __init__(self, lines: Sequence[str], delimiter: str) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._look = _RowLook.of(lines, delimiter)
        self._found = DelimitedText()

    def split(self, first: int) -> DelimitedText:
        number = first
        while number < len(self._lines):
            number += self._take(number)
        return self._found

    def _take(self, number: int) -> int:
        """Take the row that begins at a line; return how many lines it has."""
        line = self._lines[number]
        if '"' not in line and self._delimiter != _BLANKS:
            self._found.add(line.split(self._delimiter), number + 1)
            return 1
        one = _split_line(line, self._delimiter)
        if one.open_at < 0:
            self._found.add(one.cells, number + 1)
            return 1
        several, count = self._continued(number)
        if several is None:
            several, count = self._without_mark(line), 1
            self._found.stray.append(number + 1)
        self._found.add(several, number + 1)
        return count

    def _continued(self, number: int) -> tuple[list[str] | None, int]:
        """Return the row and its number of lines if its cell is closed on a later line, as a cell should."""
        text = self._lines[number]
        inside: list[bool] = []
        for last in range(number + 1, min(number + _MOST_LINES, len(self._lines))):
            line = self._lines[last]
            fits = self._look.fits(_split_line(line, self._delimiter).cells)
            if fits and self._look.firm:
                return None, 0
            text += "\n" + line
            whole = _split_line(text, self._delimiter) if '"' in line else None
            if whole is not None and whole.open_at < 0:
                swallows = whole.trailing or (inside and all(inside))
                return (None, 0) if swallows else (whole.cells, last - number + 1)
            inside.append(fits)
        return None, 0

    def _without_mark(self, line: str) -> list[str]:
        mark = _split_line(line, self._delimiter).open_at
        return _split_line(line[:mark] + line[mark + 1 :], self._delimiter).cells


@dataclass(frozen=True)
class _RowLook:
    """What rows of a table look like: their width, and the kinds of cells in telling columns.

    With columns of file names or numbers it is ``firm``: prose does not look like that.
    """

    width: int
    kinds: dict[int, str]

    @property
    def firm(self) -> bool:
        return any(kind != "word" for kind in self.kinds.values())

    @classmethod
    def of(cls, lines: Iterable[str], delimiter: str) -> _RowLook:
        sample = [line for line, _ in zip(lines, range(_SAMPLE), strict=False) if line.strip()]
        split = [_split_line(line, delimiter) for line in sample]
        rows = [one.cells for one in split if one.open_at < 0]
        width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
        columns = list(zip(*(row for row in rows if len(row) == width), strict=True))
        usual = {place: Counter(map(_kind, cells)).most_common(1)[0] for place, cells in enumerate(columns)}
        telling = {
            place: kind
            for place, (kind, count) in usual.items()
            if kind and count > len(columns[place]) / 2 and len(columns[place]) > 1
        }
        return cls(width, _most_telling(telling))

    def fits(self, cells: Sequence[str]) -> bool:
        """Return whether a line looks like a row of its own."""
        if len(cells) != self.width or self.width < 2 or not self.kinds:
            return False
        fitting = [_kind(cells[place]) == kind for place, kind in self.kinds.items() if cells[place].strip()]
        return bool(fitting) and all(fitting)


def _most_telling(kinds: dict[int, str]) -> dict[int, str]:
    """Return the columns of file names and numbers, else those of single words."""
    firm = {place: kind for place, kind in kinds.items() if kind != "word"}
    return {place: "file" for place in firm if firm[place] == "file"} or firm or kinds


def _kind(cell: str) -> str:
    """Return "number", "file", "word" or, for other text, ""."""
    plain = cell.strip().strip('"')
    if not plain:
        return ""
    if _NUMBER.fullmatch(plain):
        return "number"
    if _FILE.fullmatch(plain):
        return "file"
    return "" if " " in plain else "word"


def _delimiter(lines: Sequence[str]) -> str:
    """Return the delimiter that gives most of the first lines the same number of cells."""
    head = [line for line in lines[: _HEAD * 4] if line.strip()][:_HEAD]

    def quality(delimiter: str) -> tuple[float, int]:
        split = [_split_line(line, delimiter) for line in head]
        widths = Counter(len(one.cells) for one in split if one.open_at < 0)
        wide = [(count, width) for width, count in widths.items() if width > 1]
        count, width = max(wide, default=(0, 0))
        return count / len(head), width

    if not head:
        return ","
    best = max(_DELIMITERS, key=quality)
    share = quality(best)[0]
    if share <= 0.5 and len(head) > 1 and quality(_BLANKS)[0] == 1:
        return _BLANKS
    return best if share else ","
