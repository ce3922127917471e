"""The database reads and writes of a scan; the caller holds the transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tldesk.base import plural
from tldesk.dataset.files.read_file import FileReading
from tldesk.dataset.files.reconcile import Comparison, Decision, KnownImage, Place
from tldesk.dataset.files.walk import FileStat
from tldesk.dataset.left_out import LeftOut
from tldesk.dataset.records import ScanReport
from tldesk.dataset.store import journal, meta
from tldesk.dataset.store.changes import Changes, LabelChange
from tldesk.dataset.store.class_table import all_classes
from tldesk.dataset.store.journal import JournalEntry
from tldesk.dataset.store.sql_conditions import KEPT, READ, READABLE

_BEGUN = "scan_begun"


def known_otherwise(
    connection: sqlite3.Connection, left: Mapping[int, dict[str, FileStat]]
) -> list[KnownImage]:
    """Return the images of the sources in ``left``, including missing ones, without unchanged ones.

    Args:
        connection: connection to the project's database.
        left: the files by source; unchanged ones (usually nearly all) are removed from it.
    """
    others: list[int] = []
    # Read all rows in one pass: using an index for each source takes longer.
    for number, source, path, size, mtime, read in connection.execute(
        f"SELECT id, source_id, path, size, mtime_ns, {READ} FROM images"  # noqa: S608 - fixed text
    ):
        files = left.get(source)
        if files is None:
            continue
        if read and files.get(path) == (size, mtime):
            del files[path]
        else:
            others.append(number)
    known = _known(connection, "id IN (SELECT value FROM json_each(?))", (json.dumps(others),))
    return sorted(known, key=lambda image: image.place)


def unread_images(connection: sqlite3.Connection, sources: Sequence[int]) -> list[KnownImage]:
    """Return the images that were listed but not read yet."""
    where = f"{READABLE} AND content = '' AND source_id IN (SELECT value FROM json_each(?))"  # noqa: S608
    return _known(connection, where, (json.dumps(sources),))


def _known(connection: sqlite3.Connection, where: str, values: Sequence[object]) -> list[KnownImage]:
    rows = connection.execute(
        f"""SELECT id, source_id, path, size, mtime_ns, content, missing, reason IS NULL FROM images
        WHERE {where}""",  # noqa: S608 - fixed text
        values,
    )
    return [
        KnownImage(number, (source, path), (size, mtime), content, bool(missing), bool(readable))
        for number, source, path, size, mtime, content, missing, readable in rows
    ]


def apply_decision(
    connection: sqlite3.Connection,
    comparison: Comparison,
    decision: Decision,
    stats: Mapping[Place, FileStat],
) -> None:
    """Write which images moved, returned or are missing. All paths are freed before new ones are set."""
    leaving = [image.id for image, _ in decision.moved] + [image.id for image in decision.gone]
    connection.executemany("UPDATE images SET missing = 1 WHERE id = ?", [(number,) for number in leaving])
    places = [(image.id, image.place) for image in comparison.returned + decision.same]
    places += [(image.id, place) for image, place in decision.moved]
    connection.executemany(
        """UPDATE images SET missing = 0, forgotten = 0,
        source_id = ?, path = ?, size = ?, mtime_ns = ? WHERE id = ?""",
        [(*place, *stats[place], number) for number, place in places],
    )


def list_images(
    connection: sqlite3.Connection, places: Sequence[Place], found: Mapping[Place, FileStat]
) -> None:
    """Add images whose files have not been read yet."""
    connection.executemany(
        "INSERT INTO images (source_id, path, size, mtime_ns, content) VALUES (?, ?, ?, ?, '')",
        [(*place, *found[place]) for place in sorted(places)],
    )


def write_readings(
    connection: sqlite3.Connection, batch: Sequence[tuple[KnownImage, FileStat, FileReading]]
) -> tuple[int, list[int], int]:
    """Write read files; return the number of new images, the ids of changed ones, the number of unchanged."""
    new, changed, unchanged = 0, [], 0
    for image, _, reading in batch:
        if image.unread:
            new += 1
        elif reading.content == image.content and (reading.reason is None) == image.readable:
            unchanged += 1
        else:
            changed.append(image.id)
    connection.executemany(
        """UPDATE images SET missing = 0, forgotten = 0,
        size = ?, mtime_ns = ?, content = ?, format = ?, width = ?, height = ?, grey = ?, reason = ?,
        facts = ? WHERE id = ?""",
        [(*_columns(reading, stat), image.id) for image, stat, reading in batch],
    )
    fingerprints = [
        (reading.content, reading.fingerprint) for _, _, reading in batch if reading.fingerprint is not None
    ]
    connection.executemany(
        "INSERT OR IGNORE INTO looks (content, dhash, tiny) VALUES (?, ?, ?)",
        [(content, one.dhash, one.tiny) for content, one in fingerprints],
    )
    _tell_history(connection, changed)
    return new, changed, unchanged


def _columns(
    reading: FileReading, stat: FileStat
) -> tuple[int, int, str, str, int, int, int, str | None, str]:
    facts, fingerprint = reading.facts, reading.fingerprint
    return (
        *stat,
        reading.content,
        facts.format if facts is not None else "",
        facts.width if facts is not None else 0,
        facts.height if facts is not None else 0,
        int(fingerprint is not None and fingerprint.grey),
        reading.reason,
        reading.facts_json,
    )


def _tell_history(connection: sqlite3.Connection, changed: Sequence[int]) -> None:
    """Record in the history of labelled images that the file changed and the label was kept."""
    labels = [
        connection.execute("SELECT id, class_id, class_id FROM images WHERE id = ?", (number,)).fetchone()
        for number in changed
    ]
    changes = [LabelChange(*row) for row in labels if row[1] is not None]
    if changes:
        entry = JournalEntry("The file changed; its label was kept", "changed", undoable=False)
        journal.record(connection, entry, Changes(changes))


def totals(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Return the numbers of missing images, of existing but unreadable ones, and of all."""
    row = connection.execute(
        f"""SELECT COALESCE(SUM(missing), 0), COALESCE(SUM(NOT missing AND reason IS NOT NULL), 0), COUNT(*)
        FROM images WHERE {KEPT}"""  # noqa: S608 - fixed text
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2])


def readable_images(connection: sqlite3.Connection) -> frozenset[int]:
    """Return the ids of the images whose file could be read when it was last looked at."""
    rows = connection.execute("SELECT id FROM images WHERE NOT missing AND reason IS NULL")
    return frozenset(number for (number,) in rows)


def quarantined_images(connection: sqlite3.Connection) -> frozenset[int]:
    """Return the ids of the images whose file is there and cannot be read."""
    rows = connection.execute("SELECT id FROM images WHERE NOT missing AND reason IS NOT NULL")
    return frozenset(number for (number,) in rows)


def size_notes(connection: sqlite3.Connection, images: int) -> list[str]:
    """Return notes if there are too few images or classes for training."""
    if images == 0:
        return [
            "No pictures were found; choose a folder that holds JPEG, PNG, TIFF, DICOM or other picture files"
        ]
    classes = all_classes(connection)
    if not classes:
        (tables,) = connection.execute("SELECT count(labels) FROM sources").fetchone()
        other = "choose another table" if tables else "name a table"
        return [f"No labels were found; label the images by hand, or {other} of labels"]
    if len(classes) == 1:
        return [f'There is one class only ("{classes[0].name}"); a classifier needs at least two']
    return (
        [f"There is {plural(images, 'image')} only; a classifier needs several of each class"]
        if images == 1
        else []
    )


def note_begin(connection: sqlite3.Connection) -> None:
    """Record that a scan has started; ``keep_report`` records its end."""
    meta.put(connection, _BEGUN, "yes")


def has_begun(connection: sqlite3.Connection) -> bool:
    """Return whether a scan started and did not end, because the program was killed."""
    return meta.get(connection, _BEGUN) is not None


def keep_report(connection: sqlite3.Connection, report: ScanReport) -> None:
    """Store the report in the project."""
    meta.put(connection, "last_scan", json.dumps(asdict(report)))
    meta.drop(connection, _BEGUN)


def kept_report(connection: sqlite3.Connection) -> ScanReport | None:
    """Return the stored report, None before the first scan."""
    text = meta.get(connection, "last_scan")
    if text is None:
        return None
    values: dict[str, Any] = json.loads(text)
    lists = ("rows_without_file", "files_without_row", "notes", "understood", "changed_ids")
    values.update((key, tuple(values.get(key, ()))) for key in lists)
    values["left_out"] = LeftOut.of(values.get("left_out", {}))
    return ScanReport(**values)
