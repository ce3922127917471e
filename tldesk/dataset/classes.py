"""The project's classes: made, renamed, found by the names that folders and tables use."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from tldesk.base import Problem, ProblemError
from tldesk.dataset.colours import class_colour
from tldesk.dataset.naming import natural_key
from tldesk.dataset.records import ClassInfo


def all_classes(connection: sqlite3.Connection) -> tuple[ClassInfo, ...]:
    """In the fixed order."""
    rows = connection.execute("SELECT id, name, position, colour FROM classes ORDER BY position")
    return tuple(ClassInfo(*row) for row in rows)


def add_class(connection: sqlite3.Connection, name: str) -> ClassInfo:
    """A new class, last in the order.

    Raises:
        ProblemError: the name is empty or taken.
    """
    name = _free_name(connection, name)
    connection.execute("DELETE FROM former_names WHERE name = ?", (name,))
    return _insert(connection, name)


def rename_class(connection: sqlite3.Connection, class_id: int, name: str) -> None:
    """Give a class another name; a folder or table that uses the old one still means this class.

    Raises:
        ProblemError: no such class, or the name is empty or taken.
    """
    old = connection.execute("SELECT name FROM classes WHERE id = ?", (class_id,)).fetchone()
    if old is None:
        raise no_such_class(class_id)
    if old[0] == name.strip():
        return
    name = _free_name(connection, name)
    connection.execute("UPDATE classes SET name = ? WHERE id = ?", (name, class_id))
    connection.execute("INSERT OR REPLACE INTO former_names VALUES (?, ?)", (old[0], class_id))
    connection.execute("DELETE FROM former_names WHERE name = ?", (name,))


def ids_by_name(connection: sqlite3.Connection, names: Iterable[str]) -> dict[str, int]:
    """The classes that names from folders or tables mean; new ones are made, in natural order."""
    known: dict[str, int] = dict(connection.execute("SELECT name, class_id FROM former_names"))
    known |= dict(connection.execute("SELECT name, id FROM classes"))
    for name in sorted(set(names) - known.keys(), key=natural_key):
        known[name] = _insert(connection, name).id
    return known


def no_such_class(class_id: int) -> ProblemError:
    """For an id that no class has."""
    return ProblemError(
        Problem("class", f"the project has no class number {class_id}", "Choose one of its classes")
    )


def _free_name(connection: sqlite3.Connection, name: str) -> str:
    name = name.strip()
    if not name:
        raise ProblemError(Problem("class", "a class needs a name", "Write one"))
    if connection.execute("SELECT 1 FROM classes WHERE name = ?", (name,)).fetchone():
        raise ProblemError(Problem("class", f'there is a class "{name}" already', "Choose another name"))
    return name


def _insert(connection: sqlite3.Connection, name: str) -> ClassInfo:
    position = int(connection.execute("SELECT COALESCE(MAX(position) + 1, 0) FROM classes").fetchone()[0])
    colour = class_colour(position)
    cursor = connection.execute(
        "INSERT INTO classes (name, position, colour) VALUES (?, ?, ?)", (name, position, colour)
    )
    assert cursor.lastrowid is not None
    return ClassInfo(cursor.lastrowid, name, position, colour)
