"""Marks cache folders as in use, so that clearing and eviction leave them alone."""

from __future__ import annotations

import contextlib
import uuid
import weakref
from pathlib import Path

from filelock import FileLock, Timeout

_PREFIX = "use-"


class InUseMarker:
    """Marks a folder as in use for as long as this object and its process live.

    A file of its own in the folder, locked: the system lets go of it when the process is killed. Where
    nothing may be written, nothing can be cleared either, so no marker is needed.
    """

    def __init__(self, folder: Path) -> None:
        # Not thread-local: the garbage collector may let go on another thread than the one that began.
        lock = FileLock(folder / f"{_PREFIX}{uuid.uuid4().hex[:12]}", thread_local=False)
        with contextlib.suppress(OSError):
            lock.acquire(timeout=0)
        self._end = weakref.finalize(self, _let_go, lock)

    def end(self) -> None:
        """Remove the mark; others may still use the folder."""
        self._end()


def is_marked(folder: Path) -> bool:
    """Whether some process uses the folder; marks of processes that were killed are deleted."""
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
