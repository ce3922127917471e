"""Labels, splits and table rows that folders and tables give to the images of a source, after every scan.

A person's word stands above a folder's or a table's: those label an image only as long as no person did. A
table that was mended labels its images anew; a file that was moved into another class folder keeps its label.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from tldesk.base import ProblemError, plural
from tldesk.dataset.files.layout import find_layout
from tldesk.dataset.records import Source
from tldesk.dataset.store import journal
from tldesk.dataset.store.changes import Changes, LabelChange
from tldesk.dataset.store.classes import ids_by_name
from tldesk.dataset.store.journal import Entry
from tldesk.dataset.tables.label_table import FileNames, TableMatch, TableRow, match_table, read_table

_NOTHING = TableRow(None, None, None, {})


@dataclass
class Findings:
    """What laying folders and tables over the images brought to light."""

    rows_without_file: list[str] = field(default_factory=list)
    files_without_row: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Voice:
    """What tells a file's label: the source's table if it has one, else its folders.

    Attributes:
        how: "folder" or "table".
        say: what it says of a relative path.
        over: it may label images whose label was given in one of these ways (None = never labelled).
    """

    how: str
    say: Callable[[str], TableRow]
    over: tuple[str | None, ...]


class _Image(NamedTuple):
    id: int
    path: str
    class_id: int | None
    label_how: str | None
    given_split: str | None
    metadata: str


_Told = Sequence[tuple[_Image, TableRow]]  # images, and what the voice says of each


def label_source(
    connection: sqlite3.Connection, source: Source, found: Sequence[str], findings: Findings
) -> None:
    """Give the images of one source what its folders or its table say.

    Args:
        connection: inside a transaction.
        source: the folder, and its table if it has one.
        found: relative paths of all picture files there, also of those that the project does not hold yet
            (a scan that was stopped): layout and order of the classes follow from all of them.
        findings: added to. A table that cannot be read any more is noted there; labels stay as they are.
    """
    try:
        voice = _table_voice(source, found, findings) or _folder_voice(found, findings)
    except ProblemError as error:
        findings.notes.append(str(error).rstrip("."))
        return
    rows = connection.execute(
        """SELECT id, path, class_id, label_how, given_split, metadata FROM images
        WHERE source_id = ? AND NOT missing ORDER BY path""",
        (source.id,),
    )
    said = {path: voice.say(path) for path in found}
    images = [(_Image(*row), said[row[1]]) for row in rows if row[1] in said]
    classes = ids_by_name(connection, _new_names(images, said, voice))
    _write_facts(connection, images)
    _write_labels(connection, images, voice, classes)
    if voice.how == "folder":
        _note_moved_elsewhere(images, classes, findings)


def _table_voice(source: Source, found: Sequence[str], findings: Findings) -> _Voice | None:
    if source.labels is None or source.columns is None:
        return None
    match = match_table(read_table(source.labels, FileNames(found)), source.columns, found)
    findings.rows_without_file.extend(match.rows_without_file)
    findings.files_without_row.extend(match.files_without_row)
    findings.notes.extend(_table_notes(source, match))
    return _Voice("table", lambda path: match.rows.get(path, _NOTHING), (None, "table", "folder"))


def _folder_voice(found: Sequence[str], findings: Findings) -> _Voice:
    layout = find_layout(_folders(parent) for parent in {_parent(path) for path in found})
    if layout.note:
        findings.notes.append(layout.note)

    @cache
    def of(parent: str) -> TableRow:
        folders = _folders(parent)
        return TableRow(layout.class_of(folders), None, layout.split_of(folders), {})

    return _Voice("folder", lambda path: of(_parent(path)), (None,))


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _folders(parent: str) -> tuple[str, ...]:
    return tuple(parent.split("/")) if parent else ()


def _new_names(images: _Told, said: Mapping[str, TableRow], voice: _Voice) -> set[str]:
    """The classes that are needed: those of files that nobody labelled otherwise, read or not."""
    settled = {image.path for image, _ in images if image.label_how not in voice.over}
    labels = (row.label for path, row in said.items() if path not in settled)
    return {label for label in labels if label is not None}


def _table_notes(source: Source, match: TableMatch) -> list[str]:
    assert source.labels is not None
    assert source.columns is not None
    image, label = source.columns.image, source.columns.label
    notes = [f'{source.labels.name}: the column "{image}" names the image and "{label}" its class']
    if not match.rows:
        notes.append(f"No row of {source.labels.name} belongs to a file in {source.images}")
    return [*notes, *match.notes]


def _write_facts(connection: sqlite3.Connection, images: _Told) -> None:
    changes = []
    for image, row in images:
        metadata = json.dumps(dict(row.metadata), ensure_ascii=False) if row.metadata else "{}"
        if row.split != image.given_split or metadata != image.metadata:
            changes.append((row.split, metadata, image.id))
    connection.executemany("UPDATE images SET given_split = ?, metadata = ? WHERE id = ?", changes)


def _write_labels(
    connection: sqlite3.Connection, images: _Told, voice: _Voice, classes: Mapping[str, int]
) -> None:
    changes: list[LabelChange] = []
    for image, row in images:
        label = row.label
        if label is not None and image.label_how in voice.over and classes[label] != image.class_id:
            changes.append(LabelChange(image.id, image.class_id, classes[label]))
    if changes:
        verb = f"Labels from {'folder names' if voice.how == 'folder' else 'the table'}"
        journal.record(connection, Entry(verb, voice.how, undoable=False), Changes(changes))


def _note_moved_elsewhere(images: _Told, classes: Mapping[str, int], findings: Findings) -> None:
    """Note images in the folder of one class that carry the label of another that a folder once gave."""
    elsewhere = []
    for image, row in images:
        label = row.label
        if image.label_how == "folder" and label is not None and classes.get(label) != image.class_id:
            elsewhere.append(image.path)
    if elsewhere:
        findings.notes.append(
            f"{plural(len(elsewhere), 'image')} in the folder of another class than the one that labelled it;"
            f" the label was kept, the first: {elsewhere[0]}"
        )
