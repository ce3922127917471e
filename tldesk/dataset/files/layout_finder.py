"""Finds the layout of a folder tree.

Understood are ``class/…``, ``train/class/…`` and ``class/train/…`` in any usual spelling of the splits
(``split_words``), with folders around the whole, around each split or around the pictures; originals beside
changed copies; trees that hold a copy of themselves (``folder_copies``); DICOM media and folders of patients,
which are no classes. If all class folders contain the same inner folders, the outer ones are still the
classes, and a note says that it may be the other way round (``site/class/…``), unless the outer ones number
patients, years, folds or cases (``numbered_folders``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from tldesk.base import plural
from tldesk.dataset.files import folder_words as words
from tldesk.dataset.files.folder_copies import FolderCopy, take_out_copies
from tldesk.dataset.files.folder_questions import (
    copies_beside,
    count_pictures,
    is_class_around_splits,
    is_series_of_study,
    kids_of,
    same_inside_each,
    some,
    the_container,
    without_label,
)
from tldesk.dataset.files.folder_tree import Folders, Node, tree_of, without_wrappers
from tldesk.dataset.files.layout import FolderRole, Layout
from tldesk.dataset.files.numbered_folders import are_days, are_numbered, is_person, repeated_inside
from tldesk.dataset.files.split_folders import (
    all_one_split,
    are_classes_without_training,
    are_splits,
    as_deep_as_shared,
    hold_splits,
    inside_split,
    labels_beside_splits,
    masks_beside_splits,
    validation_inside,
    with_divided_training,
)
from tldesk.dataset.files.split_words import split_named, splits_named
from tldesk.dataset.name_order import natural_key
from tldesk.dataset.records import LayoutChoice, Split

_LIST_OF_MEDIUM = "DICOMDIR"


def find_layout(
    files: Mapping[str, int],
    root: Path | None = None,
    choice: LayoutChoice = LayoutChoice(),  # noqa: B008 - frozen
) -> Layout:
    """Return the layout of a source.

    Args:
        files: its pictures: relative path with forward slashes -> size in bytes.
        root: its folder, by whose files copies beside each other are recognised; None if it cannot be read.
        choice: what the user wants.
    """
    lists = frozenset(path for path in files if is_list_of_medium(path))
    tree = tree_of({path: size for path, size in files.items() if path not in lists})
    finder = _Finder(tree, root, {_folders(path) for path in lists})
    finder.find()
    places = {node.folders for node in tree.below() if node.files} | {
        node.folders for one in finder.copies for node in one.core.below() if node.files
    }
    depth = finder.depth if choice.depth is None else choice.depth
    options = _options(finder.roles, places)
    classes = options[depth - 1] if 0 < depth <= len(options) else ()
    return Layout(
        roles=finder.roles,
        depth=depth,
        splits=choice.splits,
        notes=(*finder.notes_for(depth, choice.depth is None), *copies_beside(classes)),
        left_out=lists.union(*(one.twice for one in finder.copies)),
        options=options,
        given=tuple(finder.given),
    )


def is_list_of_medium(path: str) -> bool:
    """Return whether a file is the list of a DICOM medium (PS3.10), which is DICOM but no picture."""
    return path.rpartition("/")[2].upper() == _LIST_OF_MEDIUM


def _folders(path: str) -> Folders:
    return PurePosixPath(path).parts[:-1]


def _options(roles: Mapping[Folders, FolderRole], places: Iterable[Folders]) -> tuple[tuple[str, ...], ...]:
    names: defaultdict[int, set[str]] = defaultdict(set)
    for folders in places:
        role = roles.get(folders)
        if role is not None and not role.bare:
            for depth, level in enumerate(role.levels):
                names[depth].add(role.label or folders[level])
    return tuple(tuple(sorted(names[depth], key=natural_key)) for depth in sorted(names))


class _Finder:
    """Assigns a role to every folder of a tree."""

    def __init__(self, tree: Node, root: Path | None, media: set[Folders]) -> None:
        self._tree = tree
        self._root = root
        self._media = media
        self.roles: dict[Folders, FolderRole] = {}
        self.depth = 1
        self.copies: list[FolderCopy] = []
        self.given: list[str] = []
        self._masks: list[Node] = []  # beside splits
        self._notes: list[str] = []
        self._notes_of_depth: list[str] = []

    def find(self) -> None:
        top = self._top()
        if validation_inside(top) and self._find_splits([self._around(top)]):
            return
        cores = self._without_copies(top)[1:]
        tops = [self._top_below(top), *cores]
        if not self._find_splits(tops):
            self._find_classes(tops, kids_of(tops))
        self._leave_masks(tops[0])

    def notes_for(self, depth: int, automatic: bool) -> list[str]:
        """Return the notes; those that explain the program's choice of classes only if it was followed."""
        return self._notes + (self._notes_of_depth if automatic or depth == self.depth else [])

    # --- the folder that holds the classes or splits --------------------------------------------------------

    def _top(self) -> Node:
        return self._top_below(self._tree)

    def _around(self, node: Node) -> Node:
        """Return a folder that holds only this one."""
        return Node(node.folders[:-1], {}, {node.name: node})

    def _top_below(self, node: Node) -> Node:
        """Return the first folder that holds several, or a class; a single one around splits is a class."""
        top = without_wrappers(node)
        inner = the_container(top)
        while inner is not None:
            self._note_odd([one for one in top.inside.values() if one is not inner], inner)
            top = without_wrappers(inner)
            inner = the_container(top)
        if is_class_around_splits(top) and len(top.folders) > len(node.folders):
            above = self._tree
            for name in top.folders[:-1]:
                above = above.inside[name]
            return above
        return top

    # --- splits ---------------------------------------------------------------------------------------------

    def _find_splits(self, tops: Sequence[Node]) -> bool:
        every = with_divided_training(kids_of(tops))
        masks = masks_beside_splits(every)
        set_aside = {one.folders for one in masks}
        if not self._find_splits_of([one for one in every if one.folders not in set_aside]):
            return False
        for one in masks:
            split = split_named(one.name) if self.given else None
            level = len(one.folders) - 1 if split else None
            self._give(one, FolderRole((), level, split, bare=True))
        self._masks += masks
        return True

    def _find_splits_of(self, kids: Sequence[Node]) -> bool:
        found = splits_named({one.name for one in kids})
        if are_splits(kids, found):
            self._splits_outside(kids, found)
            return True
        if found and all_one_split(kids, found):
            self._one_split(kids, found)
            return True
        inner = kids_of(one for one in kids if not words.is_unlabelled(one.name))
        found = splits_named({one.name for one in inner})
        if hold_splits(kids, found) and are_splits(inner, found):
            self._splits_inside(kids, found)
            return True
        return False

    def _splits_outside(self, kids: Sequence[Node], found: Mapping[str, Split]) -> None:
        self.given = sorted({one.name for one in kids if one.name in found}, key=natural_key)
        inner = {one.folders: inside_split(one) for one in kids if one.name in found}
        inner = as_deep_as_shared(inner)
        parts = {folders: self._without_copies(core) for folders, core in inner.items()}
        names = {name for core in inner.values() for name in core.inside}
        labels = {} if names else labels_beside_splits([one.name for one in kids], found)
        for one in kids:
            split, level = found.get(one.name), len(one.folders) - 1
            if split is None:
                continue
            core = inner[one.folders]
            base = FolderRole((level,) if labels else (), level, split, labels.get(one.name))
            self._give(one, base)
            if not labels:
                bare = self._is_unknown(one, core, inner)
                for part in parts[one.folders]:
                    self._give(part, base, start=len(part.folders), bare=bare)
        self._note_odd_beside_splits([one for one in kids if one.name not in found], names)
        if not (names or labels):
            self.depth = 0
        elif not labels:
            self._numbered_outside(kids_of(inner.values()))

    def _is_unknown(self, kid: Node, core: Node, inner: Mapping[Folders, Node]) -> bool:
        """Return whether a split holds one folder only that is no class of the others: test/unknown."""
        others = {name for folders, one in inner.items() if folders != kid.folders for name in one.inside}
        unknown = len(core.inside) == 1 and len(others) > 1 and not others & core.inside.keys()
        if unknown:
            place = f'"{kid.name}/{next(iter(core.inside))}"'
            self._notes.append(f"{place} is no class of the other splits: {without_label(core)}")
        return unknown

    def _note_odd_beside_splits(self, odd: Sequence[Node], names: set[str]) -> None:
        for one in odd:
            core = without_wrappers(one)
            labelled = bool(core.inside) and core.inside.keys() <= names
            self._give(core, FolderRole(bare=not labelled), start=len(core.folders))
            how = "its pictures are divided among the splits" if labelled else without_label(one)
            self._notes.append(f'{some(self.given)} are taken as splits; "{one.name}" is none: {how}')

    def _one_split(self, kids: Sequence[Node], found: Mapping[str, Split]) -> None:
        """Look through the only split: with all images in one split, there would be nothing to divide."""
        named = [one for one in kids if one.name in found]
        tops = [core for one in named for core in self._without_copies(inside_split(one))]
        if all(not one.inside for one in tops):
            self.depth = 0
        self._find_classes(tops, kids_of(tops))
        for one in kids:
            if one not in named:
                self._give(one, FolderRole(bare=True))
        place = f'"{some({one.name for one in named})}"'
        self._notes.append(f"{place} is the only split among the folders: images are split anew")

    def _splits_inside(self, kids: Sequence[Node], found: Mapping[str, Split]) -> None:
        self.given = sorted({one.name for kid in kids for one in kid.inside.values() if one.name in found})
        below: list[set[str]] = []
        for kid in kids:
            bare = words.is_unlabelled(kid.name)
            level = len(kid.folders) - 1
            self._give(kid, FolderRole((level,), bare=bare), start=level + 1)
            inner = {one.name: inside_split(one) for one in kid.inside.values() if one.name in found}
            for name, core in inner.items():
                role = FolderRole((level,), level + 1, found[name], bare=bare)
                self._give(kid.inside[name], role)
                self._give(core, role, start=len(core.folders))
            below.append({name for core in inner.values() for name in core.inside})
        shared = set.intersection(*below) if len(below) > 1 else set()
        union = set.union(*below)
        if len(union) > 1 and shared and len(shared) * 2 >= len(union):
            self.depth = 2
            self._notes_of_depth.append(
                f"The classes are the folders inside the splits ({some(shared)}), not the outer ones"
                f" ({some({kid.name for kid in kids})})"
            )

    # --- classes --------------------------------------------------------------------------------------------

    def _find_classes(self, tops: Sequence[Node], kids: Sequence[Node]) -> None:
        for top in tops:
            self._give(top, FolderRole(), start=len(top.folders))
        names = {one.name for one in kids}
        if self._is_medium(tops, names):
            self._no_classes(
                "These are the folders of a DICOM medium: patients, studies and series, which are not classes"
            )
        elif all(words.is_container(name) or words.is_beside(name) for name in names):
            self.depth = 0
        elif names and all(map(words.is_kind, names)) and same_inside_each(kids):
            self.depth = 2
            self._notes_of_depth.append(
                f"The classes are the inner folders; the outer ones ({some(names)}) tell originals from"
                " changed copies, which belong together"
            )
        elif self._numbered_outside(kids):
            self._leave_unlabelled(kids)
        elif are_days(names):
            self._no_classes(f"The folders ({some(names)}) are days, and not taken as classes")
        elif len(names) > 1 and all(map(words.is_somebody, names)):
            self._no_classes(f"The folders ({some(names)}) are people, and not taken as classes")
        else:
            self._leave_unlabelled(kids)
            self._note_same_inside(kids)
            self._note_split_words(kids)

    def _note_split_words(self, kids: Sequence[Node]) -> None:
        found = splits_named({one.name for one in kids})
        if are_classes_without_training(kids, found):
            self._notes_of_depth.append(
                f"{some(found)} are called as splits are; without a training folder they are taken as classes"
            )

    def _leave_unlabelled(self, kids: Sequence[Node]) -> None:
        for one in kids:
            if words.is_unlabelled(one.name):
                self._give(one, FolderRole(bare=True))
                self._notes.append(f'"{one.name}" is not taken as a class: {without_label(one)}')

    def _note_same_inside(self, kids: Sequence[Node]) -> None:
        if same_inside_each(kids):
            outer, inner = {one.name for one in kids}, {name for one in kids for name in one.inside}
            self._notes_of_depth.append(
                f"The classes are the outer folders ({some(outer)}), and each of them holds the same inner"
                f" folders ({some(inner)}). If the inner ones are the classes, choose them when the project"
                " is made"
            )

    def _numbered_outside(self, kids: Sequence[Node]) -> bool:
        """Take the inner folders as classes if the outer ones number patients, years, folds or cases."""
        named = [one for one in kids if not words.is_unlabelled(one.name)]
        names, inner = {one.name for one in named}, repeated_inside(named)
        if not (inner and are_numbered(names)):
            return False
        self.depth = 2
        what = "are people" if all(map(is_person, names)) else "number years, folds or cases"
        self._notes_of_depth.append(
            f"The outer folders ({some(names)}) {what}; the classes are the inner ones ({some(inner)})"
        )
        return True

    def _no_classes(self, note: str) -> None:
        self.depth = 0
        self._notes_of_depth.append(note)

    def _is_medium(self, tops: Sequence[Node], names: set[str]) -> bool:
        start = tops[0].folders
        if any(start[: len(folders)] == folders for folders in self._media):
            return bool(names) and all(map(words.is_coded, names))
        if self._media and all(map(words.is_medium, names)):
            return True
        first = bool(names) and all(words.is_somebody(name) or words.is_study(name) for name in names)
        if first and any(is_series_of_study(node.folders) for node in tops[0].below()):
            return True
        return bool(names) and all(is_series_of_study((*start, name)) for name in names)

    # --- helpers --------------------------------------------------------------------------------------------

    def _give(
        self, node: Node, role: FolderRole, *, start: int | None = None, bare: bool | None = None
    ) -> None:
        """Give a role to a folder and all below it; from ``start`` on, folders may be classes."""
        for one in node.below():
            levels = role.levels if start is None else (*role.levels, *range(start, len(one.folders)))
            self.roles[one.folders] = FolderRole(
                levels, role.split_level, role.split, role.label, role.bare if bare is None else bare
            )

    def _leave_masks(self, top: Node) -> None:
        masks = list(self._masks)
        for node in top.below():
            if any(words.is_container(name) for name in node.inside):
                masks += [inner for name, inner in node.inside.items() if words.is_beside(name)]
        for mask in masks:
            for one in mask.below():
                role = self.roles.get(one.folders, FolderRole())
                self.roles[one.folders] = FolderRole(role.levels, role.split_level, role.split, bare=True)
        if masks:
            many = plural(sum(count_pictures(mask) for mask in masks), "picture")
            names = some({mask.name for mask in masks})
            self._notes.append(f"{many} in folders named {names} belong to other pictures, and have no label")

    def _without_copies(self, node: Node) -> list[Node]:
        """Take copies and further parts out of a folder; return it with the cores of those."""
        copies = take_out_copies(node, self._root)
        self.copies += copies
        self._note_copies(copies)
        return [node, *(one.core for one in copies if one.core.inside)]

    def _note_copies(self, copies: Iterable[FolderCopy]) -> None:
        for one in copies:
            of = f'"{one.of}"' if one.of else "the folder around it"
            if one.twice:
                many = plural(len(one.twice), "picture")
                self._notes.append(f'"{one.folder}" holds the pictures of {of} again: {many} left out')
            else:
                again = f'"{one.folder}" holds folders of {of} again ({some(one.core.inside)}), with other'
                self._notes.append(f"{again} pictures: its inner folders are taken as those")

    def _note_odd(self, odd: Sequence[Node], inner: Node) -> None:
        for one in odd:
            self._give(one, FolderRole(bare=True))
            self._notes.append(
                f'The classes are looked for in "{inner.name}"; "{one.name}": {without_label(one)}'
            )
