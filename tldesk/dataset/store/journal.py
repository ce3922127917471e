"""The label journal: an append-only record of all labels and edits, with undo and redo across restarts.

The table ``actions`` contains the actions of users and scans (who, when, how, in words), ``events`` one row
per image with its class before and after, ``edits`` one row for each other change. Undo adds an action that
refers to the undone one, so the stacks result from replaying the journal and nothing is ever deleted. The
other tables contain the state after the last action, for speed.
"""

from __future__ import annotations

import getpass
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

from tldesk.base import Problem, ProblemError
from tldesk.dataset.records import Action, ImageEvent
from tldesk.dataset.store import changes as changing
from tldesk.dataset.store import label_sources
from tldesk.dataset.store.changes import FEW, NOTED, READING, Changes


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """The description of an action.

    Attributes:
        verb: the action in words, as shown in the Undo menu.
        how: "folder", "table", "person", "undo", "redo", "changed" (the file changed, the label was kept) or
            "joined" (added to a split after the project was split).
        author: who did it; None for the current user.
        undoable: whether it can be undone.
        target: id of the action that an undo or redo refers to.
    """

    verb: str
    how: str = "person"
    author: str | None = None
    undoable: bool = True
    target: int | None = None


def current_author() -> str:
    """Return the user's login name, "unknown" if the system does not provide one."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # depends on the system and Python version
        return "unknown"


def record(connection: sqlite3.Connection, entry: JournalEntry, changes: Changes) -> Action:
    """Write one action and apply its changes; the caller holds the transaction.

    Raises:
        ProblemError: as ``changes.apply``.
    """
    action = note(connection, entry, changes)
    if entry.how != "changed":  # a changed file keeps its label and how it was given
        changing.apply(connection, changes, entry.how)
    return action


def note(connection: sqlite3.Connection, entry: JournalEntry, changes: Changes) -> Action:
    """Write one action whose changes have already been applied; the caller holds the transaction."""
    at = datetime.now(UTC)
    cursor = connection.execute(
        "INSERT INTO actions (at, author, how, verb, undoable, target) VALUES (?, ?, ?, ?, ?, ?)",
        (
            at.isoformat(),
            entry.author or current_author(),
            entry.how,
            entry.verb,
            int(entry.undoable),
            entry.target,
        ),
    )
    number = cursor.lastrowid
    assert number is not None
    connection.executemany(
        "INSERT INTO events (action_id, image_id, before, after) VALUES (?, ?, ?, ?)",
        [(number, *change) for change in changes.labels],
    )
    connection.executemany(
        "INSERT INTO edits (action_id, kind, subject, name, before, after) VALUES (?, ?, ?, ?, ?, ?)",
        [(number, *edit) for edit in changes.edits],
    )
    return Action(number, entry.verb, at, changes.few_images)


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One action as the journal tells it, undo and redo included.

    Attributes:
        id: stable number.
        at: time of the action.
        author: who did it.
        verb: the action in words.
        state: "" for what cannot be undone or redone now; else "done" or "undone".
        images: number of images whose label or fields it changed.
    """

    id: int
    at: datetime
    author: str
    verb: str
    state: str
    images: int


def history(connection: sqlite3.Connection, image_id: int) -> tuple[ImageEvent, ...]:
    """Return the history of one image, oldest event first; classes have their current names."""
    rows = connection.execute(
        """SELECT action_id, events.id, at, author, how, old.name, new.name, verb, 'label' FROM events
        JOIN actions ON actions.id = action_id
        LEFT JOIN classes old ON old.id = before LEFT JOIN classes new ON new.id = after
        WHERE image_id = :image
        UNION ALL
        SELECT action_id, edits.id, at, author, how, before, after, verb, edits.name FROM edits
        JOIN actions ON actions.id = action_id
        WHERE kind = 'image' AND subject = :image AND edits.name NOT LIKE :reading
        UNION ALL
        SELECT action_id, edits.id, at, author, how, old.name, new.name, verb, edits.name FROM edits
        JOIN actions ON actions.id = action_id
        LEFT JOIN classes old ON old.id = CAST(before AS INTEGER)
        LEFT JOIN classes new ON new.id = CAST(after AS INTEGER)
        WHERE kind = 'image' AND subject = :image AND edits.name LIKE :reading
        ORDER BY 1, 2""",
        {"image": image_id, "reading": f"{READING}%"},
    )
    return tuple(
        ImageEvent(
            datetime.fromisoformat(at), author, how, _told(name, before), _told(name, after), verb, name
        )
        for _, _, at, author, how, before, after, verb, name in rows
    )


def _told(name: str, value: str | None) -> str | None:
    """Return a value as shown to the user; notes are stored as JSON."""
    if value is None or not name.startswith(NOTED):
        return value
    noted: str | None = json.loads(value)
    return noted


class Journal:
    """The undo and redo stacks, derived from the journal and kept up to date as it grows."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen = 0
        self._done: list[Action] = []
        self._undone: list[Action] = []

    def stacks(self, connection: sqlite3.Connection) -> tuple[tuple[Action, ...], tuple[Action, ...]]:
        """Return the actions that can be undone and those that can be redone, in each the next one last."""
        with self._lock:
            rows = connection.execute(
                "SELECT id, verb, at, how, undoable, target FROM actions WHERE id > ? ORDER BY id",
                (self._seen,),
            ).fetchall()
            images = _images_by_action(connection, self._seen) if rows else {}
            for number, verb, at, how, undoable, target in rows:
                action = Action(number, verb, datetime.fromisoformat(at), images.get(number, ()))
                self._replay(action, how, bool(undoable), target)
            return tuple(self._done), tuple(self._undone)

    def lines(self, connection: sqlite3.Connection, most: int | None) -> tuple[JournalLine, ...]:
        """Return the last ``most`` actions (None: all), the latest first."""
        done, undone = self.stacks(connection)
        states = {one.id: "done" for one in done} | {one.id: "undone" for one in undone}
        rows = connection.execute(
            """SELECT id, at, author, verb,
                (SELECT COUNT(*) FROM (SELECT image_id FROM events WHERE action_id = actions.id UNION
                    SELECT subject FROM edits WHERE action_id = actions.id AND kind = 'image'))
            FROM actions ORDER BY id DESC LIMIT ?""",
            (-1 if most is None else most,),
        )
        return tuple(
            JournalLine(number, datetime.fromisoformat(at), author, verb, states.get(number, ""), images)
            for number, at, author, verb, images in rows
        )

    def reverse(self, connection: sqlite3.Connection, how: str, only: int | None) -> Action | None:
        """Undo the last action (``how`` = "undo") or redo the last undone one ("redo").

        Returns that action, None if there is none. The caller holds the transaction.

        Raises:
            ProblemError: ``only`` is given and is not the id of that action.
        """
        stack = self.stacks(connection)[0 if how == "undo" else 1]
        if only is not None and (not stack or stack[-1].id != only):
            raise ProblemError(
                Problem(
                    "undo",
                    "the project was changed elsewhere meanwhile, by another window or command",
                    "Look at what Undo names now, then choose it again",
                )
            )
        if not stack:
            return None
        action = stack[-1]
        changes = changing.back(connection, action.id, "before" if how == "undo" else "after")
        verb = f"{how.capitalize()}: {action.verb}"
        record(connection, JournalEntry(verb, how, undoable=False, target=action.id), changes)
        label_sources.restore(connection, action.id, how)
        return action

    def _replay(self, action: Action, how: str, undoable: bool, target: int | None) -> None:
        self._seen = action.id
        if target is not None and how == "undo":
            self._undone.append(self._done.pop())
        elif target is not None and how == "redo":
            self._done.append(self._undone.pop())
        elif undoable:
            self._done.append(action)
            self._undone.clear()


def _images_by_action(connection: sqlite3.Connection, after: int) -> dict[int, tuple[int, ...]]:
    """Return the images of each undoable action after id ``after``; none for actions with many images."""
    rows: Iterable[tuple[int, int | None]] = connection.execute(
        f"""WITH some AS (SELECT id FROM actions WHERE id > :after AND undoable
            AND id NOT IN (SELECT action_id FROM edits WHERE action_id > :after AND kind != 'image')
            AND (SELECT COUNT(*) FROM (SELECT 1 FROM events WHERE action_id = actions.id LIMIT {FEW + 1}))
            + (SELECT COUNT(*) FROM (SELECT 1 FROM edits WHERE action_id = actions.id LIMIT {FEW + 1}))
            <= {FEW})
        SELECT action_id, image_id FROM events JOIN some ON some.id = action_id
        UNION ALL SELECT action_id, subject FROM edits JOIN some ON some.id = action_id
        ORDER BY 1""",  # noqa: S608 - fixed text
        {"after": after},
    )
    images: dict[int, dict[int, None]] = {}
    for action, image in rows:
        if image is not None:
            images.setdefault(action, {})[image] = None
    return {action: tuple(ids) for action, ids in images.items()}
