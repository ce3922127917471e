"""Suggests group rules that fit the project's files, each with its result."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from tldesk.dataset.files.augmented_copies import is_copy
from tldesk.dataset.files.numbered_folders import is_person
from tldesk.dataset.groups.persons import is_person_column, parts_persons
from tldesk.dataset.groups.rules import (
    BurstGroups,
    ColumnGroups,
    CopyGroups,
    FilenamePattern,
    FolderGroups,
    GroupBy,
    GroupRows,
    columns,
)

Kind = Literal["column", "copies", "folder", "name", "burst"]

_SHOWN_GROUPS, _SHOWN_FILES = 3, 3
# Fewer groups cannot be split, a larger group would dominate a split, and if hardly any images share a group
# the rule is useless.
_FEWEST_GROUPS = 5
_LARGEST_SHARE = 0.25
_LEAST_SHARED = 0.05

# Names of columns and facts that identify the subject; others (camera, age, size) form groups by chance.
SOMEBODY = re.compile(
    r"patient|subject|person|participant|donor|animal|plant|plot|field|tree|slide|sample|specimen|case|study"
    r"|series|session|visit|group|burst",
    re.IGNORECASE,
)

_NAMED = (
    r"(?i)((?:patient|subject|person|case|animal|plant|plot|field|tree|slide|sample|specimen|donor|study"
    r"|series|session)[ _-]?\d+)"
)
_PARTS = (
    r"^([^ _.-]+)[ _-]",  # the first part
    r"^([^ _.-]+[ _-][^ _.-]+)[ _-]",  # the first two
    r"^(.+)[ _-][^ _-]+$",  # all but the last
    r"^(.*?\d+)[a-zA-Z]\.",  # a letter behind a number: plant12a.jpg
)


@dataclass(frozen=True, slots=True)
class GroupPreview:
    """The result of a group rule.

    Attributes:
        groups: number of groups.
        images: number of images in a group.
        shared: number of images in groups of two or more.
        largest: number of images in the largest group.
        examples: a few groups of two or more images: name and a few paths.
    """

    groups: int
    images: int
    shared: int
    largest: int
    examples: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class GroupProposal:
    """A suggested group rule.

    Attributes:
        kind: basis of the rule: a column or fact, names of copies, folders, parts of file names, or the time
            a picture was taken.
        by: the rule.
        gives: its result.
    """

    kind: Kind
    by: GroupBy
    gives: GroupPreview


def preview(connection: sqlite3.Connection, by: GroupBy) -> GroupPreview:
    """Return the result that a rule would have.

    Raises:
        ProblemError: the rule is invalid.
    """
    rows = GroupRows.of(connection)
    return _preview(rows.names(by), rows.paths)


def group_proposals(connection: sqlite3.Connection) -> tuple[GroupProposal, ...]:
    """Return the rules that fit, the most reliable first, without those that only divide earlier groups."""
    rows = GroupRows.of(connection)
    found: list[GroupProposal] = []
    taken: list[Sequence[str | None]] = []
    copies: Sequence[str | None] = [None] * len(rows.rows)
    for kind, by in _rules(rows, columns(connection)):
        names = rows.names(by)
        # A name pattern that separates copies from their originals matches the copies' names only.
        tears = kind == "name" and not _divides(copies, names)
        if tears or not _fits(names, rows.classes) or any(_divides(names, earlier) for earlier in taken):
            continue
        if kind == "copies":
            copies = names
        found.append(GroupProposal(kind, by, _preview(names, rows.paths)))
        taken.append(names)
    return tuple(found)


def sure_rule(connection: sqlite3.Connection) -> GroupBy | None:
    """Return the rule that certainly holds: by the person of whom the images are; None if there is none."""
    rows = GroupRows.of(connection)
    for name in columns(connection):
        if is_person_column(name) and parts_persons(rows.names(ColumnGroups(name))):
            return ColumnGroups(name)
    folders = rows.names(FolderGroups())
    persons = [name if name is not None and is_person(name) else None for name in folders]
    return FolderGroups() if parts_persons(persons) else None


def _rules(rows: GroupRows, names: Iterable[str]) -> Iterator[tuple[Kind, GroupBy]]:
    """Yield all rules to try, the most reliable first."""
    for name in names:
        if SOMEBODY.search(name):
            yield "column", ColumnGroups(name)
    yield "name", FilenamePattern(_NAMED)
    if any(is_copy(PurePosixPath(path).name) for path in rows.paths):
        yield "copies", CopyGroups()
    yield "folder", FolderGroups()
    for pattern in _PARTS:
        yield "name", FilenamePattern(pattern)
    yield "burst", BurstGroups()


def _fits(names: Sequence[str | None], classes: Sequence[str | None]) -> bool:
    sizes = Counter(name for name in names if name is not None)
    shared = sum(size for size in sizes.values() if size > 1)
    few = len(sizes) < _FEWEST_GROUPS
    if few or shared < _LEAST_SHARED * len(names) or max(sizes.values()) > _LARGEST_SHARE * len(names):
        return False
    return not _is_the_class(names, classes)


def _is_the_class(names: Sequence[str | None], classes: Sequence[str | None]) -> bool:
    """Return whether the groups are just the classes, or at most twice as many parts of them."""
    inside: defaultdict[str, set[str | None]] = defaultdict(set)
    for name, label in zip(names, classes, strict=True):
        if name is not None:
            inside[name].add(label)
    labels = {label for label in classes if label is not None}
    pure = all(len(found) == 1 for found in inside.values())
    return pure and len(inside) <= 2 * len(labels)


def _divides(names: Sequence[str | None], others: Sequence[str | None]) -> bool:
    """Return whether each group is contained in one group of the other rule."""
    home: dict[str, str | None] = {}
    return all(
        name is None or (other is not None and home.setdefault(name, other) == other)
        for name, other in zip(names, others, strict=True)
    )


def _preview(names: Sequence[str | None], paths: Sequence[str]) -> GroupPreview:
    members: defaultdict[str, list[str]] = defaultdict(list)
    for name, path in zip(names, paths, strict=True):
        if name is not None:
            members[name].append(path)
    sizes = [len(found) for found in members.values()]
    several: Mapping[str, list[str]] = {name: found for name, found in members.items() if len(found) > 1}
    examples = tuple(
        (name, tuple(found[:_SHOWN_FILES])) for name, found in list(several.items())[:_SHOWN_GROUPS]
    )
    shared = sum(size for size in sizes if size > 1)
    return GroupPreview(len(sizes), sum(sizes), shared, max(sizes, default=0), examples)
