"""Opening the user's files: only regular ones. A pipe would wait for ever, and a device never ends."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from tldesk.base.problem import Problem, ProblemError

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}

_BLOCK = 512  # bytes of a block as the system counts them, whatever the disk's are
_CHUNK = 2**20


class NotAFileError(OSError):
    """What lies at a path is a pipe, a device or a socket; ``strerror`` says which."""

    def __init__(self, kind: str, path: str) -> None:
        super().__init__(errno.EINVAL, f"it is {kind}, not a file", path)
        self.kind = kind


def special_kind(mode: int) -> str | None:
    """Return what a file mode (``os.stat``) says in words, "a pipe"; None for files and folders."""
    return _KINDS.get(stat.S_IFMT(mode))


def refuse_special(path: Path | str) -> None:
    """Check, following links and opening nothing, that a path is not a pipe, device or socket.

    Raises:
        NotAFileError: it is one.
        OSError: there is nothing at this path, or it may not be looked at.
    """
    kind = special_kind(os.stat(path).st_mode)  # noqa: PTH116 - faster, and a string is often at hand
    if kind is not None:
        raise NotAFileError(kind, str(path))


def must_be_file(path: Path, fix: str = "Check the spelling") -> None:
    """Check that a path that a user named is a file; it is not opened.

    Raises:
        ProblemError: there is nothing, or a folder, a pipe, a device or a socket.
    """
    if path.is_file():
        return
    what = "there is no such file"
    try:
        kind = "a folder" if path.is_dir() else special_kind(path.stat().st_mode)
        what = f"this is {kind}, not a file" if kind else what
    except OSError:
        pass  # there is nothing, or it may not be looked at
    raise ProblemError(Problem(str(path), what, fix))


def open_regular(path: Path | str) -> BufferedReader:
    """Open a file of the user for reading.

    Raises:
        NotAFileError: it is a pipe, device or socket, or became one just now; it was not waited for.
        OSError: it cannot be opened.
    """
    refuse_special(path)
    return open(path, "rb", opener=_opener)


def read_regular(path: Path | str) -> bytes:
    """Return the bytes of a file of the user; errors as for ``open_regular``."""
    with open_regular(path) as file:
        return file.read()


def copy_regular(original: Path | str, copy: Path | str) -> None:
    """Copy a file of the user with its times, and its holes if it has any; errors as for ``open_regular``."""
    refuse_special(original)
    size = os.stat(original).st_size  # noqa: PTH116 - as above
    if hasattr(os, "SEEK_DATA") and size_on_disk(original, size) < size:
        _copy_sparse(original, copy, size)
        shutil.copystat(original, copy)
    else:
        shutil.copy2(original, copy)


def size_on_disk(path: Path | str, size: int) -> int:
    """Return the bytes that a file of ``size`` bytes takes, at most ``size``: holes take none."""
    try:
        blocks = getattr(os.stat(path), "st_blocks", None)  # noqa: PTH116 - as above
    except OSError:
        return size
    return size if blocks is None else min(size, blocks * _BLOCK)


def _copy_sparse(original: Path | str, copy: Path | str, size: int) -> None:
    with open_regular(original) as source, Path(copy).open("wb") as target:
        target.truncate(size)
        for start, end in _data(source.fileno(), size):
            target.seek(start)
            places = range(start, end, _CHUNK)
            target.writelines(os.pread(source.fileno(), min(_CHUNK, end - one), one) for one in places)


def _data(handle: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield the parts, from and to byte, that are no holes."""
    end = 0
    while end < size:
        try:
            start = os.lseek(handle, end, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # only a hole is left
                return
            raise
        end = os.lseek(handle, start, os.SEEK_HOLE)
        yield start, end


def _opener(path: str, flags: int) -> int:
    # Without waiting, if a pipe has taken the file's place since it was looked at.
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
    kind = special_kind(os.fstat(handle).st_mode)
    if kind is not None:
        os.close(handle)
        raise NotAFileError(kind, path)
    return handle
