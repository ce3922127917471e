"""Tables of labels (CSV, TSV, XLSX, ODS): reading them, guessing their columns, matching rows with files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from tldesk.base import Problem, ProblemError
from tldesk.dataset.files.split_words import split_named
from tldesk.dataset.files.walk import find_files
from tldesk.dataset.name_order import folded
from tldesk.dataset.records import ColumnGuess, Columns, Split
from tldesk.dataset.tables.cells import read_cells

_IMAGE_WORDS = ("image", "file", "filename", "path", "name", "id", "picture", "photo", "bild", "datei")
_LABEL_WORDS = (
    "label",
    "class",
    "category",
    "diagnosis",
    "dx",
    "target",
    "species",
    "disease",
    "klasse",
    "y",
)
_GROUP_WORDS = ("group", "patient", "subject", "plot", "plant", "case", "lesion", "burst", "individual")
_SPLIT_WORDS = ("split", "set", "subset", "partition", "fold", "usage", "phase")
_SHOWN_ROWS = 20


@dataclass(frozen=True)
class Table:
    """A table as text; each row has as many cells as there are headers."""

    path: Path
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

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


@dataclass(frozen=True)
class TableRow:
    """A file's row in a table."""

    label: str | None
    group: str | None
    split: Split | None
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class TableMatch:
    """The rows of a table matched with the files of a folder.

    Attributes:
        rows: rows by relative path of the file.
        rows_without_file: image names for which there is no file, in the table's order.
        files_without_row: relative paths of files without a row, in order.
        notes: rows that could not be used, and why.
    """

    rows: Mapping[str, TableRow]
    rows_without_file: tuple[str, ...]
    files_without_row: tuple[str, ...]
    notes: tuple[str, ...]


def read_table(path: Path, image_names: FileNames | None = None) -> Table:
    """Read a table: text of any delimiter and encoding, or a sheet of a workbook.

    If the first row contains a file name, it is data and not a header; then the columns are called
    "column 1", "column 2" ….

    Raises:
        ProblemError: the file does not exist, is not a table, or has no rows or only one column.
    """
    rows = read_cells(path)
    if not rows or max(map(len, rows)) < 2:
        raise ProblemError(
            Problem(
                str(path),
                "this is not a table with at least two columns (one naming the image, one its class)",
                "Save it as XLSX, or as CSV with a comma, semicolon or tab between the columns",
            )
        )
    width = max(map(len, rows))
    padded = [tuple(cell.strip() for cell in row) + ("",) * (width - len(row)) for row in rows]
    if image_names is not None and any(image_names.find(cell) for cell in padded[0]):
        return Table(path, tuple(f"column {number + 1}" for number in range(width)), tuple(padded))
    return Table(path, _unique(padded[0]), tuple(padded[1:]))


def guess_columns(table: Path, images: Path) -> ColumnGuess:
    """Guess which columns are the image, the class, the group and the split, by header and content.

    Raises:
        ProblemError: the table or the folder cannot be read.
    """
    names = FileNames(find_files(images).paths)
    content = read_table(table, names)
    matched = {header: _matches(content, header, names) for header in content.headers}
    image = max(content.headers, key=lambda header: (matched[header].files, _rank(header, _IMAGE_WORDS)))
    others = [header for header in content.headers if header != image]
    split = next((header for header in others if _is_split(content, header)), None)
    others = [header for header in others if header != split]
    label = _guess_label(content, others or [image])
    group = _best_word(
        [one for one in others if _variety(content, one) > _variety(content, label)], _GROUP_WORDS
    )
    columns = Columns(image=image, label=label, group=group, split=split)
    return ColumnGuess(
        columns, content.headers, content.rows[:_SHOWN_ROWS], matched[image].rows, len(content.rows)
    )


class FileNames:
    """Finds the files that a table's cell refers to: by path, by name, or by name without extension.

    "12" also finds "012.bmp". Case and the encoding of umlauts are ignored.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._found: dict[str, list[str]] = {}
        self._by_number: dict[int, list[str]] = {}
        for path in paths:
            for key in _keys(path):
                self._found.setdefault(key, []).append(path)
            stem = PurePosixPath(path).stem
            if stem.isdecimal():
                self._by_number.setdefault(int(stem), []).append(path)

    def find(self, cell: str) -> Sequence[str]:
        """Return the relative paths that match the cell; several if file names occur in several folders."""
        key = folded(cell.replace("\\", "/")).removeprefix("./").strip("/")
        if not key:
            return ()
        while key not in self._found and "/" in key:
            key = key.split("/", 1)[1]  # a path from another computer: its last parts may still match
        if key in self._found:
            return self._found[key]
        return self._by_number.get(int(key), ()) if key.isdecimal() else ()


def _keys(path: str) -> set[str]:
    pure = PurePosixPath(folded(path))
    parts = pure.parts
    tails = {"/".join(parts[start:]) for start in range(len(parts))}
    return tails | {tail.removesuffix(pure.suffix) for tail in tails}


def match_table(table: Table, columns: Columns, paths: Sequence[str]) -> TableMatch:
    """Match the rows of a table with the files of its folder.

    Raises:
        ProblemError: the table does not have one of the columns.
    """
    reader = _RowReader(table, columns)
    names = FileNames(paths)
    rows: dict[str, TableRow] = {}
    lost, ambiguous, conflicting = [], [], set()
    for cells in table.rows:
        cell, row = reader.read(cells)
        found = names.find(cell)
        if not found:
            lost.append(cell)
        elif len(found) > 1:
            ambiguous.append(cell)
        elif found[0] in rows and rows[found[0]].label != row.label:
            conflicting.add(found[0])
        else:
            rows[found[0]] = row
    for path in conflicting:
        del rows[path]
    notes = _match_notes(table.path.name, ambiguous, sorted(conflicting))
    unnamed = tuple(path for path in paths if path not in rows and path not in conflicting)
    return TableMatch(rows, tuple(lost), unnamed, notes)


class _RowReader:
    """Extracts the parts of a row by the positions of the columns."""

    def __init__(self, table: Table, columns: Columns) -> None:
        self._headers = table.headers
        self._image = table.column(columns.image)
        self._label = table.column(columns.label)
        self._group = None if columns.group is None else table.column(columns.group)
        self._split = None if columns.split is None else table.column(columns.split)

    def read(self, cells: Sequence[str]) -> tuple[str, TableRow]:
        group = cells[self._group] if self._group is not None else ""
        split = split_named(cells[self._split]) if self._split is not None else None
        metadata = {header: cell for header, cell in zip(self._headers, cells, strict=True) if cell}
        return cells[self._image], TableRow(cells[self._label] or None, group or None, split, metadata)


def _match_notes(table: str, ambiguous: Sequence[str], conflicting: Sequence[str]) -> tuple[str, ...]:
    notes = []
    if ambiguous:
        notes.append(
            f"{len(ambiguous)} rows of {table} could mean several files each and were not used, the first:"
            f" {ambiguous[0]}; write the folder before the file name"
        )
    if conflicting:
        notes.append(
            f"{table} gives different classes to {len(conflicting)} images, which got no label, the first:"
            f" {conflicting[0]}"
        )
    return tuple(notes)


def _unique(headers: Sequence[str]) -> tuple[str, ...]:
    """Make headers non-empty and unique: "", "a", "a" become "column 1", "a", "a (2)"."""
    names: list[str] = []
    for number, header in enumerate(headers):
        name = header or f"column {number + 1}"
        count = names.count(name) + 1
        names.append(name if count == 1 else f"{name} ({number + 1})")
    return tuple(names)


class _Matches(NamedTuple):
    rows: int
    files: int  # different ones: a class "1" to "5" matches in every row, but always the same five files


def _matches(table: Table, header: str, names: FileNames) -> _Matches:
    index = table.column(header)
    found = [names.find(row[index]) for row in table.rows]
    return _Matches(sum(bool(paths) for paths in found), len({paths[0] for paths in found if paths}))


def _words(header: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in folded(header)).split()


def _rank(header: str, words: Sequence[str]) -> int:
    """Return how well a header matches the words: earlier words give a higher rank; 0 for no match."""
    said = _words(header)
    return max((len(words) - place for place, word in enumerate(words) if word in said), default=0)


def _best_word(headers: Sequence[str], words: Sequence[str]) -> str | None:
    best = max(headers, key=lambda header: _rank(header, words), default=None)
    return best if best is not None and _rank(best, words) else None


def _is_split(table: Table, header: str) -> bool:
    values = {row[table.column(header)] for row in table.rows} - {""}
    return bool(values) and all(split_named(value) is not None for value in values)


def _guess_label(table: Table, headers: Sequence[str]) -> str:
    """Return the column with a header like "class", else that with the fewest different values above one."""
    named = _best_word(headers, _LABEL_WORDS)
    if named is not None:
        return named

    return min(headers, key=lambda header: (_variety(table, header) < 2, _variety(table, header)))


def _variety(table: Table, header: str) -> int:
    """Return the number of different values in a column."""
    index = table.column(header)
    return len({row[index] for row in table.rows} - {""})
