"""Finds images that a table puts into another class than the folder in which they lie."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from tldesk.base import plural
from tldesk.dataset.class_names import class_name
from tldesk.dataset.name_order import folded


def contradiction_note(file: str, labels: Mapping[str, str]) -> str | None:
    """Return a sentence, without a closing stop, on images whose folder names another class than the table.

    Folders that are named like no class of the table (sites, years, cameras) contradict nothing.

    Args:
        file: the table's name.
        labels: the class by relative path of the image.
    """
    classes = {folded(name): name for name in labels.values()}
    found = [
        (path, label, folder)
        for path, label in labels.items()
        if (folder := _class_of_folders(path, label, classes)) is not None
    ]
    if not found:
        return None
    path, label, folder = min(found)
    images = plural(len(found), "image")
    of = "" if len(found) == len(labels) else f" of {len(labels):,}"
    return (
        f"{file} gives {images}{of} another class than the folder in which {_they(len(found))}; the table"
        f' counts; the first: {path} ("{label}", in the folder "{folder}")'
    )


def _class_of_folders(path: str, label: str, classes: Mapping[str, str]) -> str | None:
    """Return the innermost folder that is a class of the table; None if that class, or none, is the label."""
    folders = [part for part in PurePosixPath(path).parts[:-1] if folded(class_name(part)) in classes]
    if not folders or folded(label) in {folded(class_name(part)) for part in folders}:
        return None
    return folders[-1]


def _they(count: int) -> str:
    return "it lies" if count == 1 else "they lie"
