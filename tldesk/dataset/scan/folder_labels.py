"""Applies the labels, splits and table rows given by folders and tables to the images, after every scan.

A label given by a user is never changed by folders and tables. A corrected table relabels its images, and
what it no longer gives is taken back (``taken_back.py``); a file that was moved into another class folder
keeps its label.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import NamedTuple

from tldesk.base import ProblemError, plural
from tldesk.dataset.class_names import class_name
from tldesk.dataset.files.layout import Layout
from tldesk.dataset.records import Source
from tldesk.dataset.scan.late_splits import late_split_notes
from tldesk.dataset.scan.taken_back import relabelled_note, take_back
from tldesk.dataset.store import folder_says, journal
from tldesk.dataset.store.changes import Changes, LabelChange
from tldesk.dataset.store.class_table import ids_by_name
from tldesk.dataset.store.journal import JournalEntry
from tldesk.dataset.tables.match_table import TableMatch, TableRow, columns_sentence, match_table
from tldesk.dataset.tables.named_files import FileNames
from tldesk.dataset.tables.table import Table, read_table
from tldesk.dataset.tables.table_splits import table_splits

_NOTHING = TableRow(None, None, None, {})


@dataclass
class LabelNotes:
    """Remarks collected while labels from folders and tables are applied."""

    rows_without_file: list[str] = field(default_factory=list)
    files_without_row: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _LabelSource:
    """The source of labels for a folder of pictures: its table if it has one, else its subfolders.

    Attributes:
        how: "folder" or "table".
        say: returns the row for a relative path.
        over: it may replace labels given in one of these ways (None: never labelled).
        name: file name of the table; "" for folders.
        fits: whether it names any of the files; one that names none is another table, and takes nothing back.
    """

    how: str
    say: Callable[[str], TableRow]
    over: tuple[str | None, ...]
    name: str = ""
    fits: bool = True


class _Image(NamedTuple):
    id: int
    path: str
    class_id: int | None
    label_how: str | None
    given_split: str | None
    metadata: str


_Told = Sequence[tuple[_Image, TableRow]]  # images, each with its row


def label_source(
    connection: sqlite3.Connection,
    source: Source,
    found: Sequence[str],
    layout: Layout,
    label_notes: LabelNotes,
) -> None:
    """Label the images of one source by its folders or its table.

    Args:
        connection: inside a transaction.
        source: the folder, with its table if it has one.
        found: relative paths of all its picture files, including those not yet in the project (after a
            stopped scan), because all of them determine the order of the classes.
        layout: what its folders mean.
        label_notes: remarks are added to it, also if the table can no longer be read; then labels are kept.
    """
    try:
        by_table = _table_source(source, found, layout, label_notes)
        giver = by_table or _folder_source(layout, label_notes)
    except ProblemError as error:
        label_notes.notes.append(str(error).rstrip("."))
        return
    rows = connection.execute(
        """SELECT id, path, class_id, label_how, given_split, metadata FROM images
        WHERE source_id = ? AND NOT missing ORDER BY path""",
        (source.id,),
    )
    said = {path: _with_class_name(giver.say(path)) for path in found}
    images = [(_Image(*row), said[row[1]]) for row in rows if row[1] in said]
    classes = ids_by_name(connection, _new_names(images, said, giver))
    before, now = ((image.given_split for image, _ in images), (row.split for _, row in images))
    label_notes.notes.extend(late_split_notes(connection, source.id, before, now))
    _write_facts(connection, images)
    changed = _write_labels(connection, images, giver, classes)
    if giver.how == "table" and giver.fits:
        label_notes.notes.extend(relabelled_note(giver.name, changed))
        label_notes.notes.extend(take_back(connection, giver.name, _withdrawn(images), changed))
    if giver.how == "folder":
        folder_says.keep(connection, source.id, _moved_elsewhere(images, classes, label_notes))


def _table_source(
    source: Source, found: Sequence[str], layout: Layout, label_notes: LabelNotes
) -> _LabelSource | None:
    if source.labels is None or source.columns is None:
        return None
    names = FileNames(found, source.images)
    table = read_table(source.labels, names, source.columns)
    match = match_table(table, source.columns, names)
    label_notes.rows_without_file.extend(match.rows_without_file)
    label_notes.files_without_row.extend(match.files_without_row)
    splits = table_splits(match, source.columns, found, layout)
    label_notes.notes.extend([*_table_notes(source, table, match), *splits.notes])
    return _LabelSource(
        "table",
        lambda path: replace(match.rows.get(path, _NOTHING), split=splits.of.get(path)),
        (None, "table", "folder"),
        source.labels.name,
        bool(match.rows),
    )


def _folder_source(layout: Layout, label_notes: LabelNotes) -> _LabelSource:
    label_notes.notes.extend(layout.notes)

    @cache
    def of(parent: str) -> TableRow:
        folders = _folders(parent)
        return TableRow(layout.class_of(folders), None, layout.split_of(folders), {})

    return _LabelSource("folder", lambda path: of(_parent(path)), (None,))


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _folders(parent: str) -> tuple[str, ...]:
    return tuple(parent.split("/")) if parent else ()


def _with_class_name(row: TableRow) -> TableRow:
    name = class_name(row.label or "") or None
    return row if row.label == name else replace(row, label=name)


def _new_names(images: _Told, said: Mapping[str, TableRow], giver: _LabelSource) -> set[str]:
    """Return the names of the classes needed: those of files without a label from elsewhere."""
    settled = {image.path for image, _ in images if not _may_label(giver, image)}
    labels = (row.label for path, row in said.items() if path not in settled)
    return {label for label in labels if label is not None}


def _may_label(giver: _LabelSource, image: _Image) -> bool:
    """Return whether a folder or table may label an image, also one whose label went with its folder."""
    return image.label_how in giver.over or (image.label_how == "folder" and image.class_id is None)


def _table_notes(source: Source, table: Table, match: TableMatch) -> list[str]:
    assert source.labels is not None
    assert source.columns is not None
    notes = [columns_sentence(source.labels.name, source.columns)]
    if not match.rows:
        notes.append(f"No row of {source.labels.name} belongs to a file in {source.images}")
    return [*notes, *table.notes, *match.notes]


def _write_facts(connection: sqlite3.Connection, images: _Told) -> None:
    changes = []
    for image, row in images:
        metadata = json.dumps(dict(row.metadata), ensure_ascii=False) if row.metadata else "{}"
        if row.split != image.given_split or metadata != image.metadata:
            changes.append((row.split, metadata, image.id))
    connection.executemany("UPDATE images SET given_split = ?, metadata = ? WHERE id = ?", changes)


def _write_labels(
    connection: sqlite3.Connection, images: _Told, giver: _LabelSource, classes: Mapping[str, int]
) -> list[LabelChange]:
    changes: list[LabelChange] = []
    for image, row in images:
        label = row.label
        if label is not None and _may_label(giver, image) and classes[label] != image.class_id:
            changes.append(LabelChange(image.id, image.class_id, classes[label]))
    first = [one for one in changes if one.before is None]
    if first:
        verb = f"Labels from {'folder names' if giver.how == 'folder' else 'the table'}"
        journal.record(connection, JournalEntry(verb, giver.how, undoable=False), Changes(first))
    other = [one for one in changes if one.before is not None]
    if other:
        verb = f"Change {plural(len(other), 'label')} as {giver.name} says"
        journal.record(connection, JournalEntry(verb, giver.how), Changes(other))
    return other


def _withdrawn(images: _Told) -> list[LabelChange]:
    """Return the changes that remove the labels which the table gave and no longer gives."""
    return [
        LabelChange(image.id, image.class_id, None)
        for image, row in images
        if row.label is None and image.label_how == "table" and image.class_id is not None
    ]


def _moved_elsewhere(images: _Told, classes: Mapping[str, int], label_notes: LabelNotes) -> dict[int, str]:
    """Return the folder's word for images that an earlier folder labelled otherwise; note how many."""
    by_folder = [
        (image, row.label)
        for image, row in images
        if image.class_id is not None and image.label_how in folder_says.GIVEN_BY_FOLDERS
    ]
    elsewhere = [
        (image, label)
        for image, label in by_folder
        if label is not None and classes.get(label) != image.class_id
    ]
    outside = [(image, folder_says.NO_CLASS_FOLDER) for image, label in by_folder if label is None]
    for found, where in (
        (elsewhere, "in the folder of another class than the one that labelled it"),
        (outside, "in no class folder any more"),
    ):
        if found:
            label_notes.notes.append(
                f"{plural(len(found), 'image')} {where}; the label was kept, the first: {found[0][0].path}"
            )
    return {image.id: word for image, word in (*elsewhere, *outside)}
