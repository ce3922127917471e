"""Keep a cache folder below its size limit by deleting the least recently used entries first."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_GONE = ".gone-"  # a folder is renamed to this before it is emptied, so no reader sees it half deleted
_JUNCTION = 0xA0000003  # Windows: the reparse tag of a junction, a link to another folder


@dataclass(frozen=True, slots=True)
class CacheItem:
    """A cache entry, deleted as a whole or not at all.

    Attributes:
        path: a file, or a folder with its contents.
        size: bytes, as counted by ``size_of``.
        used: when it was last used, seconds since the epoch.
    """

    path: Path
    size: int
    used: float


def remove(path: Path) -> bool:
    """Delete a file, or a folder with its contents, as a whole or not at all; links are never followed.

    Returns:
        True if this call deleted it; False if it no longer exists, is a link, or is in use.
    """
    try:
        return not is_link(path) and _remove(path)
    except OSError:
        return False


def evict(
    entries: Iterable[CacheItem],
    limit: int,
    keep: Collection[Path] = (),
    delete: Callable[[Path], bool] = remove,
) -> int:
    """Delete the least recently used entries until the rest take at most ``limit`` bytes in total.

    Entries in ``keep``, links, and files that another process has open (Windows) are left in place without
    an error. An entry that another process deletes meanwhile reduces the total but is not counted as freed.

    Args:
        entries: all entries that share the limit.
        limit: bytes.
        keep: paths of entries that are never deleted; their size counts towards the limit.
        delete: deletes a path as a whole and returns True, or returns False.

    Returns:
        Bytes freed.
    """
    oldest_first = sorted(entries, key=lambda entry: (entry.used, str(entry.path)))
    kept = set(keep)
    excess = sum(entry.size for entry in oldest_first) - limit
    freed = 0
    for entry in oldest_first:
        if excess <= 0:
            break
        if entry.path in kept:
            continue
        removed = delete(entry.path)
        freed += entry.size if removed else 0
        excess -= entry.size if removed or not _is_there(entry.path) else 0
    return freed


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder; links and files deleted meanwhile count 0."""
    try:
        facts = path.lstat()
    except OSError:
        return 0
    if _leads_away(facts):
        return 0
    if not stat.S_ISDIR(facts.st_mode):
        return facts.st_size
    return sum(entry.size for entry in files_below(path))


def files_below(folder: Path) -> Iterator[CacheItem]:
    """Yield every file in a folder tree, its modification time as ``used``; links are skipped."""
    todo = [str(folder)]
    while todo:
        for entry in _listed(todo.pop()):
            with contextlib.suppress(OSError):
                facts = entry.stat(follow_symlinks=False)
                if _leads_away(facts):
                    continue
                if stat.S_ISDIR(facts.st_mode):
                    todo.append(entry.path)
                else:
                    yield CacheItem(Path(entry.path), facts.st_size, facts.st_mtime)


def is_link(path: Path) -> bool:
    """Return whether the path is a symbolic link or, on Windows, a junction.

    Raises:
        OSError: ``path`` does not exist or may not be read.
    """
    return _leads_away(path.lstat())


def sweep(folder: Path) -> None:
    """Delete half-deleted folders that a killed program left in ``folder``."""
    with contextlib.suppress(OSError):
        for path in folder.glob(f"{_GONE}*"):
            shutil.rmtree(path, ignore_errors=True)


def _remove(path: Path) -> bool:
    if not path.is_dir():
        path.unlink()
        return True
    gone = path.with_name(f"{_GONE}{uuid.uuid4().hex[:12]}")
    path.rename(gone)  # fails on Windows while a file in it is open
    shutil.rmtree(gone, ignore_errors=True)
    return True


def _listed(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:  # deleted meanwhile, or not readable
        return []


def _leads_away(facts: os.stat_result) -> bool:
    return stat.S_ISLNK(facts.st_mode) or getattr(facts, "st_reparse_tag", 0) == _JUNCTION


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True
