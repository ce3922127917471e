"""What a scan will find in a folder of pictures, before a project is made: classes, splits, what is left out.

Finding the files takes a while in large folders; what they mean under another choice is known at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tldesk.base import plural
from tldesk.dataset.class_names import DIFFER_ONLY, alike_names, class_name
from tldesk.dataset.files.source_files import layout_of
from tldesk.dataset.files.unpack import folder_of
from tldesk.dataset.files.unread_folders import unread_notes
from tldesk.dataset.files.walk import FoundFiles
from tldesk.dataset.groups.persons import is_person_column, parts_persons, person_of, together_note
from tldesk.dataset.name_order import natural_key
from tldesk.dataset.records import Columns, LayoutChoice, Split
from tldesk.dataset.scan.classes_in_names import names_note
from tldesk.dataset.scan.tables_among import tables_among
from tldesk.dataset.tables.match_table import TableMatch, match_table
from tldesk.dataset.tables.named_files import FileNames
from tldesk.dataset.tables.table import read_table
from tldesk.dataset.tables.table_splits import table_splits

_T = TypeVar("_T")
_MOST_CLASSES = 6  # named in a sentence
_SPLIT_NAMES = {Split.TRAIN: "training", Split.VALIDATION: "validation", Split.TEST: "test"}


@dataclass(frozen=True)
class FolderPreview:
    """What a scan will find.

    Attributes:
        pictures: number of files that will be brought in.
        classes: (class name, pictures), in natural order.
        unlabelled: pictures without a label.
        splits: (split, pictures) as folders or the table give them; empty if they give none.
        by: what gives the labels: "folder", "table", or "" if nothing does.
        depth: which folders are the classes, from 1 for the outer ones; 0 for none.
        options: for each depth, from 1, the names that the classes would have.
        given: names of folders that are splits, whether or not they are kept.
        not_taken: pictures that will not be brought in: copies of a tree, lists of DICOM media.
        notes: what may be unexpected, one sentence each, without a closing stop.
        unused: those of the notes that a scan does not repeat: on tables and names that might give classes.
        together: a sentence that the pictures of each person stay in one split, if no other rule is chosen.
    """

    pictures: int
    classes: tuple[tuple[str, int], ...]
    unlabelled: int
    splits: tuple[tuple[Split, int], ...]
    by: str
    depth: int = 0
    options: tuple[tuple[str, ...], ...] = ()
    given: tuple[str, ...] = ()
    not_taken: int = 0
    notes: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    together: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Return the whole in one line: "2 classes: no 98, yes 155, by folder; test 40 given"."""
        parts = [self._labels()]
        if self.classes and self.unlabelled:
            parts.append(f"{self.unlabelled:,} without a label")
        if self.splits:
            named = [f"{_SPLIT_NAMES[split]} {count:,}" for split, count in self.splits]
            parts.append(f"{', '.join(named)} given")
        return "; ".join(parts)

    def _labels(self) -> str:
        if not self.pictures:
            return "No pictures"
        if not self.classes:
            return f"{plural(self.pictures, 'picture')}, no labels"
        shown = [f"{_quoted(name)} {count:,}" for name, count in self.classes[:_MOST_CLASSES]]
        more = len(self.classes) - _MOST_CLASSES
        names = ", ".join(shown) + (f" and {more:,} more" if more > 0 else "")
        return f"{plural(len(self.classes), 'class', 'classes')}: {names}, by {self.by}"

    def as_dict(self) -> dict[str, Any]:
        """Return the preview for a JSON document."""
        return {
            "sentence": self.sentence(),
            "pictures": self.pictures,
            "classes": dict(self.classes),
            "unlabelled": self.unlabelled,
            "splits": {str(split): count for split, count in self.splits},
            "by": self.by or None,
            "depth": self.depth,
            "options": [list(names) for names in self.options],
            "not_taken": self.not_taken,
            "notes": [*self.together, *self.notes],
        }


def _quoted(name: str) -> str:
    """Return a name as it can stand before a number."""
    return f'"{name}"' if name[-1].isdigit() else name


def preview_folders(found: FoundFiles, images: Path, choice: LayoutChoice) -> FolderPreview:
    """Return what a scan will find if the folders give the labels."""
    layout = layout_of(found, images, choice, with_table=False)
    folders = Counter(path.rpartition("/")[0] for path in found.files if path not in layout.left_out)
    tuples = {folder: tuple(folder.split("/")) if folder else () for folder in folders}
    labels = _counted(folders, lambda folder: _name(layout.class_of(tuples[folder])))
    unused = tables_among(images, labels.total())
    if set(labels) == {None}:
        # Those of a test folder often have numbers for names: train/cat.0.jpg beside test/1.jpg.
        tested = {folder for folder in folders if layout.split_of(tuples[folder]) is Split.TEST}
        taken = [
            path
            for path in found.paths
            if path not in layout.left_out and path.rpartition("/")[0] not in tested
        ]
        unused = (*unused, *filter(None, [names_note(taken)]))
    splits = _counted(folders, lambda folder: layout.split_of(tuples[folder]))
    persons = _counted(folders, lambda folder: person_of(layout.rest_of(tuples[folder])))
    return FolderPreview(
        **_counts(labels, splits, "folder"),
        depth=layout.depth,
        options=layout.options,
        given=layout.given,
        not_taken=len(layout.left_out),
        notes=(
            *layout.notes,
            *_case_notes(labels),
            *unused,
            *unread_notes(found),
            *found.left_out.notes(),
        ),
        unused=unused,
        together=together_note(persons) if set(splits) == {None} and parts_persons(persons) else (),
    )


def preview_table(
    found: FoundFiles,
    images: Path,
    labels: Path,
    columns: Columns,
    choice: LayoutChoice = LayoutChoice(),  # noqa: B008 - frozen
) -> FolderPreview:
    """Return what a scan will find if a table gives the labels.

    Raises:
        ProblemError: the table cannot be read, or does not have these columns.
    """
    layout = layout_of(found, images, choice, with_table=True)
    paths = [path for path in found.paths if path not in layout.left_out]
    names = FileNames(paths, folder_of(images))
    table = read_table(labels, names, columns)
    match = match_table(table, columns, names)
    by_label = Counter(_name(row.label) for row in match.rows.values())
    splits = table_splits(match, columns, paths, layout)
    by_split: Counter[Split | None] = Counter(splits.of.values())
    by_label[None] += len(paths) - len(match.rows)
    notes = [
        *table.notes,
        *match.notes,
        *splits.notes,
        *_case_notes(by_label),
        *unread_notes(found),
        *found.left_out.notes(),
    ]
    if match.rows_without_file:
        notes.append(f"{plural(len(match.rows_without_file), 'row')} without a file")
    return FolderPreview(
        **_counts(by_label, by_split, "table"),
        given=layout.given,
        not_taken=len(layout.left_out),
        notes=tuple(notes),
        together=() if set(by_split) - {None} else _together_by_rows(match, columns, len(paths)),
    )


def _together_by_rows(match: TableMatch, columns: Columns, pictures: int) -> tuple[str, ...]:
    """Return a sentence that the table's groups or persons stay in one split, if they will."""
    rows = match.rows.values()
    if columns.group is not None:
        return together_note(Counter(row.group for row in rows), columns.group, whose="groups")
    for column in filter(is_person_column, dict.fromkeys(name for row in rows for name in row.metadata)):
        persons = Counter(row.metadata.get(column) for row in rows)
        persons[None] += pictures - len(rows)
        if parts_persons(persons):
            return together_note(persons, column)
    return ()


def _case_notes(labels: Iterable[str | None]) -> list[str]:
    alike = alike_names(sorted((name for name in labels if name), key=natural_key))
    return [f"{' and '.join(names)} {DIFFER_ONLY}, and will be different classes" for names in alike]


def _name(label: str | None) -> str | None:
    return class_name(label or "") or None


def _counted(folders: Mapping[str, int], meaning: Callable[[str], _T]) -> Counter[_T]:
    counts: Counter[_T] = Counter()
    for folder, count in folders.items():
        counts[meaning(folder)] += count
    return counts


def _counts(labels: Counter[str | None], splits: Counter[Split | None], by: str) -> dict[str, Any]:
    classes = sorted((name for name in labels if name is not None), key=natural_key)
    return {
        "pictures": labels.total(),
        "classes": tuple((name, labels[name]) for name in classes),
        "unlabelled": labels[None],
        "splits": tuple((split, splits[split]) for split in _given(splits)),
        "by": by if classes else "",
    }


def _given(splits: Iterable[Split | None]) -> list[Split]:
    there = set(splits)
    return [split for split in Split if split in there]
