"""Matches the rows of a table of labels with the files of a folder, and says what did not meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from tldesk.base import plural
from tldesk.dataset.class_names import class_name
from tldesk.dataset.files.split_words import split_named
from tldesk.dataset.records import Columns, Split
from tldesk.dataset.tables.class_cells import ClassCells, odd_classes
from tldesk.dataset.tables.folder_contradictions import contradiction_note
from tldesk.dataset.tables.named_files import FileNames, NamedFiles
from tldesk.dataset.tables.table import Table


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
        matched: number of the table's rows that name exactly one file.
        rows_without_file: image names for which there is no file, in the table's order.
        files_without_row: relative paths of files without a row, in order.
        notes: rows that could not be used or say something odd, one sentence each without a closing stop.
    """

    rows: Mapping[str, TableRow]
    matched: int
    rows_without_file: tuple[str, ...]
    files_without_row: tuple[str, ...]
    notes: tuple[str, ...]


def match_table(table: Table, columns: Columns, names: FileNames) -> TableMatch:
    """Match the rows of a table with the files of its folder.

    Raises:
        ProblemError: the table does not have one of the columns.
    """
    named = named_files(table, columns.image, columns.folder, names)
    reader = _RowReader(table, columns)
    rows: dict[str, TableRow] = {}
    conflicting: dict[str, list[int]] = {}
    places: dict[str, list[int]] = {}
    several: list[tuple[str, Sequence[str]]] = []
    for place, (path, cells) in enumerate(zip(named.files, table.rows, strict=True)):
        if path is None:
            continue
        row, classes = reader.read(cells)
        if classes:
            several.append((path, classes))
        places.setdefault(path, []).append(place)
        if path in rows and rows[path].label != row.label:
            conflicting[path] = places[path]
        rows.setdefault(path, row)
    for path in conflicting:
        del rows[path]
    notes = [
        *naming_notes(table.path.name, named),
        *_class_notes(table, columns, rows, several, conflicting),
    ]
    unnamed = tuple(path for path in names.paths if path not in rows and path not in conflicting)
    return TableMatch(rows, named.matched, named.lost, unnamed, tuple(notes))


def joined(folders: Sequence[str], files: Sequence[str]) -> list[str]:
    """Return the paths of files whose folders stand in a column of their own; "" for rows without a name."""
    pairs = zip(folders, files, strict=True)
    return [f"{folder}/{file}" if folder and file else file for folder, file in pairs]


def columns_sentence(table: str, columns: Columns) -> str:
    """Return a sentence on the use of a table's columns, without a closing stop; ``table`` is its name."""
    image = f'the column "{columns.image}" names the image'
    if columns.folder is not None:
        image = (
            f'the columns "{columns.folder}" and "{columns.image}" name the folder and the file of the image'
        )
    if not columns.one_hot:
        return f'{table}: {image} and "{columns.label}" its class'
    count, listed = len(columns.one_hot), ", ".join(f'"{name}"' for name in columns.one_hot)
    return f"{table}: {image}; {count} columns, one a class, were read as one: {listed}"


def named_files(table: Table, image: str, folder: str | None, names: FileNames) -> NamedFiles:
    """Return the files that the rows name in the column of images, or in those of folders and images.

    Raises:
        ProblemError: the table does not have one of the columns.
    """
    files = table.cells(image)
    if folder is None:
        return names.named_by(files)
    return names.named_by(joined(table.cells(folder), files), whole=True)


class _RowReader:
    """Extracts the parts of a row by the positions of the columns."""

    def __init__(self, table: Table, columns: Columns) -> None:
        self._headers = table.headers
        self._group = None if columns.group is None else table.column(columns.group)
        self._split = None if columns.split is None else table.column(columns.split)
        self._classes = [table.column(name) for name in columns.classes]
        self._cells = ClassCells(
            columns.classes, [[row[place] for place in self._classes] for row in table.rows]
        )

    def read(self, cells: Sequence[str]) -> tuple[TableRow, Sequence[str]]:
        """Return the row, and the names of the classes if it says several."""
        group = cells[self._group] if self._group is not None else ""
        split = split_named(cells[self._split]) if self._split is not None else None
        said = self._cells.read([cells[place] for place in self._classes]) if self._classes else None
        metadata = {header: cell for header, cell in zip(self._headers, cells, strict=True) if cell}
        row = TableRow((class_name(said.label) if said else "") or None, group or None, split, metadata)
        return row, said.several if said else ()


def naming_notes(file: str, named: NamedFiles) -> list[str]:
    """Return what did not meet between the rows of a table, whose name is ``file``, and the files.

    One sentence each, without a closing stop.
    """
    notes = []
    if named.blank:
        notes.append(f"{_rows(named.blank, file)} without a file name {_were(named.blank)} not used")
    if named.several:
        count = len(named.several)
        notes.append(
            f"{_rows(count, file)} could mean several files each and {_were(count)} not used, the first:"
            f" {named.several[0]}; write the file's whole name, with its folder and its ending"
        )
    if named.elsewhere:
        cell, path = named.elsewhere[0]
        notes.append(
            f"{_rows(len(named.elsewhere), file)} {_name(named.elsewhere)} a file that is not in that folder;"
            f" files of the same name lie in other places and were left alone, such as {path} for {cell}."
            " If they are meant, mend the folders in the table or leave them out of it; if not,"
            " choose the folder of pictures that the table names"
        )
    looser = (
        (named.other_suffix, "a file with another ending"),
        (named.padded, "a number written with other zeros"),
    )
    for pairs, difference in looser:
        if pairs:
            cell, path = pairs[0]
            notes.append(
                f"{_rows(len(pairs), file)} {_name(pairs)} {difference} than the picture that was taken"
                f" for it, such as {path} for {cell}"
            )
    if named.removed:
        notes.append(
            f"The file names in {file} begin with {named.removed}/, which the folder of pictures does not"
            " have; it was disregarded"
        )
    return notes


def _class_notes(
    table: Table,
    columns: Columns,
    rows: Mapping[str, TableRow],
    several: Sequence[tuple[str, Sequence[str]]],
    conflicting: Mapping[str, Sequence[int]],
) -> list[str]:
    file, notes = table.path.name, []
    if conflicting:
        path, images = min(conflicting), plural(len(conflicting), "image")
        notes.append(
            f"{file} gives different classes to {images}, which got no label, the first: {path}"
            f" ({table.lines_said(conflicting[path])})"
        )
    if several:
        path, classes = several[0]
        notes.append(
            f"{_rows(len(several), file)} {_name(several)} more than one class and {_give(several)} no label,"
            f" because an image has one; the first: {PurePosixPath(path).name} ({', '.join(classes)})"
        )
    if any("-1" in cells or "-1.0" in cells for cells in map(table.cells, columns.one_hot)):
        notes.append(f"-1 in the columns of the classes of {file} was read as uncertain, not as yes")
    labels = {path: row.label for path, row in rows.items() if row.label}
    if rows and columns.classes and not labels and not several:
        listed = ", ".join(f'"{name}"' for name in columns.classes)
        notes.append(
            f"{file} gives none of the pictures a class: there is none to be read in {listed} in the"
            f" {plural(len(rows), 'row')} that {_name(list(rows))} them"
        )
    contradiction = contradiction_note(file, labels)
    given = list(labels.values())
    return [*notes, *filter(None, [contradiction]), *odd_classes(given, len(given))]


def _rows(count: int, file: str) -> str:
    return f"{plural(count, 'row')} of {file}"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _name(of: Sequence[object]) -> str:
    return "names" if len(of) == 1 else "name"


def _give(of: Sequence[object]) -> str:
    return "gives" if len(of) == 1 else "give"
