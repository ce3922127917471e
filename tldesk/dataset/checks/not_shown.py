"""Says how many images have channels, time points or samples that no frame shows, according to the scan."""

from __future__ import annotations

import sqlite3

from tldesk.base import plural
from tldesk.imaging.tiff_stack import TAG

_MOST_NAMED = 3


def sentence(connection: sqlite3.Connection) -> str:
    """Return a sentence for the report of a scan, the most frequent first; "" if all can be seen."""
    rows = connection.execute(
        """SELECT json_extract(facts, :path), COUNT(*) FROM images
        WHERE instr(facts, :tag) AND NOT missing AND json_extract(facts, :path) IS NOT NULL
        GROUP BY 1 ORDER BY 2 DESC, 1""",
        {"path": f'$."{TAG}"', "tag": TAG},
    ).fetchall()
    if not rows:
        return ""
    named = [f"{what} of {count:,}" if len(rows) > 1 else str(what) for what, count in rows[:_MOST_NAMED]]
    more = [plural(len(rows) - _MOST_NAMED, "more kind")] if len(rows) > _MOST_NAMED else []
    images = plural(sum(count for _, count in rows), "image")
    return f"Channels, time points or samples of {images} are not shown ({', '.join([*named, *more])})"
