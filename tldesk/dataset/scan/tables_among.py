"""Finds a table of labels that lies among the pictures and was not named."""

from __future__ import annotations

from pathlib import Path

from tldesk.base import ProblemError
from tldesk.dataset.tables.cells import EXPORT_SUFFIXES, TABLE_SUFFIXES
from tldesk.dataset.tables.guess_columns import guess_columns

_MOST_TABLES = 3  # looked into: for each, the files are listed
_MOST_BYTES = 20_000_000
_FITTING = 0.5  # of the rows, or of the pictures: fewer may be chance


def tables_among(images: Path, pictures: int) -> tuple[str, ...]:
    """Return a sentence, without a closing stop, for each table in a folder that gives its pictures classes.

    Only tables at the top of the folder are looked into, and none that is very large.

    Args:
        images: the folder of pictures.
        pictures: how many there are.
    """
    if not images.is_dir() or not pictures:
        return ()
    return tuple(note for path in _tables(images) if (note := _note(path, images, pictures)) is not None)


def _tables(folder: Path) -> list[Path]:
    try:
        kinds = TABLE_SUFFIXES | EXPORT_SUFFIXES
        found = [one for one in folder.iterdir() if one.suffix.lower() in kinds]
        found.sort(key=lambda one: (one.suffix.lower() in EXPORT_SUFFIXES, one))
        return [
            one
            for one in found[:_MOST_TABLES]
            if not one.name.startswith((".", "~$")) and one.is_file() and one.stat().st_size < _MOST_BYTES
        ]
    except OSError:
        return []


def _note(path: Path, images: Path, pictures: int) -> str | None:
    try:
        guess = guess_columns(path, images)
    except (ProblemError, OSError):
        return None  # whatever it is, nobody said that it was a table of labels
    if not guess.columns.classes or guess.matched < _FITTING * min(guess.total, pictures):
        return None
    return (
        f"{path.name}, which lies among the pictures, names {guess.matched:,} of them and gives them classes;"
        " it was not used. If its classes are meant, choose it as the table of labels"
    )
