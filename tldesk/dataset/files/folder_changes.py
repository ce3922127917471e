"""Finds changes in the folders since the last scan, without opening files or writing anything."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tldesk.base import ProblemError
from tldesk.dataset.files.walk import find_files
from tldesk.dataset.records import Source


@dataclass(frozen=True)
class FolderChanges:
    """The differences from the last scan, in numbers of files.

    Attributes:
        absent: folders of pictures that do not exist.
        new: pictures at new paths.
        vanished: pictures no longer at their paths: deleted, moved or renamed.
        changed: pictures with a different size or modification time.
        folders: modification time in ns of every folder that contains pictures or subfolders with pictures;
            it changes when a file in it is added or removed.
    """

    absent: tuple[Source, ...]
    new: int
    vanished: int
    changed: int
    folders: Mapping[str, int]

    @property
    def differs(self) -> bool:
        """Whether a scan would find something."""
        return bool(self.new or self.vanished or self.changed)


def folder_changes(
    connection: sqlite3.Connection, sources: Sequence[Source], stop: threading.Event
) -> FolderChanges | None:
    """Compare paths, sizes and modification times with the last scan; return None if ``stop`` was set."""
    new = vanished = changed = 0
    absent: list[Source] = []
    folders: dict[str, int] = {}
    for source in sources:
        try:
            found = find_files(source.images, stop).files
        except ProblemError:
            absent.append(source)
            continue
        if stop.is_set():
            return None
        known = _known(connection, source.id)
        there = found.keys() & known.keys()
        new += len(found) - len(there)
        vanished += len(known) - len(there)
        changed += sum(found[path] != known[path] for path in there)
        folders.update(_times(source.images, found.keys() | known.keys()))
    return FolderChanges(tuple(absent), new, vanished, changed, folders)


def any_differs(folders: Mapping[str, int]) -> bool:
    """Return whether a folder has been deleted or its modification time (ns) differs from the given one."""
    return any(_time(folder) != time for folder, time in folders.items())


def _known(connection: sqlite3.Connection, source: int) -> dict[str, tuple[int, int]]:
    rows = connection.execute(
        "SELECT path, size, mtime_ns FROM images WHERE source_id = ? AND NOT missing", (source,)
    )
    return {path: (size, time) for path, size, time in rows}


def _times(root: Path, paths: set[str]) -> dict[str, int]:
    inside = {path.rpartition("/")[0] for path in paths}
    above = {str(one) for folder in inside for one in PurePosixPath(folder).parents}
    return {str(root / one): _time(str(root / one)) for one in (inside | above) - {"."} | {""}}


def _time(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116 - faster, for thousands of calls
    except OSError:
        return 0
