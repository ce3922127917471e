"""A numbered folder in a project for one record: a run, a search, or a comparison of three runs.

Every record has ``recipe.toml`` and ``snapshot.json`` (its initial state) and a lock file; the other files
depend on the kind of record. A new folder appears complete with its first files, or not at all. No torch.
"""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tldesk.base import Problem, ProblemError, write_atomic
from tldesk.base.project_lock import holding, is_held
from tldesk.dataset import Snapshot
from tldesk.recipe import Recipe
from tldesk.run.json_lines import append_line, read_lines

RECIPE = "recipe.toml"
SNAPSHOT = "snapshot.json"
_DIGITS = 4
_NEW = ".new-"
_GONE = ".deleted-"
_HIGHEST = ".highest-number"


@dataclass(frozen=True, slots=True)
class RecordFolder:
    """The folder of one record, such as ``NAME.tldesk/runs/0001``.

    Cheap to create; files are read on request.

    Attributes:
        path: the folder.
    """

    path: Path

    @property
    def number(self) -> int:
        """The record's number, from 1."""
        return int(self.path.name)

    @property
    def recipe_file(self) -> Path:
        """The file with the recipe that the record started with."""
        return self.path / RECIPE

    @property
    def snapshot_file(self) -> Path:
        """The file with classes and images, their labels and splits, from when the record was created."""
        return self.path / SNAPSHOT

    @property
    def lock(self) -> Path:
        """The file that is locked by the process working on the record."""
        return self.path / "lock"

    @property
    def running(self) -> bool:
        """Whether a process is working on the record now."""
        return is_held(self.lock)

    def hold(self, where: str, doing: str, *, patience: float = 0.0) -> AbstractContextManager[None]:
        """Hold the record's lock; for arguments and errors see ``project_lock.holding``."""
        return holding(self.lock, where, doing, patience=patience)

    def recipe(self) -> Recipe:
        """Read the recipe.

        Raises:
            ProblemError: the file is missing or invalid.
        """
        return Recipe.load(self.recipe_file)

    def snapshot(self) -> Snapshot:
        """Read the snapshot."""
        return Snapshot.from_json(self.snapshot_file.read_text(encoding="utf-8"))

    def read_json(self, name: str) -> dict[str, Any] | None:
        """Read one of the record's JSON files; None if the file does not exist."""
        try:
            values: dict[str, Any] = json.loads((self.path / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return values

    def write_json(self, name: str, values: Mapping[str, Any]) -> None:
        """Replace one of the record's JSON files atomically.

        Raises:
            ProblemError: the file cannot be written; the old one is unchanged.
        """
        write_atomic(self.path / name, json.dumps(values) + "\n")

    def append(self, name: str, values: dict[str, Any]) -> None:
        """Append a line to one of the record's files of JSON lines; it is on disk when this returns."""
        append_line(self.path / name, values)

    def lines(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield the complete lines of one of the record's files of JSON lines; none without the file."""
        return read_lines(self.path / name)


def record_folders(parent: Path) -> list[RecordFolder]:
    """Return all records in a folder, oldest first; anything else in it is ignored.

    One whose recipe is gone is among them, so that it can be shown as damaged; an empty folder is not.
    """
    if not parent.is_dir():
        return []
    found = [RecordFolder(entry) for entry in parent.iterdir() if _is_numbered(entry)]
    return sorted(found, key=lambda folder: folder.number)


def newest_record(parent: Path) -> RecordFolder | None:
    """Return the record with the highest number that has a recipe; None if there are none."""
    found = [folder for folder in record_folders(parent) if _is_record(folder.path)]
    return found[-1] if found else None


def record_numbered(parent: Path, number: int) -> RecordFolder | None:
    """Return the record with this number; None if it does not exist."""
    folder = RecordFolder(parent / f"{number:0{_DIGITS}d}")
    return folder if _is_record(folder.path) else None


def delete_record(record: RecordFolder) -> None:
    """Delete a record with all its files; the others keep their numbers, and no later one gets its number.

    It disappears in one step, so that an interruption leaves no half of it behind.

    Raises:
        ProblemError: the folder cannot be deleted.
    """
    parent = record.path.parent
    write_atomic(parent / _HIGHEST, f"{_highest(parent)}\n")
    aside = record.path.with_name(f"{_GONE}{record.path.name}-{secrets.token_hex(4)}")
    try:
        record.path.rename(aside)
    except OSError as error:
        what = f"the folder could not be deleted ({error.strerror or error})"
        fix = "Close what uses its files, and check that you may write there"
        raise ProblemError(Problem(str(record.path), what, fix)) from error
    shutil.rmtree(aside, ignore_errors=True)


def new_record_folder(parent: Path, files: Mapping[str, str]) -> RecordFolder:
    """Create the folder with the next free number and its first ``files`` (name -> text) in one step.

    Raises:
        ProblemError: the folder cannot be written.
    """
    try:
        return _new_folder(parent, files)
    except OSError as error:
        raise ProblemError(
            Problem(
                str(parent),
                f"a new folder could not be created there ({error.strerror or error})",
                "Check that the disk is not full and that you may write there",
            )
        ) from error


def _new_folder(parent: Path, files: Mapping[str, str]) -> RecordFolder:
    parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=_NEW, dir=parent))
    try:
        # mkdtemp creates a folder that only its owner can read, but records are shared like the whole
        # project.
        fresh.chmod(parent.stat().st_mode & 0o777)
        for name, text in files.items():
            write_atomic(fresh / name, text)
        return RecordFolder(_into_place(fresh, parent))
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _into_place(fresh: Path, parent: Path) -> Path:
    number = _highest(parent) + 1
    while True:
        place = parent / f"{number:0{_DIGITS}d}"
        if not place.exists():
            try:
                return fresh.rename(place)
            except OSError:
                # Another process may have taken the number meanwhile; any other error is raised.
                if not place.exists():
                    raise
        number += 1


def _highest(parent: Path) -> int:
    """Return the highest number that a record has or had: model files and reports name deleted ones."""
    try:
        deleted = int((parent / _HIGHEST).read_text(encoding="ascii"))
    except (OSError, ValueError):
        deleted = 0
    return max([deleted, *(folder.number for folder in record_folders(parent))])


def _is_record(entry: Path) -> bool:
    return entry.name.isdecimal() and (entry / RECIPE).is_file()


def _is_numbered(entry: Path) -> bool:
    return entry.name.isdecimal() and entry.name.isascii() and entry.is_dir() and any(entry.iterdir())
