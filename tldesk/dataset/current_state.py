"""The current labels, splits and contents of all images as arrays, for comparison with a run's snapshot."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tldesk.dataset.records import Split
from tldesk.dataset.store.class_table import all_classes

NO_CLASS = 0
_PLACES: dict[str | None, int] = {str(split): place for place, split in enumerate(Split, start=1)}
_PLACES[None] = 0


@dataclass(frozen=True, eq=False)
class CurrentState:
    """The current state of all images and classes.

    Attributes:
        ids: (n,) int64, image ids, ascending.
        contents: (n,) uint64, see ``short_content``; 0 if the file was never read.
        labels: (n,) int64, class ids; 0 if unlabelled.
        splits: (n,) int8, see ``split_code``.
        excluded: (n,) bool.
        names: names of the current classes by id, in their order.
        heirs: maps former class names and ids of deleted classes to the id of the current class that they
            were renamed to or merged into.
    """

    ids: NDArray[np.int64]
    contents: NDArray[np.uint64]
    labels: NDArray[np.int64]
    splits: NDArray[np.int8]
    excluded: NDArray[np.bool_]
    names: Mapping[int, str]
    heirs: Mapping[str | int, int]

    @cached_property
    def _by_name(self) -> Mapping[str | int, int]:
        return {**self.heirs, **{name: number for number, name in self.names.items()}}

    def class_named(self, name: str) -> int:
        """Return the id of the class that has, or once had, this name; 0 if there is none."""
        return self._by_name.get(name, NO_CLASS)

    def heir(self, class_id: int, name: str) -> int:
        """Return the class itself; if deleted, the class it was merged into or that has its name; else 0."""
        if class_id in self.names:
            return class_id
        return self.heirs.get(class_id, self.class_named(name))

    def places(self, ids: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return the (m,) indices of these images in the arrays; -1 for unknown images."""
        if not len(self.ids):
            return np.full(len(ids), -1, dtype=np.intp)
        places = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return np.where(self.ids[places] == ids, places, -1)


def short_content(content: str) -> int:
    """Return the first 64 bits of a content hash (hex); 0 for an empty one."""
    return int(content[:16], 16) if content else 0


def split_code(split: str | None) -> int:
    """Return a split as a small integer; 0 for none."""
    return _PLACES[split]


def current_classes(connection: sqlite3.Connection) -> CurrentState:
    """Read the current classes alone: a state without images, which takes no time in a large project."""
    none, names = np.zeros(0, dtype=np.int64), {one.id: one.name for one in all_classes(connection)}
    return CurrentState(
        none,
        none.astype(np.uint64),
        none,
        none.astype(np.int8),
        none.astype(np.bool_),
        names,
        _heirs(connection, names),
    )


def current_state(connection: sqlite3.Connection) -> CurrentState:
    """Read the current state of images and classes from the database."""
    rows = connection.execute(
        "SELECT id, content, COALESCE(class_id, 0), split, excluded FROM images ORDER BY id"
    ).fetchall()
    names = {one.id: one.name for one in all_classes(connection)}
    return CurrentState(
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([short_content(row[1]) for row in rows], dtype=np.uint64),
        np.array([row[2] for row in rows], dtype=np.int64),
        np.array([_PLACES[row[3]] for row in rows], dtype=np.int8),
        np.array([row[4] for row in rows], dtype=np.bool_),
        names,
        _heirs(connection, names),
    )


def _heirs(connection: sqlite3.Connection, present: Iterable[int]) -> dict[str | int, int]:
    """Map former names and deleted classes to the current class they lead to."""
    meant: dict[str, int] = dict(connection.execute("SELECT name, class_id FROM former_names"))
    gone: dict[int, str] = dict(connection.execute("SELECT id, name FROM classes WHERE position IS NULL"))
    there = set(present)
    found: dict[str | int, int] = {name: _end(name, meant, gone, there) for name in meant}
    found |= {number: found.get(name, NO_CLASS) for number, name in gone.items()}
    return {key: number for key, number in found.items() if number}


def _end(name: str, meant: Mapping[str, int], gone: Mapping[int, str], present: set[int]) -> int:
    """Follow a former name through successive merges to a current class; 0 if there is none."""
    seen: set[str] = set()
    while name in meant and name not in seen:
        seen.add(name)
        number = meant[name]
        if number in present:
            return number
        name = gone.get(number, "")
    return NO_CLASS
