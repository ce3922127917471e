"""Finds the pictures in a list of files and folders."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tldesk.base import Problem, ProblemError
from tldesk.base.file_names import text_path
from tldesk.dataset.files.layout_finder import is_list_of_medium
from tldesk.dataset.files.walk import find_files


def candidates(paths: Iterable[Path | str]) -> list[Path]:
    """Return the given files, whatever their names, and the pictures in and below given folders, by path.

    The paths are text (``base.file_names``). Pipes, devices and sockets in a folder are among them: reading
    them fails with the reason, without opening them. Duplicates are removed; the first occurrence is kept.

    Raises:
        ProblemError: a path does not exist, or a folder contains no picture.
    """
    return list(dict.fromkeys(found for path in paths for found in _pictures(Path(path))))


def _pictures(path: Path) -> list[Path]:
    if path.is_dir():
        tree, root = find_files(path), text_path(path)
        there = [*tree.files, *tree.left_out.special]
        found = [root / name for name in sorted(there) if not is_list_of_medium(name)]
        if not found:
            raise ProblemError(
                Problem(str(path), "there is no picture in this folder", "Choose another folder")
            )
        return found
    if not path.exists():
        raise ProblemError(Problem(str(path), "there is no such file or folder", "Check how it is written"))
    return [text_path(path)]
