"""Lock files for work that only one program at a time may do on a project, with a note of the holder."""

from __future__ import annotations

import contextlib
import getpass
import os
import platform
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from tldesk.base.problem import Problem, ProblemError

if sys.platform != "win32":
    import fcntl

_PATIENCE = 0.1
"""Seconds to ask again where asking takes the lock: another program that asks has it for far less."""

_SOMEBODY = "another window or command"


@contextlib.contextmanager
def holding(path: Path, where: str, doing: str, *, patience: float = 0.0) -> Iterator[None]:
    """Hold a lock file; the operating system releases the lock if the process dies.

    Args:
        path: the lock file; a file next to it describes the holder in one line.
        where: ``Problem.where`` of the error.
        doing: what the holder does, as in "is training this run"; used in the error.
        patience: seconds to wait if another program holds the lock.

    Raises:
        ProblemError: another program holds the lock; the message says which.
    """
    # Not thread-local: a generator may be closed by a different thread from the one that started it.
    lock = FileLock(path, timeout=patience, thread_local=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise ProblemError(
            Problem(where, f"{_holder(path)} {doing}", "Wait until it is done, or stop it there")
        ) from error
    try:
        with contextlib.suppress(OSError):
            _told(path).write_text(_ourselves(), encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            _told(path).unlink()
        lock.release()


def is_held(path: Path) -> bool:
    """Return whether a program (this or another) holds this lock file now.

    Programs and threads that ask at the same time do not take each other for the holder.
    """
    try:
        return path.exists() and _is_held(path)
    except OSError:
        # A project on a read-only medium: no program can be writing to it.
        return False


def _is_held(path: Path) -> bool:
    if sys.platform == "win32":
        return not _can_be_taken(path)
    with path.open("rb") as file:
        try:
            # Shared: any number may ask at once, but not beside a holder. Closing the file lets it go.
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:  # a disk without such locks, where FileLock has its own way
            return not _can_be_taken(path)
    return False


def _can_be_taken(path: Path) -> bool:
    try:
        with FileLock(path, timeout=_PATIENCE, poll_interval=_PATIENCE / 10):
            return True
    except Timeout:
        return False


def _told(path: Path) -> Path:
    return path.with_name(f"{path.name}-holder")


def _holder(path: Path) -> str:
    try:
        return _told(path).read_text(encoding="utf-8").strip() or _SOMEBODY
    except (OSError, UnicodeDecodeError):
        return _SOMEBODY


def _ourselves() -> str:
    now = datetime.now().astimezone()
    return f"{_SOMEBODY} ({_user()} on {platform.node()}, process {os.getpid()}, since {now:%H:%M})"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name
        return "somebody"
