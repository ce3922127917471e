"""Marks cache folders as in use, so that clearing and eviction skip them."""

from __future__ import annotations

import contextlib
import uuid
import weakref
from pathlib import Path

from filelock import FileLock, Timeout

_PREFIX = "use-"


class InUseMarker:
    """Marks a folder as in use as long as this object and its process exist.

    The mark is a locked file in the folder; the operating system releases the lock if the process is killed.
    In a read-only folder the mark cannot be written, but is not needed either: the folder cannot be cleared.
    """

    def __init__(self, folder: Path) -> None:
        # Not thread-local: the garbage collector may release it in a different thread.
        lock = FileLock(folder / f"{_PREFIX}{uuid.uuid4().hex[:12]}", thread_local=False)
        with contextlib.suppress(OSError):
            lock.acquire(timeout=0)
        self._end = weakref.finalize(self, _let_go, lock)

    def end(self) -> None:
        """Remove this mark; other marks on the folder are not affected."""
        self._end()


def is_marked(folder: Path) -> bool:
    """Return whether a process uses the folder; delete the marks of processes that were killed."""
    return any(not _is_stale(path) for path in list(folder.glob(f"{_PREFIX}*")))


def _is_stale(path: Path) -> bool:
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return False
    _let_go(lock)
    return True


def _let_go(lock: FileLock) -> None:
    if not lock.is_locked:
        return
    lock.release()
    with contextlib.suppress(OSError):
        Path(lock.lock_file).unlink()
