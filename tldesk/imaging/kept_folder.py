"""The folder of kept prepared pictures: which are there, how large, last used when; leftovers go."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tldesk.imaging.kept_file import SUFFIX, TEMPORARY

_LEFTOVER_AFTER = 3600.0  # seconds; no picture takes that long to write


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One kept picture: its content hash, its file, bytes, seconds since the epoch."""

    content: str
    path: str
    size: int
    used: float


def kept_file(folder: Path, content: str) -> Path:
    """Where the picture with this content hash is kept: 256 folders, so that none grows slow to list."""
    return folder / content[:2] / f"{content}{SUFFIX}"


def kept_files(folder: Path) -> Iterator[KeptFile]:
    """All kept pictures of one side. What other processes delete meanwhile is passed over."""
    for shard in _entries(folder):
        for entry in _entries(shard.path):
            with contextlib.suppress(OSError):
                stat = entry.stat()
                if entry.name.endswith(SUFFIX):
                    name = entry.name.removesuffix(SUFFIX)
                    yield KeptFile(name, entry.path, stat.st_size, stat.st_mtime)
                elif entry.name.endswith(TEMPORARY) and time.time() - stat.st_mtime > _LEFTOVER_AFTER:
                    Path(entry.path).unlink()


def kept_files_of_all_sides(folder: Path) -> Iterator[KeptFile]:
    """All kept pictures below the folder of a cache, whatever their side."""
    for side in _entries(folder):
        if side.name.isdigit():
            yield from kept_files(Path(side.path))


def _entries(folder: Path | str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:  # not there yet, gone, or a file
        return []
