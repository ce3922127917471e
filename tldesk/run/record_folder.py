"""A numbered folder of a project that keeps one record: a run, a search, or a comparison of three runs.

Every record has ``recipe.toml`` and ``snapshot.json`` (what it began with) and a lock file; the rest is up to
its owner. A new folder appears whole, with its first files, or not at all. No torch.
"""

from __future__ import annotations

import json
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


@dataclass(frozen=True, slots=True)
class RecordFolder:
    """One record's folder, such as ``NAME.tldesk/runs/0001``. Cheap to make: files are read when asked for.

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
        """The recipe that the record began with."""
        return self.path / RECIPE

    @property
    def snapshot_file(self) -> Path:
        """Classes and images, with their labels and splits, as they were when the record began."""
        return self.path / SNAPSHOT

    @property
    def lock(self) -> Path:
        """Locked by the process that works on the record."""
        return self.path / "lock"

    @property
    def running(self) -> bool:
        """Whether a process is working on the record now."""
        return is_held(self.lock)

    def hold(self, where: str, doing: str, *, patience: float = 0.0) -> AbstractContextManager[None]:
        """Hold the record's lock; arguments and errors as in ``project_lock.holding``."""
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
        """The object in one of the record's JSON files; None if the file does not exist."""
        try:
            values: dict[str, Any] = json.loads((self.path / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return values

    def write_json(self, name: str, values: Mapping[str, Any]) -> None:
        """Replace one of the record's JSON files whole.

        Raises:
            ProblemError: it cannot be written; the old file is untouched.
        """
        write_atomic(self.path / name, json.dumps(values) + "\n")

    def append(self, name: str, values: dict[str, Any]) -> None:
        """Add a line to one of the record's files of JSON lines; it is on disk when this returns."""
        append_line(self.path / name, values)

    def lines(self, name: str) -> Iterator[dict[str, Any]]:
        """The complete lines of one of the record's files of JSON lines; none if there is no such file."""
        return read_lines(self.path / name)


def record_folders(parent: Path) -> list[RecordFolder]:
    """All records in a folder, oldest first. Anything else in it is ignored."""
    if not parent.is_dir():
        return []
    found = [RecordFolder(entry) for entry in parent.iterdir() if _is_record(entry)]
    return sorted(found, key=lambda folder: folder.number)


def newest_record(parent: Path) -> RecordFolder | None:
    """The record with the highest number; None if there are none."""
    found = record_folders(parent)
    return found[-1] if found else None


def record_numbered(parent: Path, number: int) -> RecordFolder | None:
    """The record with this number; None if there is none, or its folder is gone."""
    folder = RecordFolder(parent / f"{number:0{_DIGITS}d}")
    return folder if _is_record(folder.path) else None


def new_record_folder(parent: Path, files: Mapping[str, str]) -> RecordFolder:
    """Make the next free number with its first ``files`` (name -> text) in one step.

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
        # mkdtemp makes a folder that only its owner can read; records are shared like the whole project.
        fresh.chmod(parent.stat().st_mode & 0o777)
        for name, text in files.items():
            write_atomic(fresh / name, text)
        return RecordFolder(_into_place(fresh, parent))
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _into_place(fresh: Path, parent: Path) -> Path:
    number = max((folder.number for folder in record_folders(parent)), default=0) + 1
    while True:
        place = parent / f"{number:0{_DIGITS}d}"
        if not place.exists():
            try:
                return fresh.rename(place)
            except OSError:
                # Another process may have taken the number meanwhile; any other error goes to the user.
                if not place.exists():
                    raise
        number += 1


def _is_record(entry: Path) -> bool:
    return entry.name.isdecimal() and (entry / RECIPE).is_file()
