"""Finds the picture files of a folder tree; uses ``os.scandir`` directly to be fast for 100,000 files."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_IRGRP, S_IROTH, S_IRUSR, S_ISREG

from tldesk.base import Problem, ProblemError
from tldesk.base.file_names import as_text, on_disk
from tldesk.base.regular_files import special_kind
from tldesk.dataset.left_out import NOTHING_LEFT_OUT, LeftOut, Passed
from tldesk.dataset.system_files import is_system_folder
from tldesk.imaging import IMAGE_SUFFIXES, is_candidate

PROJECT_SUFFIX = ".tldesk"
# The usual suffixes in lower and upper case, for a quick comparison with the last four characters of a name.
_SHORT_SUFFIXES = frozenset(
    ready for suffix in IMAGE_SUFFIXES if len(suffix) == 4 for ready in (suffix, suffix.upper())
)

_BY_ALL = S_IRUSR | S_IRGRP | S_IROTH

FileStat = tuple[int, int]
"""A file's size in bytes and modification time in ns, to detect changes without reading the file.

The time is 0 if the file may not be read.

A plain tuple, because 100,000 named tuples would slow down the garbage collector.
"""


@dataclass(frozen=True)
class FoundFiles:
    """The picture files of a tree.

    Attributes:
        files: relative path with forward slashes, as text (``base.file_names``) -> size and time, unordered.
        unreadable_folders: folders that could not be listed.
        left_out: what else lies in the tree.
        unread: relative folders with pictures of known kinds that tldesk does not read.
        touched: relative path -> time in ns of the last change of any kind, which programs cannot set: of the
            file, or of a folder above it that was renamed.
        empty: relative folders with nothing in them.
    """

    files: Mapping[str, FileStat]
    unreadable_folders: tuple[str, ...] = ()
    left_out: LeftOut = NOTHING_LEFT_OUT
    unread: frozenset[str] = frozenset()
    touched: Mapping[str, int] = field(default_factory=dict)
    empty: frozenset[str] = frozenset()

    @property
    def paths(self) -> tuple[str, ...]:
        """The relative paths, sorted."""
        return tuple(sorted(self.files))


def find_files(root: Path, stop: threading.Event | None = None) -> FoundFiles:
    """Return all picture files below ``root``, and what was left out.

    Hidden files, projects and the folders of systems are skipped, links followed once. Pipes, devices and
    sockets are named, not opened. If ``stop`` is set, the result is incomplete.

    Raises:
        ProblemError: ``root`` is not a folder or cannot be listed.
    """
    if not Path(on_disk(root)).is_dir():
        raise ProblemError(
            Problem(
                str(root),
                "the folder of pictures is not there",
                "Check the path, or connect the drive that holds it",
            )
        )
    return _Walker(root, stop if stop is not None else threading.Event()).walk()


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a circular link, or one to a place without permission
        return False


class _Walker:
    def __init__(self, root: Path, stop: threading.Event) -> None:
        self._root = on_disk(root)
        self._stop = stop
        self._seen: set[tuple[int, int]] = set()
        self._files: dict[str, FileStat] = {}
        self._touched: dict[str, int] = {}
        self._folders: dict[str, int] = {}  # prefix -> when it, or a folder above it, was renamed
        self._renamed = 0  # the same for the folder that is being listed
        self._failed: list[str] = []
        self._passed = Passed()
        self._unread: set[str] = set()
        self._empty: set[str] = set()
        self._links: list[tuple[str, str]] = []

    def walk(self) -> FoundFiles:
        self._walk_tree(self._root, "")
        # Linked folders come last, so that a folder inside the tree is listed at its real path.
        while self._links:
            self._walk_tree(*self._links.pop(0))
        if self._failed and not self._files and self._failed[0] == as_text(self._root):
            raise ProblemError(
                Problem(self._failed[0], "the folder cannot be listed", "Check the folder's permissions")
            )
        return FoundFiles(
            self._files,
            tuple(self._failed),
            self._passed.left_out(),
            frozenset(self._unread),
            self._touched,
            frozenset(self._empty),
        )

    def _walk_tree(self, folder: str, prefix: str) -> None:
        waiting = [(folder, prefix)]
        while waiting and not self._stop.is_set():
            folder, prefix = waiting.pop()
            try:
                if self._is_new(folder, prefix):
                    self._list(folder, prefix, waiting)
            except OSError:
                self._failed.append(as_text(folder))

    def _is_new(self, folder: str, prefix: str) -> bool:
        """Return whether the folder has not been visited before (through a link)."""
        stat = os.stat(folder)  # noqa: PTH116 - plain strings are faster
        self._note_renamed(stat, prefix)
        before = len(self._seen)
        self._seen.add((stat.st_dev, stat.st_ino))
        return len(self._seen) > before

    def _note_renamed(self, stat: os.stat_result, prefix: str) -> None:
        """Note when the folder was renamed, which no file in it tells; files added to it change both times.

        The outermost folder does not count: where it lies makes no difference.
        """
        own = stat.st_ctime_ns if prefix and stat.st_ctime_ns != stat.st_mtime_ns else 0
        parent, slash, _ = prefix[:-1].rpartition("/")
        self._folders[prefix] = self._renamed = max(own, self._folders.get(parent + slash, 0))

    def _list(self, folder: str, prefix: str, waiting: list[tuple[str, str]]) -> None:
        entry = None
        with _opened(folder) as handle, os.scandir(handle) as entries:
            for entry in entries:  # avoid every unnecessary call: there may be 100,000 files
                name = entry.name
                if name.startswith("."):
                    self._passed.hidden(name)
                    continue
                if _is_folder(entry):
                    self._note_folder(entry, (_inside(folder, entry), f"{prefix}{name}/"), waiting)
                elif name[-4:] in _SHORT_SUFFIXES or _has_picture_suffix(name):
                    path = as_text(prefix + name)
                    try:
                        stat = entry.stat()
                    except OSError:  # a broken link or a deleted file: reading it reports the error
                        self._files[path] = 0, 0
                    else:
                        self._note_picture(path, stat, folder, name)
                else:
                    self._note_other(entry, folder, as_text(prefix + name))
        if entry is None and prefix:
            self._empty.add(as_text(prefix[:-1]))

    def _note_folder(
        self, entry: os.DirEntry[str], place: tuple[str, str], waiting: list[tuple[str, str]]
    ) -> None:
        if is_system_folder(entry.name):
            self._passed.system(entry.name)
        elif not entry.name.lower().endswith(PROJECT_SUFFIX):
            (self._links if entry.is_symlink() else waiting).append(place)

    def _note_picture(self, path: str, stat: os.stat_result, folder: str, name: str) -> None:
        if S_ISREG(stat.st_mode):
            self._files[path] = _file_stat(stat, folder, name)
            self._touched[path] = max(stat.st_ctime_ns, self._renamed)
        else:
            self._passed.special(path, stat.st_mode)

    def _note_other(self, entry: os.DirEntry[str], folder: str, path: str) -> None:
        """Note a file that is no picture by its name; by its content it may be DICOM."""
        try:
            stat = entry.stat()
        except OSError:
            return
        if special_kind(stat.st_mode) is not None:
            self._passed.special(path, stat.st_mode)
        elif is_candidate(as_text(_inside(folder, entry))):
            self._files[path] = _file_stat(stat, folder, entry.name)
            self._touched[path] = max(stat.st_ctime_ns, self._renamed)
        elif self._passed.file(entry.name):
            self._unread.add(path.rpartition("/")[0])


@contextlib.contextmanager
def _opened(folder: str) -> Iterator[int | str]:
    """Yield the argument for ``os.scandir``: an open folder, so that paths are not resolved for each file.

    Windows cannot open folders, but does not need to: there the listing includes sizes and times.
    """
    if os.scandir not in os.supports_fd:
        yield folder
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


def _file_stat(stat: os.stat_result, folder: str, name: str) -> FileStat:
    """Return size and time; time 0 if the file may not be read: losing the permission changes neither.

    The system is only asked about files that are not for everybody.
    """
    if stat.st_mode & _BY_ALL == _BY_ALL or os.access(os.path.join(folder, name), os.R_OK):  # noqa: PTH118
        return stat.st_size, stat.st_mtime_ns
    return stat.st_size, 0


def _inside(folder: str, entry: os.DirEntry[str]) -> str:
    return os.path.join(folder, entry.name)  # noqa: PTH118 - as above


def _has_picture_suffix(name: str) -> bool:
    return name[name.rfind(".") :].lower() in IMAGE_SUFFIXES
