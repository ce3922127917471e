"""Whether a lock is held: a process has it, it died with it, several ask at the same time."""

from __future__ import annotations

import contextlib
import errno
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from tldesk.base import ProblemError, project_lock
from tldesk.base.project_lock import holding, is_held

_HOLDER = """
import sys
from pathlib import Path
from tldesk.base.project_lock import holding
with holding(Path(sys.argv[1]), "here", "is training"):
    print("held", flush=True)
    sys.stdin.read()
"""


def _no_such_locks(*_arguments: object) -> None:
    raise OSError(errno.ENOTSUP, "Operation not supported")


@pytest.fixture(params=["as here", "as where asking takes the lock"])
def lock(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if request.param != "as here" and sys.platform != "win32":
        monkeypatch.setattr(project_lock, "fcntl", _Fcntl())
    return tmp_path / "lock"


class _Fcntl:
    """A disk that knows no locks, for those who ask."""

    LOCK_SH = LOCK_NB = 0
    flock = staticmethod(_no_such_locks)


def test_held_and_let_go(lock: Path) -> None:
    assert not is_held(lock)
    with holding(lock, "here", "is training"):
        assert is_held(lock)
        with pytest.raises(ProblemError, match="is training"), holding(lock, "here", "is training"):
            pass
    assert not is_held(lock)


def test_a_process_holds_it_until_it_dies(lock: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert is_held(lock)
        holder.kill()
        holder.wait()
        assert not is_held(lock)


@pytest.mark.skipif(sys.platform == "win32", reason="there, asking takes the lock")
def test_who_asks_is_not_taken_for_the_holder(tmp_path: Path) -> None:
    import fcntl

    lock = tmp_path / "lock"
    with FileLock(lock):
        pass
    with lock.open("rb") as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        assert not is_held(lock), "another asks just now"
    with holding(lock, "here", "is training"):
        assert is_held(lock)


def test_many_ask_at_once(lock: Path) -> None:
    lock.touch()
    answers: list[bool] = []

    def ask() -> None:
        answers.extend(is_held(lock) for _ in range(50))

    _together([ask] * 4)
    assert answers == [False] * 200


def _together(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    with contextlib.ExitStack() as stack:
        for thread in threads:
            thread.start()
            stack.callback(thread.join)
