"""Labels, splits and table rows that folders and tables give to the images of a source, after every scan.

A person's word stands above a folder's or a table's: those label an image only as long as no person did. A table that
was mended labels its images anew; a file that was moved into another class folder keeps its label.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from tldesk.dataset import journal
from tldesk.dataset.classes import ids_by_name
from tldesk.dataset.layout import Layout, find_layout
from tldesk.dataset.records import Source
from tldesk.dataset.table import FileNames, TableMatch, TableRow, match_table, read_table

_NOTHING = TableRow(None, None, None, {})


@dataclass
class Findings:
    """What laying folders and tables over the images brought to light."""

    rows_without_file: list[str] = field(default_factory=list)
    files_without_row: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def label_source(connection: sqlite3.Connection, source: Source, findings: Findings) -> None:
    """Give the images of one source what its folders or its table say; the caller holds the transaction.

    Raises:
        ProblemError: the table cannot be read any more.
    """
    images = connection.execute(
        """SELECT id, path, class_id, label_how, given_split, metadata FROM images
        WHERE source_id = ? AND NOT missing ORDER BY path""",
        (source.id,),
    ).fetchall()
    say, how = _voice(source, [row[1] for row in images], findings)
    said = {row[1]: say(row[1]) for row in images}
    fresh = {"folder": (None,), "table": (None, "table", "folder")}[how]
    classes = ids_by_name(connection, {said[row[1]].label or "" for row in images if row[3] in fresh} - {""})
    _write_facts(connection, images, said)
    _write_labels(connection, images, said, classes, how, fresh)
    if how == "folder":
        _note_moved_elsewhere(images, said, classes, findings)


_Image = tuple[int, str, int | None, str | None, str | None, str]


def _voice(source: Source, paths: list[str], findings: Findings) -> tuple[Callable[[str], TableRow], str]:
    """What tells a path's label: the source's table if it has one, else its folders."""
    if source.labels is not None and source.columns is not None:
        match = match_table(read_table(source.labels, FileNames(paths)), source.columns, paths)
        findings.rows_without_file.extend(match.rows_without_file)
        findings.files_without_row.extend(match.files_without_row)
        findings.notes.extend(_table_notes(source, match))
        return lambda path: match.rows.get(path, _NOTHING), "table"
    layout = find_layout(_folders(path) for path in paths)
    if layout.note:
        findings.notes.append(layout.note)
    return _folder_voice(layout), "folder"


def _folder_voice(layout: Layout) -> Callable[[str], TableRow]:
    @cache
    def of(folders: tuple[str, ...]) -> TableRow:
        return TableRow(layout.class_of(folders), None, layout.split_of(folders), {})

    return lambda path: of(_folders(path))


def _folders(path: str) -> tuple[str, ...]:
    return tuple(path.split("/")[:-1])


def _table_notes(source: Source, match: TableMatch) -> list[str]:
    assert source.labels is not None
    assert source.columns is not None
    notes = [
        f'{source.labels.name}: the column "{source.columns.image}" names the image and "{source.columns.label}" its'
        " class"
    ]
    if not match.rows:
        notes.append(f"No row of {source.labels.name} belongs to a file in {source.images}")
    return [*notes, *match.notes]


def _write_facts(connection: sqlite3.Connection, images: list[_Image], said: Mapping[str, TableRow]) -> None:
    rows = []
    for number, path, _, _, split, metadata in images:
        row = said[path]
        text = json.dumps(dict(row.metadata), ensure_ascii=False) if row.metadata else "{}"
        if row.split != split or text != metadata:
            rows.append((row.split, text, number))
    connection.executemany("UPDATE images SET given_split = ?, metadata = ? WHERE id = ?", rows)


def _write_labels(
    connection: sqlite3.Connection,
    images: list[_Image],
    said: Mapping[str, TableRow],
    classes: Mapping[str, int],
    how: str,
    fresh: tuple[str | None, ...],
) -> None:
    changes = []
    for number, path, before, by, *_ in images:
        label = said[path].label
        after = None if label is None else classes[label]
        if by in fresh and after != before:
            changes.append((number, before, after))
    if changes:
        verb = f"Labels from {'folder names' if how == 'folder' else 'the table'}"
        journal.record(
            connection, changes, author=journal.current_author(), how=how, verb=verb, undoable=False
        )


def _note_moved_elsewhere(
    images: list[_Image], said: Mapping[str, TableRow], classes: Mapping[str, int], findings: Findings
) -> None:
    """Images that lie in the folder of one class and carry the label of another that a folder once gave."""
    elsewhere = [
        path
        for _, path, class_id, how, *_ in images
        if how == "folder"
        and said[path].label is not None
        and classes.get(said[path].label or "") != class_id
    ]
    if elsewhere:
        findings.notes.append(
            f"{len(elsewhere)} images lie in another class's folder than the one that labelled them and kept their"
            f" labels, the first: {elsewhere[0]}"
        )
