"""The folder of prepared pictures: which files it holds, their size and last use; leftovers are deleted."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tldesk.imaging.prepared_file import SUFFIX, TEMPORARY

_LEFTOVER_AFTER = 3600.0  # seconds; no picture takes that long to write


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One kept picture: name (see ``prepared_file``), side (px), its file, bytes, seconds since the epoch."""

    name: str
    side: int
    path: str
    size: int
    used: float


def kept_file(folder: Path, side: int, name: str) -> Path:
    """The path of a prepared picture, in one of 256 folders, so that none becomes slow to list.

    ``name`` is its content hash, with the key of how it was read unless that is as files say.
    """
    return folder / str(side) / name[:2] / f"{name}{SUFFIX}"


def kept_files(folder: Path, side: int) -> Iterator[KeptFile]:
    """All prepared pictures of one side length. Files that other processes delete meanwhile are skipped."""
    for shard in _entries(folder / str(side)):
        for entry in _entries(shard.path):
            with contextlib.suppress(OSError):
                stat = entry.stat()
                if entry.name.endswith(SUFFIX):
                    name = entry.name.removesuffix(SUFFIX)
                    yield KeptFile(name, side, entry.path, stat.st_size, stat.st_mtime)
                elif entry.name.endswith(TEMPORARY) and time.time() - stat.st_mtime > _LEFTOVER_AFTER:
                    Path(entry.path).unlink()


def kept_files_of_all_sides(folder: Path) -> Iterator[KeptFile]:
    """All prepared pictures in a cache folder."""
    for entry in _entries(folder):
        if entry.name.isdecimal():
            yield from kept_files(folder, int(entry.name))


def free_bytes(folder: Path) -> int:
    """Free bytes on the disk that holds, or will hold, a folder; 0 if unknown."""
    there = next((each for each in (folder, *folder.parents) if each.is_dir()), None)
    try:
        return 0 if there is None else shutil.disk_usage(there).free
    except OSError:
        return 0


def _entries(folder: Path | str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:  # not there yet, gone, or a file
        return []
