"""What a tree of folders means: which folder names are classes, which are splits, and which files lie twice.

``layout_finder.find_layout`` finds it; a ``LayoutChoice`` of the user changes the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tldesk.dataset.files.folder_tree import Folders
from tldesk.dataset.records import Split


@dataclass(frozen=True, slots=True)
class FolderRole:
    """What the folders around some pictures mean.

    Attributes:
        levels: indices of the folders that may be the class, outermost first.
        split_level: index of the folder that is the split; None if none is.
        split: that split.
        label: the class, where it is a part of the folder's name only.
        bare: the pictures have no label, whatever the folders are called.
    """

    levels: tuple[int, ...] = ()
    split_level: int | None = None
    split: Split | None = None
    label: str | None = None
    bare: bool = False


_NO_ROLE = FolderRole()


@dataclass(frozen=True)
class Layout:
    """The meaning of all folders of a source.

    Attributes:
        roles: what each folder with pictures means.
        depth: which of ``FolderRole.levels`` is the class, from 1; 0 if folders are not classes.
        splits: whether the splits are used.
        notes: how the tree was understood where that may be unexpected, one sentence each.
        left_out: paths of files that are not brought in: copies, and the lists of DICOM media.
        options: for each depth, from 1, the names that the classes would have, sorted.
        given: names of the folders that are splits, whether or not the splits are used.
    """

    roles: Mapping[Folders, FolderRole] = field(default_factory=dict)
    depth: int = 0
    splits: bool = True
    notes: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()
    options: tuple[tuple[str, ...], ...] = ()
    given: tuple[str, ...] = ()

    def class_of(self, folders: Folders) -> str | None:
        """Return the class name of a file in these folders, None if it has none."""
        role = self.roles.get(folders, _NO_ROLE)
        level = self._class_level(role)
        if role.bare or level is None:
            return None
        return role.label if role.label is not None else folders[level]

    def split_of(self, folders: Folders) -> Split | None:
        """Return the split of a file in these folders, None if it has none."""
        return self.roles.get(folders, _NO_ROLE).split if self.splits else None

    def rest_of(self, folders: Folders) -> Folders:
        """Return the folders that are neither class nor split: a patient, a plot, a day."""
        role = self.roles.get(folders, _NO_ROLE)
        named = (self._class_level(role), role.split_level)
        return tuple(folder for level, folder in enumerate(folders) if level not in named)

    def only_splits(self) -> Layout:
        """Return what the folders say beside a table of labels: the splits, but no classes and no copies."""
        roles = {
            folders: FolderRole(split_level=role.split_level, split=role.split)
            for folders, role in self.roles.items()
            if role.split is not None
        }
        kept = f"The splits that the folders give are kept ({', '.join(self.given)})"
        notes = (kept,) if roles and self.splits else ()
        return Layout(roles, splits=self.splits, notes=notes, given=self.given if roles else ())

    def _class_level(self, role: FolderRole) -> int | None:
        return role.levels[self.depth - 1] if 0 < self.depth <= len(role.levels) else None
