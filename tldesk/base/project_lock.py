"""Lock files for work that only one program at a time may do on a project, with a note of the holder."""

from __future__ import annotations

import contextlib
import getpass
import os
import platform
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from tldesk.base.problem import Problem, ProblemError

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
    """Return whether a program (this or another) holds this lock file now."""
    if not path.exists():
        return False
    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        # A project on a read-only medium: no program can be writing to it.
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
