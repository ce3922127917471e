"""Finds the picture files of a folder tree: pure ``os.scandir``, since this runs over 100,000 files."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tldesk.base import Problem, ProblemError
from tldesk.imaging import IMAGE_SUFFIXES, is_candidate

PROJECT_SUFFIX = ".tldesk"


class FileStat(NamedTuple):
    """Enough to see that a file is still the same without reading it."""

    size: int
    mtime_ns: int


@dataclass(frozen=True)
class Found:
    """The picture files of a tree.

    Attributes:
        files: relative path with forward slashes to size and time, in path order.
        unreadable_folders: folders that could not be listed.
        unnameable: files whose names are no valid text and which a project cannot hold, shown as well as can
            be.
    """

    files: Mapping[str, FileStat]
    unreadable_folders: tuple[str, ...] = ()
    unnameable: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """The relative paths, in order."""
        return tuple(self.files)


def find_files(root: Path, stop: threading.Event | None = None) -> Found:
    """All picture files under ``root``; hidden ones and projects are passed over, links are followed once.

    When ``stop`` is set, only some of them.

    Raises:
        ProblemError: ``root`` is no folder or cannot be listed.
    """
    if not root.is_dir():
        raise ProblemError(
            Problem(
                str(root),
                "the folder of pictures is not there",
                "Check the path, or connect the drive that holds it",
            )
        )
    return _Walker(root, stop if stop is not None else threading.Event()).walk()


class _Walker:
    def __init__(self, root: Path, stop: threading.Event) -> None:
        self._root = root
        self._stop = stop
        self._seen: set[tuple[int, int]] = set()
        self._files: dict[str, FileStat] = {}
        self._failed: list[str] = []
        self._unnameable: list[str] = []
        self._links: list[tuple[str, str]] = []

    def walk(self) -> Found:
        self._walk_tree(os.fspath(self._root), "")
        # Linked folders come last: a folder inside the tree is then listed where it really lies.
        while self._links:
            self._walk_tree(*self._links.pop(0))
        if self._failed and not self._files and self._failed[0] == os.fspath(self._root):
            raise ProblemError(
                Problem(self._failed[0], "the folder cannot be listed", "Check the folder's permissions")
            )
        files = {path: self._files[path] for path in sorted(self._files)}
        return Found(files, tuple(self._failed), tuple(self._unnameable))

    def _walk_tree(self, folder: str, prefix: str) -> None:
        waiting = [(folder, prefix)]
        while waiting and not self._stop.is_set():
            folder, prefix = waiting.pop()
            for entry in self._entries(folder):
                name = entry.name
                if name.startswith("."):
                    continue
                if entry.is_dir():
                    self._note_folder(entry, prefix, waiting)
                elif _has_picture_suffix(name) or (entry.is_file() and is_candidate(entry.path)):
                    self._note_file(entry, prefix + name)

    def _entries(self, folder: str) -> Iterator[os.DirEntry[str]]:
        """The entries of a folder that was not seen before."""
        try:
            stat = os.stat(folder)  # noqa: PTH116 - DirEntry and plain strings are what is quick here
            if (stat.st_dev, stat.st_ino) in self._seen:
                return
            self._seen.add((stat.st_dev, stat.st_ino))
            with os.scandir(folder) as entries:
                yield from entries
        except OSError:
            self._failed.append(folder)

    def _note_folder(self, entry: os.DirEntry[str], prefix: str, waiting: list[tuple[str, str]]) -> None:
        if entry.name.lower().endswith(PROJECT_SUFFIX):
            return
        place = (entry.path, f"{prefix}{entry.name}/")
        (self._links if entry.is_symlink() else waiting).append(place)

    def _note_file(self, entry: os.DirEntry[str], path: str) -> None:
        if not (path.isascii() or _is_text(path)):
            self._unnameable.append(path.encode("utf-8", "backslashreplace").decode("ascii", "replace"))
            return
        try:
            stat = entry.stat()
            self._files[path] = FileStat(stat.st_size, stat.st_mtime_ns)
        except (
            OSError
        ):  # a link that leads nowhere, a file deleted meanwhile: reading it will tell the reason
            self._files[path] = FileStat(0, 0)


def _has_picture_suffix(name: str) -> bool:
    """The common case, without making a Path."""
    dot = name.rfind(".")
    return dot > 0 and name[dot:].lower() in IMAGE_SUFFIXES


def _is_text(path: str) -> bool:
    """Whether a name can be stored; Linux allows any bytes, which Python shows as lone surrogates."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
