"""Finds the pictures in a list of files and folders."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tldesk.base import Problem, ProblemError
from tldesk.dataset.files.walk import find_files


def candidates(paths: Iterable[Path | str]) -> list[Path]:
    """Files as given, whatever they are called; folders replaced by the pictures under them, by path.

    A picture that is named twice comes once, at its first place.

    Raises:
        ProblemError: a path is not there, or there is no picture in a folder.
    """
    return list(dict.fromkeys(found for path in paths for found in _pictures(Path(path))))


def _pictures(path: Path) -> list[Path]:
    if path.is_dir():
        found = [path / name for name in find_files(path).paths]
        if not found:
            raise ProblemError(
                Problem(str(path), "there is no picture in this folder", "Choose another folder")
            )
        return found
    if not path.exists():
        raise ProblemError(Problem(str(path), "there is no such file or folder", "Check how it is written"))
    return [path]
