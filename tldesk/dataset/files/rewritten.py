"""Pictures that were written to while size and time stayed as they were, as some programs do on purpose.

The system also keeps the time of a file's last change of any kind, which programs cannot set. Files with a
later one than all that the last scan saw are hashed; most were only renamed, copied or given other rights.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from tldesk.base.file_names import text_path
from tldesk.dataset.files.read_file import hash_or_none
from tldesk.dataset.files.source_files import SourceFiles
from tldesk.dataset.records import Source
from tldesk.dataset.store import meta


def rewritten(
    connection: sqlite3.Connection, source: Source, found: SourceFiles, stop: threading.Event
) -> list[int]:
    """Return the ids of known images with other bytes than at the last scan, but with the same size and time.

    Nothing is opened before the first ``keep_newest``. If ``stop`` is set, the result is incomplete.
    """
    since = newest_seen(connection, source.id)
    if since is None or found.newest <= since:
        return []
    touched = found.found.touched
    rows = connection.execute(
        """SELECT id, path, size, mtime_ns, content FROM images
        WHERE source_id = ? AND NOT missing AND content != ''""",
        (source.id,),
    ).fetchall()
    root = text_path(source.images)
    return [
        number
        for number, path, size, time, content in rows
        if found.files.get(path) == (size, time) and touched.get(path, 0) > since and not stop.is_set()
        if _differs(root / path, content)
    ]


def forget_times(connection: sqlite3.Connection, images: list[int]) -> None:
    """Let a scan compare these images as if their time had changed; the caller holds the transaction."""
    connection.executemany("UPDATE images SET mtime_ns = -1 WHERE id = ?", [(number,) for number in images])


def newest_seen(connection: sqlite3.Connection, source: int) -> int | None:
    """Return the latest change, in ns, of all files that were compared last; None if none ever were."""
    text = meta.get(connection, _key(source))
    return None if text is None else int(text)


def keep_newest(connection: sqlite3.Connection, source: int, newest: int) -> None:
    """Record the latest change of a source's compared files; the caller holds the transaction."""
    meta.put(connection, _key(source), str(newest))


def forget_newest(connection: sqlite3.Connection, source: int) -> None:
    """Begin anew, because a source's files lie elsewhere by now, where all of them are newer than before."""
    meta.drop(connection, _key(source))


def _key(source: int) -> str:
    return f"newest_change:{source}"


def _differs(path: Path, content: str) -> bool:
    now = hash_or_none(path)
    return now is not None and now != content
