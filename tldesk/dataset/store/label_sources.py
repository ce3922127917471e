"""Who gave a label after undo or redo: the label and its source come back together.

Otherwise a label that a table gave, changed by a person who then thought better of it, would count as the
person's, and the table could neither correct it nor take it back.
"""

from __future__ import annotations

import sqlite3

_SAID_BY_A_TABLE = "table"


def restore(connection: sqlite3.Connection, action: int, how: str) -> None:
    """Write how the labels of an action that was just undone or redone are given now.

    Args:
        connection: inside a transaction.
        action: id of the undone or redone action.
        how: "undo" or "redo".

    Undoing what a table did (a changed label, one taken back) overrules the table, so these labels count as
    given by a person; else the next scan would do it again.
    """
    row = connection.execute("SELECT how FROM actions WHERE id = ?", (action,)).fetchone()
    if how == "redo":
        connection.execute(
            "UPDATE images SET label_how = ? WHERE id IN (SELECT image_id FROM events WHERE action_id = ?)",
            (row[0], action),
        )
    elif row[0] != _SAID_BY_A_TABLE:
        before = _before(connection, action)
        connection.executemany(
            "UPDATE images SET label_how = ? WHERE id = ?",
            [(given, image) for image, given in before.items()],
        )


def _before(connection: sqlite3.Connection, action: int) -> dict[int, str | None]:
    """Return how the labels of an action's images had been given before it; None if they never were."""
    images = connection.execute("SELECT image_id FROM events WHERE action_id = ?", (action,))
    now: dict[int, str | None] = {image: None for (image,) in images}
    earlier = connection.execute(
        """SELECT image_id, actions.id, how, target FROM events JOIN actions ON actions.id = action_id
        WHERE action_id < :action AND how != 'changed'
        AND image_id IN (SELECT image_id FROM events WHERE action_id = :action) ORDER BY events.id""",
        {"action": action},
    )
    hows: dict[int, str] = {}
    was: dict[tuple[int, int], str | None] = {}
    for image, number, how, target in earlier:
        hows[number] = how
        was[image, number] = now[image]
        if target is None:
            now[image] = how
        elif how == "redo":
            now[image] = hows[target]
        else:
            now[image] = how if hows[target] == _SAID_BY_A_TABLE else was[image, target]
    return now
