"""Adds single pictures to a project by copying them, because their folder may contain unrelated files."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from tldesk.base import Problem, ProblemError, Progress, ProgressMeter
from tldesk.base.file_names import text_path
from tldesk.base.regular_files import copy_regular
from tldesk.imaging import UnreadableImage, content_hash

FOLDER = "pictures"  # in the project's folder


def bring_in(files: Sequence[Path], folder: Path, stop: threading.Event) -> Iterator[Progress]:
    """Copy files into a folder, creating it if needed. Duplicate names get a number; nothing is overwritten.

    Raises:
        ProblemError: a file cannot be read, or the disk is full; files copied before are kept.
    """
    meter = ProgressMeter("Copying pictures", len(files))
    for done, file in enumerate(files, start=1):
        if stop.is_set():
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            place = _free_place(folder, file)
            if place is not None:
                _copy(file, place)
        except OSError as error:
            fix = "Check that it is there and that the project's disk has room, then drop it again"
            raise ProblemError(
                Problem(str(file), f"the picture could not be copied ({error.strerror})", fix)
            ) from error
        yield meter.at(done)


def _copy(file: Path, place: Path) -> None:
    unfinished = place.with_name(f".{place.name}.part")  # scans skip hidden files
    try:
        copy_regular(file, unfinished)
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)


def _free_place(folder: Path, file: Path) -> Path | None:
    """Return a free path for the file; None if the same picture exists under its name or a numbered one."""
    number, place = 1, folder / file.name
    while place.exists():
        if _same(place, file):
            return None
        number += 1
        # Not round brackets, which mark copies of the other file (see ``augmented_copies``).
        place = folder / f"{file.stem} [{number}]{file.suffix}"
    return place


def _same(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    try:
        return content_hash(text_path(one)) == content_hash(text_path(other))
    except UnreadableImage:
        return False
