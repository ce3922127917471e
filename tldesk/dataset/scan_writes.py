"""What a scan reads from and writes to the database; the caller holds the transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tldesk.base import plural
from tldesk.dataset import journal, meta
from tldesk.dataset.changes import Changes, LabelChange
from tldesk.dataset.classes import all_classes
from tldesk.dataset.journal import Entry
from tldesk.dataset.probe import Probe
from tldesk.dataset.reconcile import Comparison, Decision, Known, Place
from tldesk.dataset.records import ScanReport
from tldesk.dataset.walk import FileStat

_BEGUN = "scan_begun"


def known_images(
    connection: sqlite3.Connection, source: int, found: Mapping[Place, FileStat]
) -> tuple[list[Known], set[Place]]:
    """The images of a source, missing ones included, apart from those whose file is as it was.

    Of these only the places: of 100,000 images as a rule all.
    """
    rows = connection.execute(
        """SELECT path, size, mtime_ns, id, content, missing, reason IS NULL FROM images
        WHERE source_id = ?""",
        (source,),
    )
    others: list[Known] = []
    same: set[Place] = set()
    for path, size, mtime, number, content, missing, readable in rows:
        place = (source, path)
        if readable and not missing and found.get(place) == (size, mtime):
            same.add(place)
        else:
            stat = FileStat(size, mtime)
            others.append(Known(number, place, stat, content, bool(missing), bool(readable)))
    return others, same


def apply_decision(
    connection: sqlite3.Connection,
    comparison: Comparison,
    decision: Decision,
    stats: Mapping[Place, FileStat],
) -> None:
    """Note what moved, came back and went away. All leave their places first, then the moved take theirs."""
    leaving = [image.id for image, _ in decision.moved] + [image.id for image in decision.gone]
    connection.executemany("UPDATE images SET missing = 1 WHERE id = ?", [(number,) for number in leaving])
    places = [(image.id, image.place) for image in comparison.returned + decision.same]
    places += [(image.id, place) for image, place in decision.moved]
    connection.executemany(
        "UPDATE images SET missing = 0, source_id = ?, path = ?, size = ?, mtime_ns = ? WHERE id = ?",
        [(*place, stats[place].size, stats[place].mtime_ns, number) for number, place in places],
    )


def write_probes(
    connection: sqlite3.Connection,
    batch: Sequence[tuple[Place, Probe]],
    known: Mapping[Place, Known],
    stats: Mapping[Place, FileStat],
) -> tuple[int, int, int]:
    """Add new images and renew changed ones; how many were added, changed, and as unreadable as before."""
    added, renewed, unchanged, changed = [], [], 0, []
    for place, probe in batch:
        values = _columns(probe, stats[place])
        image = known.get(place)
        if image is None:
            added.append((*place, *values))
            continue
        renewed.append((*values, image.id))
        if probe.content == image.content and (probe.reason is None) == image.readable:
            unchanged += 1
        else:
            changed.append(image.id)
    connection.executemany(
        """INSERT INTO images
        (source_id, path, size, mtime_ns, content, format, width, height, grey, reason, facts)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        added,
    )
    connection.executemany(
        """UPDATE images SET missing = 0,
        size = ?, mtime_ns = ?, content = ?, format = ?, width = ?, height = ?, grey = ?, reason = ?,
        facts = ? WHERE id = ?""",
        renewed,
    )
    connection.executemany(
        "INSERT OR IGNORE INTO looks (content, dhash, tiny) VALUES (?, ?, ?)",
        [(probe.content, probe.look.dhash, probe.look.tiny) for _, probe in batch if probe.look is not None],
    )
    _tell_history(connection, changed)
    return len(added), len(changed), unchanged


def _columns(probe: Probe, stat: FileStat) -> tuple[int, int, str, str, int, int, int, str | None, str]:
    facts, look = probe.facts, probe.look
    return (
        stat.size,
        stat.mtime_ns,
        probe.content,
        facts.format if facts is not None else "",
        facts.width if facts is not None else 0,
        facts.height if facts is not None else 0,
        int(look is not None and look.grey),
        probe.reason,
        probe.facts_json,
    )


def _tell_history(connection: sqlite3.Connection, changed: Sequence[int]) -> None:
    """Say in the history of labelled images that their file changed and the label stayed."""
    labels = [
        connection.execute("SELECT id, class_id, class_id FROM images WHERE id = ?", (number,)).fetchone()
        for number in changed
    ]
    changes = [LabelChange(*row) for row in labels if row[1] is not None]
    if changes:
        entry = Entry("The file changed; its label was kept", "changed", undoable=False)
        journal.record(connection, entry, Changes(changes))


def totals(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Missing, unreadable though there, all images."""
    row = connection.execute(
        """SELECT COALESCE(SUM(missing), 0), COALESCE(SUM(NOT missing AND reason IS NOT NULL), 0), COUNT(*)
        FROM images"""
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2])


def size_notes(connection: sqlite3.Connection, images: int) -> list[str]:
    """What a user should know who has too little to train with."""
    if images == 0:
        return [
            "No pictures were found; choose a folder that holds JPEG, PNG, TIFF, DICOM or other picture files"
        ]
    classes = all_classes(connection)
    if not classes:
        return ["No labels were found; label the images by hand, or name a table of labels"]
    if len(classes) == 1:
        return [f'There is one class only ("{classes[0].name}"); a classifier needs at least two']
    return (
        [f"There is {plural(images, 'image')} only; a classifier needs several of each class"]
        if images == 1
        else []
    )


def note_begin(connection: sqlite3.Connection) -> None:
    """Note that a scan began; ``keep_report`` ends it."""
    meta.put(connection, _BEGUN, "yes")


def has_begun(connection: sqlite3.Connection) -> bool:
    """Whether a scan began and did not come to its end, not even by being stopped."""
    return meta.get(connection, _BEGUN) is not None


def keep_report(connection: sqlite3.Connection, report: ScanReport) -> None:
    """Keep the report for after a restart."""
    meta.put(connection, "last_scan", json.dumps(asdict(report), ensure_ascii=False))
    meta.drop(connection, _BEGUN)


def kept_report(connection: sqlite3.Connection) -> ScanReport | None:
    """The kept report, None before the first scan."""
    text = meta.get(connection, "last_scan")
    if text is None:
        return None
    values: dict[str, Any] = json.loads(text)
    lists = ("rows_without_file", "files_without_row", "notes", "understood")
    values.update((key, tuple(values.get(key, ()))) for key in lists)
    return ScanReport(**values)
