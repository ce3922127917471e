"""Says that splits which folders or a table begin to give after the first deal move no image of that deal."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from tldesk.base import plural
from tldesk.dataset.records import Split


def late_split_notes(
    connection: sqlite3.Connection, source: int, before: Iterable[str | None], now: Iterable[Split | None]
) -> tuple[str, ...]:
    """Return a sentence, without a closing stop, if splits are given for the first time in a split project.

    Args:
        connection: inside a transaction, before the new splits are written.
        source: id of the folder of pictures.
        before: the split given to each of its images by the last scan.
        now: the split given to each of its images.
    """
    known = set(before)
    new = [split for split in Split if split in set(now) and split not in known]
    row = connection.execute(
        """SELECT count(*) FROM images WHERE source_id = ? AND split IN ('validation', 'test')
        AND given_split IS NULL AND NOT missing""",
        (source,),
    ).fetchone()
    if not new or not row[0]:
        return ()
    stay = "stays" if row[0] == 1 else "stay"
    return (
        f"{' and '.join(new)} {'is' if len(new) == 1 else 'are'} given by folders or the table only now:"
        f" {plural(row[0], 'image')} put into validation or test before {stay} there until the images are"
        " split anew",
    )
