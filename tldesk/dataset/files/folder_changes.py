"""Finds changes in the folders since the last scan; opens files only if asked to, and writes nothing."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tldesk.base import ProblemError
from tldesk.base.file_names import as_text, on_disk, text_path
from tldesk.dataset.files.rewritten import rewritten
from tldesk.dataset.files.source_files import source_files
from tldesk.dataset.records import Source
from tldesk.dataset.store import meta


@dataclass(frozen=True)
class FolderChanges:
    """The differences from the last scan, in numbers of files.

    Attributes:
        absent: folders of pictures that do not exist.
        new: pictures at new paths.
        vanished: pictures no longer at their paths: deleted, moved or renamed.
        changed: pictures with a different size or modification time.
        folders: modification time in ns of every folder that contains pictures or subfolders with pictures,
            which changes when a file in it is added or removed; and of the tables of labels.
        tables: tables of labels with another size or modification time than when they were last read.
        newest: the latest change of the files by source, if their bytes were compared where it was late.
    """

    absent: tuple[Source, ...]
    new: int
    vanished: int
    changed: int
    folders: Mapping[str, int]
    tables: tuple[Path, ...] = ()
    newest: Mapping[int, int] = field(default_factory=dict)

    @property
    def differs(self) -> bool:
        """Whether a scan would find something."""
        return bool(self.new or self.vanished or self.changed or self.tables)


def folder_changes(
    connection: sqlite3.Connection,
    sources: Sequence[Source],
    stop: threading.Event,
    *,
    compare_bytes: bool = False,
) -> FolderChanges | None:
    """Compare paths, sizes and modification times with the last scan; return None if ``stop`` was set.

    With ``compare_bytes``, files that were touched since are read (``rewritten.py``).
    """
    new = vanished = changed = 0
    newest: dict[int, int] = {}
    absent: list[Source] = []
    folders: dict[str, int] = {}
    for source in sources:
        try:
            of_source = source_files(source, stop)
        except ProblemError:
            absent.append(source)
            continue
        if stop.is_set():
            return None
        found, known = of_source.files, _known(connection, source.id)
        there = found.keys() & known.keys()
        new += len(found) - len(there)
        vanished += len(known) - len(there)
        changed += sum(found[path] != known[path] for path in there)
        if compare_bytes:
            changed += len(rewritten(connection, source, of_source, stop))
            newest[source.id] = of_source.newest
        folders.update(_times(text_path(source.images), found.keys() | known.keys()))
    tables = [source for source in sources if source.labels is not None]
    of_tables = [as_text(str(source.labels)) for source in tables]
    folders.update({table: _time(table) for table in of_tables})
    altered = tuple(source.labels for source in tables if source.labels and table_differs(connection, source))
    return FolderChanges(tuple(absent), new, vanished, changed, folders, altered, newest)


def keep_table(connection: sqlite3.Connection, source: Source) -> None:
    """Record size and time of a source's table when it is read; the caller holds the transaction."""
    now = _table_now(source)
    if now:
        meta.put(connection, _table_key(source), as_text(now))


def table_differs(connection: sqlite3.Connection, source: Source) -> bool:
    """Return whether a source's table was changed since it was read; a table that is gone was not."""
    now, before = as_text(_table_now(source)), meta.get(connection, _table_key(source))
    return bool(now and before and now != before)


def _table_key(source: Source) -> str:
    return f"table_read:{source.id}"


def _table_now(source: Source) -> str:
    """Return path, size in bytes and modification time in ns of the table; "" if there is none."""
    try:
        stat = source.labels.stat() if source.labels is not None else None
    except OSError:
        return ""
    return "" if stat is None else f"{source.labels} {stat.st_size} {stat.st_mtime_ns}"


def any_differs(folders: Mapping[str, int]) -> bool:
    """Return whether a folder or table is gone or has another modification time (ns) than the given one."""
    return any(_time(folder) != time for folder, time in folders.items())


def _known(connection: sqlite3.Connection, source: int) -> dict[str, tuple[int, int]]:
    rows = connection.execute(
        "SELECT path, size, mtime_ns FROM images WHERE source_id = ? AND NOT missing", (source,)
    )
    return {path: (size, time) for path, size, time in rows}


def _times(root: Path, paths: set[str]) -> dict[str, int]:
    inside = {path.rpartition("/")[0] for path in paths}
    above = {str(one) for folder in inside for one in PurePosixPath(folder).parents}
    return {str(root / one): _time(str(root / one)) for one in (inside | above) - {"."} | {""}}


def _time(folder: str) -> int:
    try:
        return os.stat(on_disk(folder)).st_mtime_ns  # noqa: PTH116 - faster, for thousands of calls
    except OSError:
        return 0
