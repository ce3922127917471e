"""The folder of prepared pictures: lists its files with size and last use, and deletes leftovers."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tldesk.imaging.prepared_file import SUFFIX, TEMPORARY

_LEFTOVER_AFTER = 3600.0  # seconds; writing a picture never takes that long, so its writer has died


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A cached picture: name (see ``kept_file``), side in px, path, bytes, last use (s since the epoch)."""

    name: str
    side: int
    path: str
    size: int
    used: float


def kept_file(folder: Path, side: int, name: str) -> Path:
    """Return the path of a prepared picture, in one of 256 subfolders, so that none becomes slow to list.

    ``name`` is its content hash, followed by the rendering key unless the rendering is the default.
    """
    return folder / str(side) / name[:2] / f"{name}{SUFFIX}"


def kept_files(folder: Path, side: int) -> Iterator[KeptFile]:
    """Yield all prepared pictures of one side length, skipping files that other processes delete meanwhile.

    Temporary files older than an hour are deleted.
    """
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
    """Yield the prepared pictures of every side length in a cache folder."""
    for entry in _entries(folder):
        if entry.name.isdecimal():
            yield from kept_files(folder, int(entry.name))


def free_bytes(folder: Path) -> int:
    """Return the free bytes on the disk of a folder, which need not exist yet; 0 if unknown."""
    there = next((each for each in (folder, *folder.parents) if each.is_dir()), None)
    try:
        return 0 if there is None else shutil.disk_usage(there).free
    except OSError:
        return 0


def _entries(folder: Path | str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:  # not created yet, deleted, or a file
        return []
