"""Questions to the database: which images, what is known of them, the project in numbers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median_low
from typing import Any

import numpy as np

from tldesk.base import Problem, ProblemError
from tldesk.dataset.classes import all_classes
from tldesk.dataset.looks import find_alike
from tldesk.dataset.quality import Oddity, oddities
from tldesk.dataset.records import Facts, Filter, ImageRecord, Split
from tldesk.dataset.snapshot import Item, Snapshot
from tldesk.imaging.prepared import QUICK_BITS, QUICK_FORMATS, QUICK_PIXELS

MISSING = "The file is no longer there. Put it back, or leave it out."
_READABLE = "reason IS NULL AND NOT missing"
_USED = f"{_READABLE} AND class_id IS NOT NULL"
_GREY_SHARE = 0.95
Roots = Mapping[int, Path]


def _where(wanted: Filter) -> tuple[str, list[object]]:
    """The filter as SQL; only fixed text goes into the statement, values are bound."""
    conditions: list[tuple[str, object]] = []
    if wanted.class_id is not None:
        conditions.append(("class_id = ?", wanted.class_id))
    if wanted.unlabelled:
        conditions.append(("class_id IS NULL AND ?", 1))
    if wanted.split is not None:
        conditions.append(("split = ?", str(wanted.split)))
    if wanted.text:
        conditions.append((r"path LIKE ? ESCAPE '\'", f"%{_escaped(wanted.text)}%"))
    if wanted.ids is not None:
        conditions.append(("id IN (SELECT value FROM json_each(?))", json.dumps(wanted.ids)))
    if wanted.quarantined:
        conditions.append((f"NOT ({_READABLE}) AND ?", 1))
    elif conditions:
        conditions.append((f"{_READABLE} AND ?", 1))
    text = " AND ".join(condition for condition, _ in conditions) or "1"
    return text, [value for _, value in conditions]


def _escaped(text: str) -> str:
    for sign in "\\%_":
        text = text.replace(sign, f"\\{sign}")
    return text


def count(connection: sqlite3.Connection, wanted: Filter) -> int:
    """How many images a filter lets through."""
    where, values = _where(wanted)
    return int(connection.execute(f"SELECT COUNT(*) FROM images WHERE {where}", values).fetchone()[0])  # noqa: S608


def ids(connection: sqlite3.Connection, wanted: Filter) -> list[int]:
    """The images that a filter lets through, by source and path."""
    where, values = _where(wanted)
    rows = connection.execute(
        f"SELECT id FROM images WHERE {where} ORDER BY source_id, path, id",  # noqa: S608
        values,
    )
    return [row[0] for row in rows]


def records(connection: sqlite3.Connection, wanted: Sequence[int], roots: Roots) -> list[ImageRecord]:
    """The images' records in the order of ``wanted``.

    Raises:
        ProblemError: an id that no image has.
    """
    rows = connection.execute(
        """SELECT images.id, source_id, path, content, width, height, format, class_id, classes.name, split,
        group_name, reason, missing, metadata, facts
        FROM images LEFT JOIN classes ON classes.id = class_id
        WHERE images.id IN (SELECT value FROM json_each(?))""",
        (json.dumps(list(wanted)),),
    )
    found = {row[0]: _record(row, roots) for row in rows}
    refuse_unknown(wanted, found)
    return [found[number] for number in wanted]


def refuse_unknown(wanted: Sequence[int], known: Mapping[int, object]) -> None:
    """Raise a ProblemError if a wanted image is not known."""
    unknown = [number for number in wanted if number not in known]
    if unknown:
        raise ProblemError(
            Problem("images", f"the project has no image number {unknown[0]}", "Scan the project again")
        )


def _record(row: tuple[Any, ...], roots: Roots) -> ImageRecord:
    (
        number,
        source,
        path,
        content,
        width,
        height,
        kind,
        class_id,
        name,
        split,
        group,
        reason,
        missing,
        *texts,
    ) = row
    return ImageRecord(
        id=number,
        path=roots[source] / path,
        content=content,
        width=width,
        height=height,
        format=kind,
        class_id=class_id,
        class_name=name,
        split=Split(split) if split is not None else None,
        group=group,
        reason=MISSING if missing else reason,
        metadata=json.loads(texts[0]),
        facts=json.loads(texts[1]),
    )


def path_of(connection: sqlite3.Connection, content: str, roots: Roots) -> Path | None:
    """Where a readable file with this content lies."""
    row = connection.execute(
        f"SELECT source_id, path FROM images WHERE content = ? AND {_READABLE} ORDER BY id LIMIT 1",  # noqa: S608
        (content,),
    ).fetchone()
    return None if row is None else roots[row[0]] / row[1]


def slow_to_decode(connection: sqlite3.Connection, roots: Roots) -> list[tuple[Path, str]]:
    """Files, with their contents, for which ``imaging.prepared.is_quick`` says no; opens none of them."""
    quick = ", ".join(f"'{name}'" for name in QUICK_FORMATS)
    rows = connection.execute(
        f"""SELECT source_id, path, content FROM images WHERE {_READABLE} AND NOT (
        format IN ({quick}) AND width * height <= ? AND json_extract(facts, '$.bits') + 0 <= ?)
        ORDER BY source_id, path, id""",  # noqa: S608 - fixed text
        (QUICK_PIXELS, QUICK_BITS),
    )
    return [(roots[source] / path, content) for source, path, content in rows]


def facts(connection: sqlite3.Connection) -> Facts:
    """The project in numbers."""
    total, readable, grey = connection.execute(
        f"SELECT COUNT(*), COALESCE(SUM({_READABLE}), 0), COALESCE(SUM(grey AND {_READABLE}), 0) FROM images"  # noqa: S608
    ).fetchone()
    by_class = dict(_grouped(connection, "class_id"))
    by_split = {str(split): number for split, number in _grouped(connection, "split")}
    classes = all_classes(connection)
    return Facts(
        images=total,
        labelled=sum(by_class.values()),
        quarantined=total - readable,
        class_counts=tuple((one.name, by_class.get(one.id, 0)) for one in classes),
        split_counts={split: by_split.get(str(split), 0) for split in Split},
        groups=connection.execute("SELECT COUNT(DISTINCT group_name) FROM images").fetchone()[0],
        median_width=_median(connection, "width"),
        median_height=_median(connection, "height"),
        grey=readable > 0 and grey >= _GREY_SHARE * readable,
    )


def _grouped(connection: sqlite3.Connection, column: str) -> list[tuple[Any, int]]:
    """Labelled readable images for each value of a column."""
    return connection.execute(
        f"SELECT {column}, COUNT(*) FROM images WHERE {_USED} GROUP BY {column}"  # noqa: S608
    ).fetchall()


def _median(connection: sqlite3.Connection, column: str) -> int:
    values = [row[0] for row in connection.execute(f"SELECT {column} FROM images WHERE {_READABLE}")]  # noqa: S608
    return median_low(values) if values else 0


def alike(connection: sqlite3.Connection) -> list[tuple[str, str, float]]:
    """Pairs of different readable contents that look alike, with their correlation."""
    rows = connection.execute(
        f"""SELECT content, dhash, tiny FROM looks
        WHERE content IN (SELECT content FROM images WHERE {_READABLE}) ORDER BY content"""  # noqa: S608
    ).fetchall()
    pairs = find_alike([row[1] for row in rows], [row[2] for row in rows])
    return [(rows[pair.first][0], rows[pair.second][0], pair.score) for pair in pairs]


def odd_images(connection: sqlite3.Connection) -> dict[Oddity, list[int]]:
    """Readable images that stand out, by how."""
    rows = connection.execute(
        f"""SELECT id, width, height, tiny FROM images JOIN looks USING (content)
        WHERE {_READABLE} ORDER BY source_id, path, id"""  # noqa: S608
    ).fetchall()
    sizes = np.array([row[1:3] for row in rows]).reshape(-1, 2)
    found = oddities(sizes, [row[3] for row in rows])
    return {kind: [rows[place][0] for place in places.tolist()] for kind, places in found.items()}


def snapshot(connection: sqlite3.Connection, roots: Roots) -> Snapshot:
    """The labelled, readable images that are in a split."""
    classes = all_classes(connection)
    index = {one.id: place for place, one in enumerate(classes)}
    rows = connection.execute(
        f"""SELECT id, source_id, path, content, class_id, split, group_name FROM images
        WHERE {_USED} AND split IS NOT NULL ORDER BY source_id, path, id"""  # noqa: S608
    )
    items = tuple(
        Item(number, roots[source] / path, content, index[class_id], Split(split), group)
        for number, source, path, content, class_id, split, group in rows
    )
    return Snapshot(tuple(one.name for one in classes), items)
