"""Finding a folder of pictures that has moved: another drive letter, another name, another computer."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from tldesk.base import Problem, ProblemError
from tldesk.dataset.records import Source
from tldesk.dataset.scan.sources import refuse_overlap, relative_place, travelled_table

_ASKED = 200  # pictures of a folder that are looked for at a new place


def relocate(
    connection: sqlite3.Connection, project: Path, sources: Sequence[Source], number: int, folder: Path
) -> tuple[Source, ...]:
    """Note that a source is in ``folder`` now; the caller holds the transaction.

    The folder that holds it, or one inside it, may be named as well. Other missing
    sources that used to be beside it are looked for there. Returns the sources that were found again, with
    their old paths.

    Raises:
        ProblemError: the folder is not there, holds none of the pictures, or belongs to another source.
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
    """Whether some of a source's pictures are in a folder; true for any folder if the source has none."""
    files = _some_files(connection, source)
    return place.is_dir() and (not files or any(_size(place / path) == size for path, size in files))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return -1


def _some_files(connection: sqlite3.Connection, source: Source) -> list[tuple[str, int]]:
    """Paths and sizes from all over the source."""
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
    """Where ``other`` would be now if it had moved as ``old`` moved to ``new``."""
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
        (str(place), relative_place(place, project), labels, source.id),
    )
