"""The project's folders of pictures and their tables of labels."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from tldesk.base import Problem, ProblemError
from tldesk.base.file_names import as_text, on_disk
from tldesk.dataset.groups.rules import ColumnGroups, group_by_to_json
from tldesk.dataset.records import Columns, LayoutChoice, Source
from tldesk.dataset.store import meta
from tldesk.dataset.store.layout_setting import layout_choice, put_layout_choice
from tldesk.dataset.tables.guess_columns import checked, describe_columns, guess_columns


def all_sources(connection: sqlite3.Connection, project: Path) -> tuple[Source, ...]:
    """Return the sources in the order added; folders moved together with the project are found."""
    rows = connection.execute(
        "SELECT id, images, relative, labels, columns FROM sources ORDER BY id"
    ).fetchall()
    return tuple(_source(connection, project, row) for row in rows)


def add_source(
    connection: sqlite3.Connection,
    project: Path,
    images: Path,
    table: tuple[Path | None, Columns | None] = (None, None),
    layout: LayoutChoice = LayoutChoice(),  # noqa: B008 - frozen
) -> None:
    """Add a folder, with its table and the table's columns; the caller holds the transaction.

    Raises:
        ProblemError: the folder does not exist or overlaps another source, or the table is invalid.
    """
    labels, columns = table
    images = images.absolute()
    refuse_overlap(all_sources(connection, project), images)
    columns = checked_columns(images, labels, columns)
    added = connection.execute(
        "INSERT INTO sources (images, relative, labels, columns) VALUES (?, ?, ?, ?)",
        (
            as_text(str(images)),
            text_or_none(relative_place(images, project)),
            text_or_none(str(labels.absolute()) if labels is not None else None),
            columns.to_json() if columns is not None else None,
        ),
    )
    put_layout_choice(connection, int(added.lastrowid or 0), layout)
    if columns is not None and columns.group is not None and meta.get(connection, "group_by") is None:
        meta.put(connection, "group_by", group_by_to_json(ColumnGroups(columns.group)))


def checked_columns(
    images: Path, labels: Path | None, columns: Columns | None, *, packed: bool = False
) -> Columns | None:
    """Return the columns to use for a table: the given ones, or a guess; None without a table.

    With ``packed``, the pictures may be in a zip file.

    Raises:
        ProblemError: the folder or the table does not exist, the table does not have these columns, or it
            is in doubt which of them gives the class.
    """
    if not images.is_dir() and not (packed and images.is_file()):
        raise ProblemError(Problem(str(images), "the folder of pictures is not there", "Check the path"))
    if labels is None:
        return None
    if columns is None:
        return checked(labels, guess_columns(labels, images))
    return checked(labels, describe_columns(labels, images, columns))


def _source(
    connection: sqlite3.Connection, project: Path, row: tuple[int, str, str | None, str | None, str | None]
) -> Source:
    number, columns = row[0], row[4]
    images, relative, labels = (on_disk(text) if text is not None else None for text in row[1:4])
    assert images is not None
    folder = Path(images)
    travelled = None if relative is None else Path(os.path.normpath(project / relative))
    if not folder.is_dir() and travelled is not None and travelled.is_dir():
        labels = travelled_table(labels, folder, travelled)
        folder = travelled
    return Source(
        number,
        folder,
        Path(labels) if labels is not None else None,
        Columns.from_json(columns) if columns is not None else None,
        layout_choice(connection, number),
    )


def text_or_none(path: str | None) -> str | None:
    """Return a path as the text that the database stores."""
    return None if path is None else as_text(path)


def travelled_table(labels: str | None, old: Path, new: Path) -> str | None:
    """Return the new path of a table that has moved together with the folder of pictures."""
    if labels is None or Path(labels).is_file():
        return labels
    try:
        moved = Path(os.path.normpath(new / os.path.relpath(labels, old)))
    except ValueError:  # another drive on Windows
        return labels
    return str(moved) if moved.is_file() else labels


def relative_place(images: Path, project: Path) -> str | None:
    """Return a folder's path relative to the project's, to find it after a move; None on another drive."""
    try:
        return os.path.relpath(images, project)
    except ValueError:  # another drive on Windows
        return None


def refuse_overlap(sources: tuple[Source, ...], images: Path) -> None:
    """Raise a ProblemError if a folder contains one of the sources, or is inside one."""
    real = images.resolve()
    for source in sources:
        other = source.images.resolve()
        if real == other or real in other.parents or other in real.parents:
            raise ProblemError(
                Problem(
                    str(images),
                    f"the project already has the pictures of {source.images}",
                    "Scan again to find what is new there, or choose another folder",
                )
            )
