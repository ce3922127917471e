"""Groups made by hand: images that belong together regardless of the group rule.

The groups of the rule (``rule_group``) and those made by hand (``hand_group``) are stored separately, so that
neither a scan nor another rule undoes the user's work. ``group_name``, which is used for splits and folds,
combines both: putting an image of one plant in a group with an image of another joins the two plants.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Hashable, Iterable, Sequence

from tldesk.base import Problem, ProblemError
from tldesk.dataset.bundles import bundle

_NAMED = "together "
Row = tuple[int, str | None, str | None]  # image, its hand group before and after


def put_together(connection: sqlite3.Connection, sets: Iterable[Sequence[int]]) -> list[Row]:
    """Return the changes that put the images of each set into one group made by hand; nothing is written.

    A set with an image of an existing hand group joins that group; groups connected by a set are merged.

    Raises:
        ProblemError: no set contains two images.
    """
    ties: dict[int, list[Hashable]] = {}
    for number, images in enumerate(one for one in sets if len(set(one)) > 1):
        for image in images:
            ties.setdefault(image, []).append(number)
    if not ties:
        raise ProblemError(
            Problem("images", "a group needs at least two images", "Choose the images that belong together")
        )
    was = _with_their_groups(connection, ties)
    for image, name in was.items():
        ties.setdefault(image, []).extend([] if name is None else [name])
    names: dict[int, str] = {}
    fresh = _highest(connection)
    images = sorted(was, key=lambda one: was[one] is None)  # existing groups come first
    for image, home in zip(images, bundle([ties[image] for image in images]), strict=True):
        if home not in names:
            fresh += was[image] is None
            names[home] = was[image] or f"{_NAMED}{fresh}"
        ties[image] = [names[home]]
    return [(image, was[image], str(ties[image][0])) for image in sorted(was)]


def write(connection: sqlite3.Connection, rows: Sequence[tuple[str | None, int]]) -> None:
    """Write images' hand groups and update ``group_name``; the caller holds the transaction."""
    connection.executemany("UPDATE images SET hand_group = ? WHERE id = ?", rows)
    join(connection)


def join(connection: sqlite3.Connection) -> None:
    """Update ``group_name`` of all images from rule and hand groups; the caller holds the transaction.

    Joined groups are named after the first one and the number of others.
    """
    connection.execute("UPDATE images SET group_name = rule_group WHERE group_name IS NOT rule_group")
    rows = connection.execute(
        """SELECT id, rule_group, hand_group FROM images WHERE id IN (
            SELECT id FROM images WHERE hand_group IS NOT NULL
            UNION SELECT id FROM images WHERE rule_group IN (
                SELECT rule_group FROM images WHERE hand_group IS NOT NULL))
        ORDER BY source_id, path, id"""
    ).fetchall()
    keys = [[key for key in enumerate(row[1:]) if key[1] is not None] for row in rows]
    members: dict[int, list[tuple[int, str | None, str | None]]] = {}
    for row, home in zip(rows, bundle(keys), strict=True):
        members.setdefault(home, []).append(row)
    connection.executemany(
        "UPDATE images SET group_name = ? WHERE id = ?",
        [(name, row[0]) for found in members.values() for name in [_joined_name(found)] for row in found],
    )


def _joined_name(members: Sequence[tuple[int, str | None, str | None]]) -> str:
    ruled = list(dict.fromkeys(row[1] for row in members if row[1] is not None))
    if not ruled:
        return next(row[2] for row in members if row[2] is not None)
    return ruled[0] if len(ruled) == 1 else f"{ruled[0]} and {len(ruled) - 1} more"


def _with_their_groups(connection: sqlite3.Connection, images: Iterable[int]) -> dict[int, str | None]:
    """Return the hand groups of the images and of all other images in the same hand groups, by image id."""
    rows = connection.execute(
        """WITH chosen AS (SELECT id, hand_group FROM images WHERE id IN (SELECT value FROM json_each(?)))
        SELECT id, hand_group FROM chosen
        UNION SELECT id, hand_group FROM images WHERE hand_group IN (SELECT hand_group FROM chosen)""",
        (json.dumps(list(images)),),
    )
    return dict(rows.fetchall())


def _highest(connection: sqlite3.Connection) -> int:
    rows = connection.execute("SELECT DISTINCT hand_group FROM images WHERE hand_group IS NOT NULL")
    return max((int(name.removeprefix(_NAMED)) for (name,) in rows), default=0)
