"""Finds a copy of a folder tree inside that tree, as archives and cloud drives leave it, and takes it out.

A folder is a copy if its surroundings lie in it again (``chest_xray/chest_xray/train`` beside
``chest_xray/train``), or if it lies beside its original (``data - Copy``), and most of its files are the
same, not only their names: cameras number the pictures of every folder from 1. A folder whose surroundings
lie in it again with other pictures (``batch2/ant`` beside ``ant``) is no copy, but a further part of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tldesk.base.file_names import on_disk
from tldesk.dataset.files.folder_tree import Node, without_wrappers
from tldesk.dataset.files.folder_words import is_container
from tldesk.dataset.files.split_words import split_named, splits_named
from tldesk.dataset.name_order import folded

_LEAST_ALIKE = 0.5  # the share of a folder's files that must lie in the other one as well
_COMPARED = 24  # pairs of files whose bytes are compared
_MOST_COPIES = 8  # folders beside each other that are compared: nobody keeps more copies
_BYTES = 1 << 20  # of each, from the beginning


@dataclass(frozen=True)
class FolderCopy:
    """A folder that holds the folders of another one again: a copy, or a further part.

    Attributes:
        folder: its path from the source.
        of: the path of the other one, "" for the source itself.
        core: where the copied tree begins in it, with the files that only this folder has.
        twice: the paths, from the source, of the files that were taken out because both have them; none
            for a further part.
    """

    folder: str
    of: str
    core: Node
    twice: frozenset[str]


def take_out_copies(node: Node, root: Path | None) -> list[FolderCopy]:
    """Take the copies and further parts directly in ``node`` out of the tree.

    Args:
        node: the folder.
        root: the source's folder, to compare files; None if that cannot be done.
    """
    copies = []
    for inner in list(node.inside.values()):
        core = without_wrappers(inner)
        if holds_again(node, inner, core):
            others = {name: other for name, other in node.inside.items() if other is not inner}
            around = Node(node.folders, node.files, others)
            known = _is_named_so(node, inner, core, root)
            if _is_copy(core, around, root, known):
                copies.append(_take_out(node, inner, around))
            elif known or _is_further_part(node, core):
                del node.inside[inner.name]
                copies.append(FolderCopy("/".join(inner.folders), "/".join(node.folders), core, frozenset()))
    for group in _alike(node):
        first, *rest = sorted(group, key=lambda one: (len(one.name), one.name))
        copies += [_take_out(node, one, first) for one in rest if _is_copy(one, first, root, False)]
    return copies


def holds_again(node: Node, inner: Node, core: Node) -> bool:
    """Return whether folders beside ``inner`` lie in it again: two of them, or all."""
    both = sum(name in node.inside for name in core.inside if name != inner.name)
    return both > 1 or (0 < both == len(core.inside) == len(node.inside) - 1)


def _is_further_part(node: Node, core: Node) -> bool:
    """Return whether most folders in ``core`` are folders beside it that do not hold each other in turn."""
    both = core.inside.keys() & node.inside.keys()
    crossed = any(node.inside[name].inside.keys() & core.inside.keys() for name in both)
    return not crossed and len(both) * 2 >= len(core.inside)


def _is_named_so(node: Node, inner: Node, core: Node, root: Path | None) -> bool:
    """Return whether names tell a copy: the folder's own name again, a word such as data, or splits in it."""
    above = {*map(folded, node.folders), *([folded(root.name)] if root is not None else [])}
    chain = {folded(name) for name in core.folders[len(inner.folders) - 1 :]}
    splits = set(splits_named(core.inside).values())
    return bool(chain & above) or all(map(is_container, chain)) or len(splits) > 1


def _alike(node: Node) -> Sequence[Sequence[Node]]:
    """Return folders beside each other, no splits, that hold the same folders, at least two."""
    groups: defaultdict[frozenset[str], list[Node]] = defaultdict(list)
    for inner in node.inside.values():
        core = without_wrappers(inner)
        if len(core.inside) > 1 and split_named(inner.name) is None:
            groups[frozenset(core.inside)].append(inner)
    return [group for group in groups.values() if 1 < len(group) <= _MOST_COPIES]


def _is_copy(one: Node, other: Node, root: Path | None, known: bool) -> bool:
    """Return whether most files of ``one`` lie in ``other``; if ``known`` and unreadable, by their sizes."""
    here, there = _files(one), _files(other)
    both = [path for path, size in here.items() if 0 <= size == there.get(path)]
    if len(both) <= _LEAST_ALIKE * len(here):
        return False
    return known if root is None else _same_bytes(root, one, other, both)


def _files(node: Node) -> dict[str, int]:
    return without_wrappers(node).paths()


def _same_bytes(root: Path, one: Node, other: Node, paths: Sequence[str]) -> bool:
    step = max(1, len(paths) // _COMPARED)
    folders = [root.joinpath(*without_wrappers(node).folders) for node in (one, other)]
    try:
        return all(
            first == second
            for path in sorted(paths)[::step]
            for first, second in pairwise(_beginning(folder / path) for folder in folders)
        )
    except OSError:
        return False


def _beginning(path: Path) -> bytes:
    with open(on_disk(path), "rb") as file:  # noqa: PTH123 - a name as the system has it
        return file.read(_BYTES)


def _take_out(node: Node, inner: Node, of: Node) -> FolderCopy:
    core, there = without_wrappers(inner), _files(of)
    del node.inside[inner.name]
    kept = Node(core.folders)
    twice = set()
    for one in core.below():
        for name, size in one.files.items():
            folders = one.folders[len(core.folders) :]
            if there.get("/".join((*folders, name))) == size:
                twice.add("/".join((*one.folders, name)))
            else:
                _below(kept, folders).files[name] = size
    return FolderCopy("/".join(inner.folders), "/".join(of.folders), kept, frozenset(twice))


def _below(top: Node, folders: Sequence[str]) -> Node:
    for name in folders:
        top = top.inside.setdefault(name, Node((*top.folders, name)))
    return top
