"""The program's caches: their sizes, clearing them, and keeping them below their limits.

Everything in a cache can be deleted: it is recomputed when needed.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from filelock import FileLock, Timeout

from tldesk.base import user_dir
from tldesk.base.eviction import CacheItem, evict, files_below, is_link, remove, size_of, sweep
from tldesk.base.limits import cache_limits
from tldesk.engine.cache_in_use import is_marked

Kind = Literal["prepared", "features", "engines"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_TITLES: dict[Kind, str] = {
    "prepared": "Prepared pictures of this project",
    "features": "Features and inputs of this project",
    "engines": "Converted networks, for all projects",
}
_PATIENCE = 0.5  # seconds; adding rows to a store locks it for less
_BEING_WRITTEN = 3600.0  # seconds; another process may still be writing a temporary file younger than this


@dataclass(frozen=True, slots=True)
class CacheUse:
    """The current use of one cache.

    Attributes:
        kind: "prepared", "features" or "engines".
        title: its name shown to the user.
        path: its folder, which need not exist.
        entries: number of pictures, feature stores or networks in it.
        bytes: their total size.
        limit: largest permitted size in bytes; the least recently used entries are deleted first.
        last_used: time of the last use, seconds since the epoch; None if the cache is empty.
    """

    kind: Kind
    title: str
    path: Path
    entries: int
    bytes: int
    limit: int
    last_used: float | None


@dataclass(frozen=True, slots=True)
class ClearedCache:
    """The result of clearing a cache.

    Attributes:
        freed: bytes freed.
        left: number of entries not deleted, because they are in use or write-protected.
    """

    freed: int
    left: int


def caches(cache_dir: Path) -> tuple[CacheUse, ...]:
    """Return the caches of a project (``Project.cache_dir``) and of the user, in the order of ``KINDS``.

    Every file is examined, which takes a second for 100,000 prepared pictures.
    """
    return tuple(_use(kind, cache_dir) for kind in KINDS)


def clear(cache_dir: Path, kind: Kind) -> ClearedCache:
    """Delete a cache's entries. Safe during runs: stores in use are skipped, pictures are decoded again."""
    entries = _entries(kind, cache_dir)
    freed = left = 0
    for entry in entries:
        if _delete(entry.path):
            freed += entry.size
        elif entry.path.exists():
            left += 1
    return ClearedCache(freed, left)


def tidy(cache_dir: Path, keep: Collection[Path] = ()) -> int:
    """Reduce feature stores and converted networks to the user's limits; delete obsolete prepared pictures.

    The limit of prepared pictures is enforced when they are written.

    Args:
        cache_dir: the project's cache folder.
        keep: folders of feature stores and files of networks that must not be deleted.

    Returns:
        Bytes freed.
    """
    limits = cache_limits()
    freed = evict(_old_stores(cache_dir / "prepared"), 0, keep, _delete)
    freed += evict(_entries("features", cache_dir), limits.features, keep, _delete)
    return freed + evict(_entries("engines", cache_dir), limits.engines, keep, _delete)


def apply_limits(cache_dir: Path) -> int:
    """Apply lowered limits: as ``tidy``, and also to prepared pictures; return the bytes freed."""
    freed = evict(_entries("prepared", cache_dir), cache_limits().prepared, (), _delete)
    return freed + tidy(cache_dir)


def folder_of(kind: Kind, cache_dir: Path) -> Path:
    """Return the folder of a cache."""
    return user_dir() / "engines" if kind == "engines" else cache_dir / kind


def _use(kind: Kind, cache_dir: Path) -> CacheUse:
    entries = _entries(kind, cache_dir)
    return CacheUse(
        kind,
        _TITLES[kind],
        folder_of(kind, cache_dir),
        len(entries),
        sum(entry.size for entry in entries),
        getattr(cache_limits(), kind),
        max((entry.used for entry in entries), default=None),
    )


def _entries(kind: Kind, cache_dir: Path) -> Sequence[CacheItem]:
    folder = folder_of(kind, cache_dir)
    if kind == "prepared":
        return [*_pictures(folder), *_old_stores(folder)]
    return list(_stores(folder) if kind == "features" else _networks(folder))


# --- what there is ----------------------------------------------------------------------------------------


def _pictures(folder: Path) -> Iterator[CacheItem]:
    """Yield the files of prepared pictures, which are in one folder per side length."""
    for side in _folders(folder):
        if side.name.isdigit():
            yield from _settled(files_below(side))


def _old_stores(folder: Path) -> list[CacheItem]:
    """Return prepared pictures in the format of earlier versions: a table per preprocessing, in a folder."""
    return [_store(path) for path in _folders(folder) if (path / "rows.bin").is_file()]


def _stores(folder: Path) -> Iterator[CacheItem]:
    sweep(folder)
    for path in _folders(folder):
        store = _store(path)
        if store.size:  # skip a cleared store of which only the lock is left, because it could not be deleted
            yield store


def _store(folder: Path) -> CacheItem:
    return CacheItem(folder, size_of(folder), _changed(folder / "about.json") or _changed(folder) or 0.0)


def _networks(folder: Path) -> Iterator[CacheItem]:
    """Yield networks: a description (.xml, modified at the last use) together with its weights (.bin)."""
    files = {entry.path: entry for entry in _settled(files_below(folder))}
    for path, entry in files.items():
        weights, description = path.with_suffix(".bin"), path.with_suffix(".xml")
        if path == description and weights in files:
            yield CacheItem(path, entry.size + files[weights].size, entry.used)
        elif path != weights or description not in files:
            yield entry


def _settled(files: Iterable[CacheItem]) -> Iterator[CacheItem]:
    """Leave out temporary files that another process may be writing."""
    now = time.time()
    for entry in files:
        temporary = entry.path.suffix == ".tmp" or entry.path.parent.name.startswith("tmp")
        if not temporary or now - entry.used > _BEING_WRITTEN:
            yield entry


def _folders(folder: Path) -> list[Path]:
    try:
        found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return []
    return [path for path in found if path.is_dir() and not _leads_away(path)]


def _leads_away(path: Path) -> bool:
    try:
        return is_link(path)
    except OSError:
        return True


def _changed(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None


# --- deleting ---------------------------------------------------------------------------------------------


def _delete(path: Path) -> bool:
    """Delete an entry of any cache."""
    if path.is_dir():
        return _delete_store(path)
    deleted = remove(path)
    if deleted and path.suffix == ".xml":
        remove(path.with_suffix(".bin"))
    return deleted


def _delete_store(folder: Path) -> bool:
    """Delete a store unless it is in use; its lock prevents other processes from opening it meanwhile."""
    lock = FileLock(folder / "lock", thread_local=False)
    try:
        lock.acquire(timeout=_PATIENCE)
    except (Timeout, OSError):
        return False
    try:
        if is_marked(folder):
            return False
        whole = remove(folder)
        deleted = whole or _empty(folder)
    finally:
        lock.release()
    if deleted and not whole:
        with contextlib.suppress(OSError):
            (folder / "lock").unlink()
            folder.rmdir()
    return deleted


def _empty(folder: Path) -> bool:
    """Delete a store's files one by one; on Windows the folder cannot be renamed while its lock is held.

    The rows come first: if another process has them open, nothing is deleted.
    """
    try:
        (folder / "rows.bin").unlink(missing_ok=True)
    except OSError:
        return False
    for path in folder.iterdir():
        if path.name != "lock":
            remove(path)
    return True
