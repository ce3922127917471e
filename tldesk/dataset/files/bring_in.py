"""Single pictures added to a project: copied into its own folder, as theirs may hold unrelated files."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from tldesk.base import Problem, ProblemError, Progress, ProgressMeter
from tldesk.imaging import UnreadableImage, content_hash

FOLDER = "pictures"  # in the project's folder


def bring_in(files: Sequence[Path], folder: Path, stop: threading.Event) -> Iterator[Progress]:
    """Copy files into a folder, which is created. Names that are taken get a number; nothing is overwritten.

    Raises:
        ProblemError: a file cannot be read, or the disk is full; what was copied before stays.
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
    unfinished = place.with_name(f".{place.name}.part")  # a scan passes it over
    try:
        shutil.copy2(file, unfinished)
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)


def _free_place(folder: Path, file: Path) -> Path | None:
    """Where the file goes; None if the same picture is there under its name or a numbered one."""
    number, place = 1, folder / file.name
    while place.exists():
        if _same(place, file):
            return None
        number += 1
        # Round brackets would say that it is a copy of the other one.
        place = folder / f"{file.stem} [{number}]{file.suffix}"
    return place


def _same(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    try:
        return content_hash(one) == content_hash(other)
    except UnreadableImage:
        return False
