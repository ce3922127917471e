"""Groups made by hand: images that belong together regardless of the rule for groups.

What the rule gives (``rule_group``) and what a person put together (``hand_group``) are kept apart, so that
neither a scan nor another rule undoes what a person did. ``group_name``, which splits and folds go by, joins
both: putting an image of one plant in a group with one of another joins the two plants.
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
    """What puts the images of each set into one group made by hand; nothing is written.

    A set that holds an image of such a group joins that group; two groups that a set joins become one.

    Raises:
        ProblemError: no set holds two images.
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
    images = sorted(was, key=lambda one: was[one] is None)  # the groups that are there come first
    for image, home in zip(images, bundle([ties[image] for image in images]), strict=True):
        if home not in names:
            fresh += was[image] is None
            names[home] = was[image] or f"{_NAMED}{fresh}"
        ties[image] = [names[home]]
    return [(image, was[image], str(ties[image][0])) for image in sorted(was)]


def write(connection: sqlite3.Connection, rows: Sequence[tuple[str | None, int]]) -> None:
    """Write images' hand groups, then the groups that follow; the caller holds the transaction."""
    connection.executemany("UPDATE images SET hand_group = ? WHERE id = ?", rows)
    join(connection)


def join(connection: sqlite3.Connection) -> None:
    """Write ``group_name`` of all images from rule and hands; the caller holds the transaction.

    Groups that hands joined are called after the first one and the number of others.
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
    """The images, and all others of the hand groups that they are in, with these groups."""
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
