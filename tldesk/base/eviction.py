"""Keeps a folder of cached things below a size limit by deleting the least recently used first."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_GONE = ".gone-"  # folders are given this name before they are emptied: nobody ever sees half of one
_JUNCTION = 0xA0000003  # Windows: a folder that leads to another place


@dataclass(frozen=True, slots=True)
class CacheItem:
    """One thing that may be deleted as a whole.

    Attributes:
        path: a file, or a folder with all that is in it.
        size: bytes, as ``size_of`` counts them.
        used: when it was last used, seconds since the epoch.
    """

    path: Path
    size: int
    used: float


def remove(path: Path) -> bool:
    """Delete a file, or a folder with all in it, as a whole or not at all; links are never followed.

    Returns:
        Whether this call deleted it; False where it is gone already, is a link, or is in use.
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
    """Delete the least recently used entries until the others take at most ``limit`` bytes together.

    Entries in ``keep``, links, and what another process holds open (Windows) stay and are no error. What
    another process deletes meanwhile counts as gone, not as freed.

    Args:
        entries: all that share the limit.
        limit: bytes.
        keep: paths of entries that stay whatever their age; they count.
        delete: deletes one of the paths as a whole, or answers False.

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
    """Bytes of a file, or of all files in a folder; links and what vanishes meanwhile count nothing."""
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
    """Every file in a folder and its folders, the last change as its use; links are passed over."""
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
    """Whether the path is a link (on Windows also a junction), which leads out of its folder.

    Raises:
        OSError: there is nothing at ``path``, or it may not be looked at.
    """
    return _leads_away(path.lstat())


def sweep(folder: Path) -> None:
    """Delete what a program that was killed while it deleted has left in ``folder``."""
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
    except OSError:  # gone meanwhile, or it may not be looked into
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
