"""The project's classes: finding them by the names in folders and tables, and the edits that change them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tldesk.base import Problem, ProblemError
from tldesk.dataset.class_colours import class_colour
from tldesk.dataset.class_names import class_name, has_control_characters
from tldesk.dataset.name_order import natural_key
from tldesk.dataset.records import ClassInfo
from tldesk.dataset.store.changes import ClassState, Edit, LabelChange, reading_field


def all_classes(connection: sqlite3.Connection) -> tuple[ClassInfo, ...]:
    """Return the classes in their order."""
    rows = connection.execute(
        "SELECT id, name, position, colour FROM classes WHERE position IS NOT NULL ORDER BY position"
    )
    return tuple(ClassInfo(*row) for row in rows)


def the_class(connection: sqlite3.Connection, class_id: int) -> ClassInfo:
    """Return one class.

    Raises:
        ProblemError: there is no such class.
    """
    for one in all_classes(connection):
        if one.id == class_id:
            return one
    raise no_such_class(class_id)


def known_names(connection: sqlite3.Connection) -> dict[str, int]:
    """Return class ids by their present and former names, as ``class_name`` returns them."""
    classes = all_classes(connection)
    there = {one.id for one in classes}
    rows = connection.execute("SELECT name, class_id FROM former_names")
    known: dict[str, int] = {class_name(name): number for name, number in rows if number in there}
    return known | {class_name(one.name): one.id for one in reversed(classes)}


def is_used(connection: sqlite3.Connection, class_id: int, but_for: Iterable[LabelChange] = ()) -> bool:
    """Return whether an image, missing ones included, has a class as its label or a reading.

    ``but_for``: images whose label does not count.
    """
    without = json.dumps([one.image for one in but_for])
    row = connection.execute(
        """SELECT EXISTS (SELECT 1 FROM images WHERE class_id = :class
            AND id NOT IN (SELECT value FROM json_each(:without)))
        OR EXISTS (SELECT 1 FROM readings WHERE class_id = :class)""",
        {"class": class_id, "without": without},
    ).fetchone()
    return bool(row[0])


def ids_by_name(connection: sqlite3.Connection, names: Iterable[str]) -> dict[str, int]:
    """Return class ids by the names used in folders or tables; new classes are created in natural order.

    Args:
        connection: inside a transaction.
        names: as ``class_name`` returns them.
    """
    known = known_names(connection)
    for name in sorted(set(names) - known.keys(), key=natural_key):
        known[name] = insert(connection, name, len(all_classes(connection))).id
    return known


def insert(connection: sqlite3.Connection, name: str, position: int | None) -> ClassInfo:
    """Insert a class into the table; with ``position`` None it stays deleted until an edit places it."""
    place = len(all_classes(connection)) if position is None else position
    colour = class_colour(place)
    cursor = connection.execute(
        "INSERT INTO classes (name, position, colour) VALUES (?, ?, ?)", (name, position, colour)
    )
    assert cursor.lastrowid is not None
    return ClassInfo(cursor.lastrowid, name, place, colour)


def free_name(connection: sqlite3.Connection, name: str) -> str:
    """Return the name as ``class_name`` writes it.

    Raises:
        ProblemError: the name is empty or already used, or has line breaks or other control characters.
    """
    typed, name = name.strip(), class_name(name)
    if not name:
        raise ProblemError(Problem("class", "a class needs a name", "Write one"))
    if has_control_characters(typed):
        what = "a class name cannot have line breaks, tabs or other control characters"
        raise ProblemError(Problem("class", what, "Write it with letters, numbers, blanks and signs"))
    if any(class_name(one.name) == name for one in all_classes(connection)):
        raise ProblemError(Problem("class", f'there is a class "{name}" already', "Choose another name"))
    return name


def no_such_class(class_id: int) -> ProblemError:
    """Return the error for an unknown class id."""
    return ProblemError(
        Problem("class", f"the project has no class number {class_id}", "Choose one of its classes")
    )


def order_edits(before: Sequence[ClassInfo], after: Sequence[ClassInfo]) -> list[Edit]:
    """Return the edits from the classes ``before`` to those ``after``, in order; absent ones are deleted."""
    was = {one.id: _state(one) for one in before}
    will = {one.id: _state(replace(one, position=place)) for place, one in enumerate(after)}
    edits = []
    for one in dict.fromkeys([*was, *will]):
        old, new = was.get(one), will.get(one)
        if old != new:
            edits.append(Edit("class", one, "state", _text(old), _text(new)))
    return edits


def relabel(
    connection: sqlite3.Connection, class_id: int, to: int | None
) -> tuple[list[LabelChange], list[Edit]]:
    """Return the changes that move the labels and readings of a class to another class, or to none."""
    images = connection.execute("SELECT id FROM images WHERE class_id = ? ORDER BY id", (class_id,))
    readings = connection.execute(
        "SELECT image_id, reader FROM readings WHERE class_id = ? ORDER BY image_id, reader", (class_id,)
    )
    after = None if to is None else str(to)
    return (
        [LabelChange(number, class_id, to) for (number,) in images],
        [Edit("image", number, reading_field(reader), str(class_id), after) for number, reader in readings],
    )


def _state(one: ClassInfo) -> ClassState:
    return ClassState(one.name, one.position, one.colour)


def _text(state: ClassState | None) -> str | None:
    return None if state is None else state.to_text()
