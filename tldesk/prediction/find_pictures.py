"""Finds the pictures in a list of files and folders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tldesk.base import Problem, ProblemError
from tldesk.base.file_names import text_path
from tldesk.dataset.files.layout_finder import is_list_of_medium
from tldesk.dataset.files.walk import find_files
from tldesk.dataset.left_out import NOTHING_LEFT_OUT, LeftOut


@dataclass(frozen=True)
class PicturesToPredict:
    """The pictures to predict.

    Attributes:
        paths: their paths as text (``base.file_names``), each once. Pipes, devices and sockets are among
            them: reading them fails with the reason, without opening them.
        left_out: what else lies in the folders.
    """

    paths: tuple[Path, ...]
    left_out: LeftOut = NOTHING_LEFT_OUT


def find_pictures(paths: Iterable[Path | str]) -> PicturesToPredict:
    """Return the given files, whatever their names, and the pictures in and below given folders, by path.

    Raises:
        ProblemError: a path does not exist, or a folder contains no picture.
    """
    found: dict[Path, None] = {}
    left_out = NOTHING_LEFT_OUT
    for path in map(Path, paths):
        one = _inside(path)
        found |= dict.fromkeys(one.paths)
        left_out += one.left_out
    return PicturesToPredict(tuple(found), left_out)


def _inside(path: Path) -> PicturesToPredict:
    if path.is_dir():
        return _in_folder(path)
    if not path.exists():
        raise ProblemError(Problem(str(path), "there is no such file or folder", "Check how it is written"))
    return PicturesToPredict((text_path(path),))


def _in_folder(folder: Path) -> PicturesToPredict:
    tree, root = find_files(folder), text_path(folder)
    there = sorted([*tree.files, *tree.left_out.special])
    names = [name for name in there if not is_list_of_medium(name)]
    if not names:
        what = ". ".join(["there is no picture in this folder", *tree.left_out.notes()])
        raise ProblemError(Problem(str(folder), what, "Choose another folder"))
    return PicturesToPredict(tuple(root / name for name in names), tree.left_out)
