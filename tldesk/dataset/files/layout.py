"""Determines the layout of a folder tree: which folder names are classes, and which are splits.

Supported are ``class/…``, ``train/class/…`` (with ``val``, ``test`` and their synonyms), ``class/train/…``, a
single folder around any of these, and files without folders (no labels). If all class folders contain the
same inner folders, the outer ones are still the classes, but a note says that it may be the other way round
(``site/class/…``). ``original/class/…`` together with ``augmented/class/…`` is supported too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tldesk.dataset.name_order import folded
from tldesk.dataset.records import Split

Folders = tuple[str, ...]  # the folders between the source and a file, outermost first

SPLIT_NAMES = {
    "train": Split.TRAIN,
    "training": Split.TRAIN,
    "val": Split.VALIDATION,
    "valid": Split.VALIDATION,
    "validation": Split.VALIDATION,
    "dev": Split.VALIDATION,
    "test": Split.TEST,
    "testing": Split.TEST,
}
_NO_CLASS = frozenset(
    {"images", "image", "imgs", "img", "pictures", "photos", "pics", "data", "bilder", "jpg", "png"}
)


_KINDS_OF_PICTURE = frozenset(
    {"original", "originals", "raw", "augmented", "augmentation", "augmentations", "aug", "copies"}
)
_KINDS_NOTE = (
    "The classes are the inner folders; the outer ones ({0}) tell originals from changed copies, which belong"
    " together"
)


@dataclass(frozen=True)
class Layout:
    """The positions of class and split in a path.

    Attributes:
        class_level: index of the folder that is the class; None if folders are not classes.
        split_level: index of the folder that is the split; None if no split is given.
        note: how the tree was interpreted, if that may be unexpected; else "".
    """

    class_level: int | None
    split_level: int | None
    note: str = ""

    def class_of(self, folders: Folders) -> str | None:
        """Return the class name of a file in these folders, None if it has none."""
        level = self.class_level
        return folders[level] if level is not None and len(folders) > level else None

    def split_of(self, folders: Folders) -> Split | None:
        """Return the split of a file in these folders, None if it has none."""
        level = self.split_level
        return split_named(folders[level]) if level is not None and len(folders) > level else None

    def rest_of(self, folders: Folders) -> Folders:
        """Return the folders that are neither class nor split: a patient, a plot, a day."""
        named = (self.class_level, self.split_level)
        return tuple(folder for level, folder in enumerate(folders) if level not in named)


def split_named(name: str) -> Split | None:
    """Return the split with this name or synonym, None if there is none."""
    return SPLIT_NAMES.get(folded(name))


def find_layout(folders: Iterable[Folders]) -> Layout:
    """Return the layout of a tree, given the folders of all its picture files (duplicates are ignored)."""
    trees = sorted(set(folders))
    start = _shared_wrappers(trees)
    inner = [tree[start:] for tree in trees if len(tree) > start]
    return _moved(_layout_below(inner), start)


def _shared_wrappers(trees: Sequence[Folders]) -> int:
    """Return the number of outer folders that contain everything else and are not splits."""
    level = 0
    while (
        trees and all(len(tree) > level + 1 for tree in trees) and len({tree[level] for tree in trees}) == 1
    ):
        if split_named(trees[0][level]) is not None or _is_class_around_splits(trees, level):
            break
        level += 1
    return level


def _is_class_around_splits(trees: Sequence[Folders], level: int) -> bool:
    """Return whether the outer folder is a single class with train/ and val/ directly inside it."""
    inner = [tree[level + 1 :] for tree in trees]
    return all(len(tree) == 1 and split_named(tree[0]) is not None for tree in inner)


def _layout_below(trees: Sequence[Folders]) -> Layout:
    if not trees:
        return Layout(None, None)
    outer = _names(trees, 0)
    if _are_splits(outer):
        return Layout(1, 0)
    if all(len(tree) > 1 for tree in trees):
        if _are_splits(_names(trees, 1)):
            return Layout(0, 1)
        if _same_inside_each(trees):
            return _same_inside(outer, _names(trees, 1))
    if len(outer) == 1 and folded(next(iter(outer))) in _NO_CLASS:
        return Layout(None, None)
    return Layout(0, None)


def _same_inside(outer: set[str], inner: set[str]) -> Layout:
    if all(folded(name) in _KINDS_OF_PICTURE for name in outer):
        return Layout(1, None, _KINDS_NOTE.format(_some(outer)))
    return Layout(0, None, _inner_note(outer, inner))


def _names(trees: Sequence[Folders], level: int) -> set[str]:
    return {tree[level] for tree in trees if len(tree) > level}


def _are_splits(names: set[str]) -> bool:
    return bool(names) and all(split_named(name) is not None for name in names)


def _same_inside_each(trees: Sequence[Folders]) -> bool:
    """Return whether there are at least two outer folders, each with the same two or more inner ones."""
    inside: dict[str, set[str]] = {}
    for tree in trees:
        inside.setdefault(tree[0], set()).add(tree[1])
    contents = list(inside.values())
    return len(contents) > 1 and len(contents[0]) > 1 and all(names == contents[0] for names in contents)


def _inner_note(outer: set[str], inner: set[str]) -> str:
    return (
        f"The classes are the outer folders ({_some(outer)}), and each of them holds the same inner folders"
        f" ({_some(inner)}). If the inner ones are the classes, make the project from one outer folder"
    )


def _some(names: set[str], most: int = 4) -> str:
    shown = sorted(names)[:most]
    return ", ".join(shown) + (", …" if len(names) > most else "")


def _moved(layout: Layout, levels: int) -> Layout:
    def move(level: int | None) -> int | None:
        return None if level is None else level + levels

    return Layout(move(layout.class_level), move(layout.split_level), layout.note)
