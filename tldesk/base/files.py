"""Atomic writing: a file is written under a temporary name and then renamed, so that a crash leaves either
the old or the new file, never half of one.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from tldesk.base.problem import Problem, ProblemError
from tldesk.base.regular_files import special_kind

_NAME_LENGTH = 40  # characters taken over from the original name, as file systems limit names to 255 bytes


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; on success it is flushed to disk and replaces ``path``.

    Raises:
        ProblemError: the folder cannot be written or the disk is full; the old file is untouched. Or there
            is a pipe, device or socket at ``path``, which a file would replace.
    """
    temporary: Path | None = None
    refuse_to_replace_special(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not tempfile: only the owner may read its files, but colleagues on a shared drive must read ours.
        temporary = path.with_name(f".{path.name[:_NAME_LENGTH]}.{uuid.uuid4().hex[:12]}.tmp")
        temporary.touch(exist_ok=False)
        yield temporary
        _flush(temporary)
        temporary.replace(path)
    except OSError as error:
        raise ProblemError(
            Problem(
                str(path),
                f"the file could not be written ({error.strerror or error})",
                "Check that the disk is not full and that you may write there",
            )
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_atomic(path: Path, data: str | bytes) -> None:
    r"""Write ``data`` (text as UTF-8, line endings unchanged) to ``path`` as a whole or not at all.

    Bytes of file names that are no UTF-8 (lone surrogates) are written ``\udce9``, which JSON reads back.

    Raises:
        ProblemError: as ``atomic_path``.
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data)


def refuse_to_replace_special(path: Path) -> None:
    """Raise a ProblemError if there is a pipe, device or socket where a file is to be written."""
    with contextlib.suppress(OSError):  # nothing there yet, or writing reports it
        kind = special_kind(path.stat().st_mode)
        if kind is not None:
            raise ProblemError(Problem(str(path), f"this is {kind}, not a file", "Give another name"))


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk, where the system can: a renamed file survives a power cut."""
    with contextlib.suppress(OSError):  # Windows opens no folders, and some network drives do not sync them
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
