"""The real pictures on which weights are measured, as projects that are divided anew for each seed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from tldesk import FilenamePattern, Project

Listed = Mapping[Path, str]
"""Each picture's file and its class."""

# A rotated copy is called aug_<name of its original>_..., and belongs to it.
_COPIES = FilenamePattern(r"^(?:aug_)?(.+?)(?:_\d+_\d+)?\.\w+$")
_FEWEST = 5  # a class with fewer pictures cannot be in all three splits, and is left out
_SHARES = (0.6, 0.15, 0.25)


def divided(data: Path, name: str, scratch: Path, seed: int) -> Project:
    """A project of a set, 60 % to train on, 15 % to choose by and 25 % to test with, by class and group.

    Args:
        data: the folder with all sets.
        name: one of ``SETS``.
        scratch: an empty folder for links and the project.
        seed: of the division.
    """
    pictures = scratch / "pictures"
    _link(SETS[name](data / name), pictures)
    project = Project.create(scratch / name, images=pictures)
    grouped = _COPIES if name == "brain_mri" else None
    project.split(by_group=grouped, shares=_SHARES, seed=seed, keep_given=False)
    return project


def _link(listed: Listed, pictures: Path) -> None:
    counts: dict[str, int] = {}
    for label in listed.values():
        counts[label] = counts.get(label, 0) + 1
    for path, label in listed.items():
        if counts[label] >= _FEWEST:
            folder = pictures / label
            folder.mkdir(parents=True, exist_ok=True)
            (folder / path.name).symlink_to(path.resolve())


def _by_folder(folder: Path) -> Listed:
    """The class is the folder in which a picture lies."""
    return {path: path.parent.name for path in sorted(folder.rglob("*")) if path.suffix.lower() in _SUFFIXES}


def _blood_cells(folder: Path) -> Listed:
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as stream:
        labels = {int(row["image ID"]): row["class label"] for row in csv.DictReader(stream)}
    return {path: labels[int(path.stem)] for path in sorted((folder / "images").iterdir())}


_SUFFIXES = {".jpg", ".jpeg", ".png"}

SETS: Mapping[str, Callable[[Path], Listed]] = MappingProxyType(
    {
        "coffee_leaf": _by_folder,
        "ants_bees": _by_folder,
        "blood_cells": _blood_cells,
        "brain_mri": _by_folder,
    }
)
"""The sets by name, and how each is listed."""
