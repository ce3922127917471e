"""The changes of an action as pairs of old and new values: written to the tables, and reversed for undo."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tldesk.base import Problem, ProblemError
from tldesk.dataset.records import Mark
from tldesk.dataset.store import hand_groups, meta

NOTED, READING, DISMISSED = "noted:", "reading:", "dismissed:"
GROUP = "group"
FEW = 1000
FORGOTTEN = "forgotten"
_COLUMNS = ("split", FORGOTTEN, *map(str, Mark))


def noted_field(column: str) -> str:
    """Return the field name of a note in a column."""
    return NOTED + column


def reading_field(reader: str) -> str:
    """Return the field name of the class given by a further reader."""
    return READING + reader


def dismissed_field(finding: str) -> str:
    """Return the field name, or the setting's key, of a dismissed finding."""
    return DISMISSED + finding


class LabelChange(NamedTuple):
    """An image's class id before and after; None for no label."""

    image: int
    before: int | None
    after: int | None


class Edit(NamedTuple):
    """A value before and after, as text; None for no value.

    Attributes:
        kind: "image", "class" or "setting".
        subject: id of the image or class, 0 for a setting.
        name: an image's field ("split", "group" (by hand), a mark, "forgotten", "noted:COLUMN",
            "reading:READER", "dismissed:FINDING"); for a class "state" (JSON of name, position, colour) or
            "merged" (the class into which it was merged); a setting's key.
        before: the value before.
        after: the value after.
    """

    kind: str
    subject: int
    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Changes:
    """All changes of one action."""

    labels: Sequence[LabelChange] = ()
    edits: Sequence[Edit] = ()

    @property
    def few_images(self) -> tuple[int, ...]:
        """The changed images, without duplicates; empty if there are many, or if not only images change."""
        if len(self.labels) + len(self.edits) > FEW or any(one.kind != "image" for one in self.edits):
            return ()
        images = [one.image for one in self.labels]
        return tuple(dict.fromkeys(images + [one.subject for one in self.edits]))


@dataclass(frozen=True)
class ClassState:
    """A class as stored in the journal."""

    name: str
    position: int
    colour: str

    def to_text(self) -> str:
        """Return the text for an ``Edit``."""
        return json.dumps([self.name, self.position, self.colour], ensure_ascii=False)


def apply(connection: sqlite3.Connection, changes: Changes, how: str) -> None:
    """Write the new values; the caller holds the transaction.

    Raises:
        ProblemError: the name of a class is now used by another one, or a class to be removed is in use.
    """
    connection.executemany(
        "UPDATE images SET class_id = ?, label_how = ? WHERE id = ?",
        [(one.after, how, one.image) for one in changes.labels],
    )
    fields: dict[str, list[tuple[str | None, int]]] = defaultdict(list)
    for one in changes.edits:
        if one.kind == "image":
            fields[one.name].append((one.after, one.subject))
        elif one.kind == "setting":
            _put_setting(connection, one)
    for name, rows in fields.items():
        _write_field(connection, name, rows)
    _write_classes(connection, [one for one in changes.edits if one.kind == "class"])


def back(connection: sqlite3.Connection, action: int, to: str) -> Changes:
    """Return the changes to the state before (``to`` = "before") or after an action."""
    labels = connection.execute(
        """SELECT image_id, class_id, before, after FROM events JOIN images ON images.id = image_id
        WHERE action_id = ? ORDER BY events.id""",
        (action,),
    )
    edits = connection.execute(
        "SELECT kind, subject, name, before, after FROM edits WHERE action_id = ? ORDER BY id", (action,)
    )
    undone = to == "before"
    return Changes(
        [LabelChange(image, now, before if undone else after) for image, now, before, after in labels],
        [
            Edit(kind, subject, name, *((after, before) if undone else (before, after)))
            for kind, subject, name, before, after in edits
        ],
    )


def image_edits(field_name: str, rows: Iterable[tuple[int, str | None, str | None]]) -> list[Edit]:
    """Return the edits of one field of many images (id, old, new), without those that change nothing."""
    return [Edit("image", number, field_name, was, now) for number, was, now in rows if was != now]


def setting_edits(connection: sqlite3.Connection, settings: Mapping[str, str]) -> list[Edit]:
    """Return the edits that set these settings; none for those that already have the value."""
    now = {key: meta.get(connection, key) for key in settings}
    return [Edit("setting", 0, key, now[key], text) for key, text in settings.items() if now[key] != text]


def settings_gone(connection: sqlite3.Connection, prefix: str) -> list[Edit]:
    """Return the edits that remove all settings whose keys begin with ``prefix``."""
    return [Edit("setting", 0, key, text, None) for key, text in meta.beginning_with(connection, prefix)]


def _put_setting(connection: sqlite3.Connection, edit: Edit) -> None:
    if edit.after is None:
        meta.drop(connection, edit.name)
    else:
        meta.put(connection, edit.name, edit.after)


def _write_field(connection: sqlite3.Connection, name: str, rows: Sequence[tuple[str | None, int]]) -> None:
    if name.startswith(READING):
        _write_readings(connection, name.removeprefix(READING), rows)
    elif name.startswith(NOTED):
        _write_notes(connection, name.removeprefix(NOTED), rows)
    elif name.startswith(DISMISSED):
        _write_dismissed(connection, name.removeprefix(DISMISSED), rows)
    elif name == GROUP:
        hand_groups.write(connection, rows)
    else:
        column = _COLUMNS[_COLUMNS.index(name)]
        values = [(after if name == "split" else after is not None, image) for after, image in rows]
        connection.executemany(f"UPDATE images SET {column} = ? WHERE id = ?", values)  # noqa: S608


def _write_readings(
    connection: sqlite3.Connection, reader: str, rows: Sequence[tuple[str | None, int]]
) -> None:
    connection.executemany(
        "DELETE FROM readings WHERE image_id = ? AND reader = ?", [(image, reader) for _, image in rows]
    )
    connection.executemany(
        "INSERT INTO readings (image_id, reader, class_id) VALUES (?, ?, ?)",
        [(image, reader, int(after)) for after, image in rows if after is not None],
    )


def _write_dismissed(
    connection: sqlite3.Connection, finding: str, rows: Sequence[tuple[str | None, int]]
) -> None:
    connection.executemany(
        "DELETE FROM dismissed WHERE finding = ? AND image_id = ?", [(finding, image) for _, image in rows]
    )
    connection.executemany(
        "INSERT INTO dismissed (finding, image_id) VALUES (?, ?)",
        [(finding, image) for after, image in rows if after is not None],
    )


def _write_notes(connection: sqlite3.Connection, column: str, rows: Sequence[tuple[str | None, int]]) -> None:
    """Write notes. Values are JSON: ``null`` hides the table's value; without a note the table's applies."""
    for after, image in rows:
        text = connection.execute("SELECT noted FROM images WHERE id = ?", (image,)).fetchone()[0]
        noted: dict[str, str | None] = json.loads(text)
        noted.pop(column, None)
        if after is not None:
            noted[column] = json.loads(after)
        connection.execute(
            "UPDATE images SET noted = ? WHERE id = ?", (json.dumps(noted, ensure_ascii=False), image)
        )


def _write_classes(connection: sqlite3.Connection, edits: Sequence[Edit]) -> None:
    if not edits:
        return
    states = {
        one.subject: ClassState(*json.loads(one.after)) if one.after is not None else None
        for one in edits
        if one.name == "state"
    }
    # First release all names, because two classes may swap them.
    connection.executemany("UPDATE classes SET position = NULL WHERE id = ?", [(one,) for one in states])
    for number, state in states.items():
        if state is None:
            _refuse_used(connection, number)
        else:
            _refuse_taken(connection, state)
            _write_class(connection, number, state)
    merged = [(int(one.after), one.subject) for one in edits if one.name == "merged" and one.after]
    connection.executemany(
        "INSERT OR REPLACE INTO former_names SELECT name, ? FROM classes WHERE id = ?", merged
    )
    _renumber(connection)


def _write_class(connection: sqlite3.Connection, number: int, state: ClassState) -> None:
    """Write a class; its old name in folders and tables still refers to it."""
    old = connection.execute("SELECT name FROM classes WHERE id = ?", (number,)).fetchone()[0]
    connection.execute(
        "UPDATE classes SET name = ?, position = ?, colour = ? WHERE id = ?",
        (state.name, state.position, state.colour, number),
    )
    if old != state.name:
        connection.execute("INSERT OR REPLACE INTO former_names VALUES (?, ?)", (old, number))
    connection.execute("DELETE FROM former_names WHERE name = ?", (state.name,))


def _refuse_used(connection: sqlite3.Connection, number: int) -> None:
    """Raise a ProblemError if images have the class, for example through a later scan."""
    used = connection.execute(
        "SELECT name FROM classes WHERE id = ? AND EXISTS (SELECT 1 FROM images WHERE class_id = classes.id)",
        (number,),
    ).fetchone()
    if used is not None:
        raise ProblemError(
            Problem(
                "class",
                f'images have got the class "{used[0]}" since, from their folder or table',
                "Delete the class instead, or give these images another label first",
            )
        )


def _refuse_taken(connection: sqlite3.Connection, state: ClassState) -> None:
    taken = "SELECT 1 FROM classes WHERE name = ? AND position IS NOT NULL"
    if connection.execute(taken, (state.name,)).fetchone():
        raise ProblemError(
            Problem(
                "class",
                f'there is another class "{state.name}" by now',
                "Rename that one first, then try again",
            )
        )


def _renumber(connection: sqlite3.Connection) -> None:
    """Renumber positions from 0 without gaps; a scan may have added classes in the meantime."""
    rows = connection.execute("SELECT id FROM classes WHERE position IS NOT NULL ORDER BY position, id")
    numbers = [(place, number) for place, (number,) in enumerate(rows.fetchall())]
    connection.executemany("UPDATE classes SET position = ? WHERE id = ?", numbers)
