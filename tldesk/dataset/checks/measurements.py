"""Queries for measurements: odd pictures, and pictures that have not been measured yet."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tldesk.dataset.checks.odd_pictures import Oddity, oddities
from tldesk.dataset.store.sql_conditions import USABLE


def unmeasured_files(connection: sqlite3.Connection, roots: Mapping[int, Path]) -> list[tuple[Path, str]]:
    """Return the usable files whose blur has not been measured, with content hashes; each content once."""
    rows = connection.execute(
        f"""SELECT source_id, path, content FROM images WHERE {USABLE}
        AND NOT EXISTS (SELECT 1 FROM softness WHERE softness.content = images.content)
        GROUP BY content ORDER BY source_id, path"""  # noqa: S608
    )
    return [(roots[source] / path, content) for source, path, content in rows]


def odd_images(connection: sqlite3.Connection) -> dict[Oddity, list[int]]:
    """Return the ids of odd usable images by kind."""
    rows = connection.execute(
        f"""SELECT id, width, height, tiny, softness.value FROM images JOIN looks USING (content)
        LEFT JOIN softness USING (content) WHERE {USABLE} ORDER BY source_id, path, id"""  # noqa: S608
    ).fetchall()
    sizes = np.array([row[1:3] for row in rows]).reshape(-1, 2)
    soft = np.array([row[4] for row in rows], dtype=np.float64)  # NaN = not measured
    found = oddities(sizes, [row[3] for row in rows], soft)
    return {kind: [rows[place][0] for place in places.tolist()] for kind, places in found.items()}
