"""The label journal: every label ever given, only added to, with undo and redo that survive a restart.

``actions`` holds what a person or a scan did (who, when, how, in what words), ``events`` one row an image
with the class before and after. Undo adds an action of its own that points at what it takes back, so the
stacks follow from replaying the journal and nothing is ever erased. ``images.class_id`` is the journal's last
word, kept for speed.
"""

from __future__ import annotations

import getpass
import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from threading import Lock

from tldesk.base import Problem, ProblemError
from tldesk.dataset.classes import no_such_class
from tldesk.dataset.database import Database
from tldesk.dataset.queries import refuse_unknown
from tldesk.dataset.records import Action, LabelEvent

Change = tuple[int, int | None, int | None]  # image, class before, class after


def current_author() -> str:
    """The user's login name, "unknown" where the system does not tell."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # what getuser raises differs between systems and versions
        return "unknown"


def record(
    connection: sqlite3.Connection,
    changes: Sequence[Change],
    *,
    author: str,
    how: str,
    verb: str,
    undoable: bool,
    target: int | None = None,
) -> Action:
    """Write one action and set the images' labels; the caller holds the transaction."""
    at = datetime.now(UTC)
    cursor = connection.execute(
        "INSERT INTO actions (at, author, how, verb, undoable, target) VALUES (?, ?, ?, ?, ?, ?)",
        (at.isoformat(), author, how, verb, int(undoable), target),
    )
    number = cursor.lastrowid
    assert number is not None
    connection.executemany(
        "INSERT INTO events (action_id, image_id, before, after) VALUES (?, ?, ?, ?)",
        [(number, *change) for change in changes],
    )
    if how != "changed":  # the file changed, the label did not: whoever gave it still is the one who gave it
        connection.executemany(
            "UPDATE images SET class_id = ?, label_how = ? WHERE id = ?",
            [(after, how, image) for image, _, after in changes],
        )
    return Action(number, verb, at, tuple(change[0] for change in changes))


def history(connection: sqlite3.Connection, image_id: int) -> tuple[LabelEvent, ...]:
    """All that happened to one image's label, oldest first; classes by their present names."""
    rows = connection.execute(
        """SELECT at, author, how, old.name, new.name, verb FROM events
        JOIN actions ON actions.id = action_id
        LEFT JOIN classes old ON old.id = before LEFT JOIN classes new ON new.id = after
        WHERE image_id = ? ORDER BY events.id""",
        (image_id,),
    )
    return tuple(LabelEvent(datetime.fromisoformat(at), *rest) for at, *rest in rows)


class Journal:
    """The undo and redo stacks, derived from the journal and kept up to date as it grows."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._seen = 0
        self._done: list[Action] = []
        self._undone: list[Action] = []

    def undo_stack(self) -> tuple[Action, ...]:
        """What can be undone, the last action last."""
        with self._database.read() as connection:
            return self._stacks(connection)[0]

    def redo_stack(self) -> tuple[Action, ...]:
        """What can be done again, the next one last."""
        with self._database.read() as connection:
            return self._stacks(connection)[1]

    def undo(self) -> Action | None:
        """Take back the last action; None if there is none. Gives the action that was taken back."""
        return self._reverse("undo")

    def redo(self) -> Action | None:
        """Do the last undone action again; None if there is none."""
        return self._reverse("redo")

    def _reverse(self, how: str) -> Action | None:
        with self._database.write() as connection:
            stack = self._stacks(connection)[0 if how == "undo" else 1]
            if not stack:
                return None
            action = stack[-1]
            changes = _changes_back(connection, action.id, "before" if how == "undo" else "after")
            verb = f"{how.capitalize()}: {action.verb}"
            record(
                connection,
                changes,
                author=current_author(),
                how=how,
                verb=verb,
                undoable=False,
                target=action.id,
            )
            return action

    def _stacks(self, connection: sqlite3.Connection) -> tuple[tuple[Action, ...], tuple[Action, ...]]:
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
    """The images of the actions after number ``after`` that a stack can hold."""
    rows: Iterable[tuple[int, int]] = connection.execute(
        """SELECT action_id, image_id FROM events JOIN actions ON actions.id = action_id
        WHERE action_id > ? AND undoable ORDER BY events.id""",
        (after,),
    )
    images: dict[int, list[int]] = {}
    for action, image in rows:
        images.setdefault(action, []).append(image)
    return {action: tuple(ids) for action, ids in images.items()}


def _changes_back(connection: sqlite3.Connection, action: int, to: str) -> list[Change]:
    """From the images' present labels to those ``before`` or ``after`` an action."""
    rows = connection.execute(
        """SELECT image_id, class_id, before, after FROM events JOIN images ON images.id = image_id
        WHERE action_id = ? ORDER BY events.id""",
        (action,),
    )
    return [(image, now, before if to == "before" else after) for image, now, before, after in rows]


def changes_to(
    connection: sqlite3.Connection, image_ids: Sequence[int], class_id: int | None
) -> list[Change]:
    """From the images' present labels to a class.

    Raises:
        ProblemError: no images, or no such image or class.
    """
    if not image_ids:
        raise ProblemError(Problem("images", "no image is chosen", "Choose at least one"))
    if (
        class_id is not None
        and not connection.execute("SELECT 1 FROM classes WHERE id = ?", (class_id,)).fetchone()
    ):
        raise no_such_class(class_id)
    now = dict(
        connection.execute(
            "SELECT id, class_id FROM images WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(image_ids)),),
        ).fetchall()
    )
    refuse_unknown(image_ids, now)
    return [(number, now[number], class_id) for number in image_ids]
