"""Labels that a table gave and no longer gives, and classes that no image has any more because of that.

Only labels given by the table itself are taken back; what a person said stays. Undo brings them back, and
from then on they count as given by a person (``store/label_sources.py``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from tldesk.base import plural
from tldesk.dataset.records import ClassInfo
from tldesk.dataset.store import class_table as classes
from tldesk.dataset.store import journal
from tldesk.dataset.store.changes import Changes, LabelChange
from tldesk.dataset.store.journal import JournalEntry


def take_back(
    connection: sqlite3.Connection,
    table: str,
    withdrawn: Sequence[LabelChange],
    changed: Sequence[LabelChange],
) -> list[str]:
    """Remove labels, and the classes that they and relabelled images have left empty; return remarks.

    Args:
        connection: inside a transaction.
        table: file name of the table.
        withdrawn: the labels to remove, as changes to None.
        changed: labels that the table has just replaced by others; they are written already.
    """
    left = {one.before for one in (*withdrawn, *changed)} - {None}
    there = classes.all_classes(connection)
    empty = [
        one for one in there if one.id in left and not classes.is_used(connection, one.id, but_for=withdrawn)
    ]
    if not withdrawn and not empty:
        return []
    edits = classes.order_edits(there, [one for one in there if one not in empty])
    entry = JournalEntry(_verb(table, len(withdrawn), empty), "table")
    journal.record(connection, entry, Changes(withdrawn, edits))
    return _remarks(table, len(withdrawn), empty)


def relabelled_note(table: str, changed: Sequence[LabelChange]) -> list[str]:
    """Return the remark on images whose labels a table has just replaced; none if there are no such."""
    if not changed:
        return []
    have = "has" if len(changed) == 1 else "have"
    return [
        f"{plural(len(changed), 'image')} {have} another class than before, because {table} changed;"
        " this can be undone"
    ]


def _verb(table: str, labels: int, empty: Sequence[ClassInfo]) -> str:
    if not labels:
        return f"Remove {plural(len(empty), 'class', 'classes')} that {table} no longer gives"
    return f"Take back {plural(labels, 'label')} that {table} no longer gives"


def _remarks(table: str, labels: int, empty: Sequence[ClassInfo]) -> list[str]:
    remarks = []
    if labels:
        have = "has" if labels == 1 else "have"
        remarks.append(
            f"{plural(labels, 'image')} {have} no label any more, because {table} no longer gives one; labels"
            " given by hand were kept. This can be undone"
        )
    if empty:
        names = ", ".join(f'"{one.name}"' for one in empty)
        what = (
            "the class {} any more, so it was"
            if len(empty) == 1
            else "one of the classes {} any more, so they were"
        )
        remarks.append(f"No image has {what.format(names)} removed. This can be undone")
    return remarks
