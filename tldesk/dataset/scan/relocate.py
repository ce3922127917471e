"""Relocates a folder of pictures that has moved: to another drive letter, name or computer."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from stat import S_ISREG

from tldesk.base import Problem, ProblemError
from tldesk.base.file_names import on_disk, text_path
from tldesk.dataset.files.rewritten import forget_newest
from tldesk.dataset.records import Source
from tldesk.dataset.scan.sources import refuse_overlap, relative_place, text_or_none, travelled_table

_ASKED = 200  # sample of a folder's pictures that is searched for at a new path


def relocate(
    connection: sqlite3.Connection, project: Path, sources: Sequence[Source], number: int, folder: Path
) -> tuple[Source, ...]:
    """Set the new folder of a source; the caller holds the transaction.

    ``folder`` may also be its parent folder or one inside it. Other missing sources that were next to the old
    folder are searched for next to the new one.

    Returns:
        The sources that were found, with their old paths.

    Raises:
        ProblemError: the folder does not exist, contains none of the pictures, or belongs to another source.
    """
    folder = folder.absolute()
    source = next(one for one in sources if one.id == number)
    place = _place_of(connection, source, folder)
    others = tuple(one for one in sources if one.id != number and one.images.is_dir())
    refuse_overlap(others, place)
    found = [source]
    _write(connection, project, source, place)
    for other in sources:
        beside = None if other.images.is_dir() else _beside(source.images, place, other.images)
        if other.id != number and beside is not None and _holds(connection, other, beside):
            _write(connection, project, other, beside)
            found.append(other)
    return tuple(found)


def _place_of(connection: sqlite3.Connection, source: Source, folder: Path) -> Path:
    if not folder.is_dir():
        raise ProblemError(Problem(str(folder), "there is no such folder", "Check its spelling"))
    for place in (folder, folder / source.images.name, *folder.parents[:2]):
        if _holds(connection, source, place):
            return place
    files = _some_files(connection, source)
    what = f"none of the pictures of {source.images} is in this folder"
    fix = "Choose the folder that holds them"
    if files:
        fix = f"Choose the folder that contains {files[0][0]}"
    raise ProblemError(Problem(str(folder), what, fix))


def _holds(connection: sqlite3.Connection, source: Source, place: Path) -> bool:
    """Return whether a folder contains some of a source's pictures; True for any if the source has none."""
    files = _some_files(connection, source)
    root = text_path(place)
    return place.is_dir() and (not files or any(_size(root / path) == size for path, size in files))


def _size(file: Path) -> int:
    try:
        stat = os.stat(on_disk(file))  # noqa: PTH116 - a plain string is at hand
    except OSError:
        return -1
    return stat.st_size if S_ISREG(stat.st_mode) else -1


def _some_files(connection: sqlite3.Connection, source: Source) -> list[tuple[str, int]]:
    """Return paths and sizes (bytes) of a sample of the source's pictures."""
    rows = connection.execute(
        """SELECT path, size FROM images WHERE source_id = ? AND NOT missing
        AND id % (SELECT 1 + COUNT(*) / ? FROM images WHERE source_id = ?) = 0 ORDER BY path""",
        (source.id, _ASKED, source.id),
    ).fetchall()
    if not rows:
        rows = connection.execute(
            "SELECT path, size FROM images WHERE source_id = ? ORDER BY missing, path LIMIT ?",
            (source.id, _ASKED),
        ).fetchall()
    return [(path, size) for path, size in rows]


def _beside(old: Path, new: Path, other: Path) -> Path | None:
    """Return the path of ``other`` if it moved in the same way as ``old`` moved to ``new``."""
    before, after = old, new
    while before.name and before.name == after.name:
        before, after = before.parent, after.parent
    if before == old:
        before, after = old.parent, new.parent
    return after / other.relative_to(before) if other.is_relative_to(before) else None


def _write(connection: sqlite3.Connection, project: Path, source: Source, place: Path) -> None:
    labels = None if source.labels is None else travelled_table(str(source.labels), source.images, place)
    connection.execute(
        "UPDATE sources SET images = ?, relative = ?, labels = ? WHERE id = ?",
        (*map(text_or_none, (str(place), relative_place(place, project), labels)), source.id),
    )
    forget_newest(connection, source.id)
