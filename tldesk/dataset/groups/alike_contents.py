"""Near duplicates: pairs of different files whose pictures look alike."""

from __future__ import annotations

import sqlite3

from tldesk.dataset.files.fingerprint import find_alike
from tldesk.dataset.groups.ties import Alike
from tldesk.dataset.store.sql_conditions import READ


def alike_contents(connection: sqlite3.Connection) -> list[Alike]:
    """Return pairs of different readable contents (hashes) with similar pictures, and their correlation."""
    rows = connection.execute(
        f"""SELECT content, dhash, tiny FROM looks
        WHERE content IN (SELECT content FROM images WHERE {READ}) ORDER BY content"""  # noqa: S608
    ).fetchall()
    pairs = find_alike([row[1] for row in rows], [row[2] for row in rows])
    return [(rows[pair.first][0], rows[pair.second][0], pair.score) for pair in pairs]
