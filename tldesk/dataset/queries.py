"""Database queries: the images that match a filter, their records, the project's summary, its snapshot."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tldesk.base import Problem, ProblemError
from tldesk.dataset.records import Facts, Filter, ImageRecord, Mark, Reading, Split
from tldesk.dataset.snapshot import Snapshot, SnapshotItem
from tldesk.dataset.store import rendering_setting
from tldesk.dataset.store.class_table import all_classes
from tldesk.dataset.store.sql_conditions import KEPT, READ, READABLE, USABLE, USED
from tldesk.dataset.tables.column_values import values_in
from tldesk.imaging.prepared_cache import QUICK_BITS, QUICK_FORMATS, QUICK_PIXELS

MISSING = "The file is no longer there. Put it back, or leave it out."
_READING = "SELECT 1 FROM readings WHERE image_id = images.id AND reader = ?"
_HAS_VALUE = """EXISTS (SELECT 1 FROM (SELECT key, value FROM json_each(known)
    UNION ALL SELECT key, value FROM json_each(facts)) WHERE key = ? AND value = ?)"""
_GREY_SHARE = 0.95
Roots = Mapping[int, Path]


def _where(wanted: Filter) -> tuple[str, list[object]]:
    """Return the filter as an SQL condition and its bound values; user text is never part of the SQL."""
    conditions: list[tuple[str, tuple[object, ...]]] = [*_label_conditions(wanted)]
    if wanted.split is not None:
        conditions.append(("split = ?", (str(wanted.split),)))
    if wanted.text:
        conditions.append((r"path LIKE ? ESCAPE '\'", (f"%{_escaped(wanted.text)}%",)))
    conditions += [(_HAS_VALUE, pair) for pair in wanted.values]
    if wanted.rendered:
        conditions.append((rendering_setting.MATTERS, ()))
    if wanted.ids is not None:
        conditions.append(("id IN (SELECT value FROM json_each(?))", (json.dumps(wanted.ids),)))
    conditions += [(text, ()) for text in _kept_apart(wanted, named=bool(conditions))]
    if wanted.ids is None:
        conditions.append((KEPT, ()))
    text = " AND ".join(condition for condition, _ in conditions) or "1"
    return text, [value for _, values in conditions for value in values]


def _label_conditions(wanted: Filter) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Yield conditions on the label, or on the class given by a further reader."""
    if wanted.reader is None:
        if wanted.class_id is not None:
            yield "class_id = ?", (wanted.class_id,)
        if wanted.unlabelled:
            yield "class_id IS NULL", ()
        return
    if wanted.class_id is not None:
        yield f"EXISTS ({_READING} AND class_id = ?)", (wanted.reader, wanted.class_id)
    if wanted.unlabelled:
        yield f"NOT EXISTS ({_READING})", (wanted.reader,)


def _kept_apart(wanted: Filter, *, named: bool) -> Iterator[str]:
    """Yield conditions that leave out unreadable and excluded images unless the filter requests them.

    ``named``: the filter has a condition on label, split, text, values, rendering or ids.
    """
    asked = named or wanted.mark is not None
    if wanted.missing:
        yield "missing"
    elif wanted.quarantined:
        yield f"NOT ({READABLE})"
    elif asked and wanted.ids is None:
        yield READABLE
    if wanted.mark is not None:
        yield str(wanted.mark)
    elif asked and wanted.ids is None and not (wanted.quarantined or wanted.missing):
        yield "NOT excluded"


def _escaped(text: str) -> str:
    for sign in "\\%_":
        text = text.replace(sign, f"\\{sign}")
    return text


def count(connection: sqlite3.Connection, wanted: Filter) -> int:
    """Return the number of images that match a filter."""
    where, values = _where(wanted)
    return int(connection.execute(f"SELECT COUNT(*) FROM images WHERE {where}", values).fetchone()[0])  # noqa: S608


def ids(connection: sqlite3.Connection, wanted: Filter) -> list[int]:
    """Return the ids of the images that match a filter, ordered by source and path."""
    where, values = _where(wanted)
    rows = connection.execute(
        f"SELECT id FROM images WHERE {where} ORDER BY source_id, path, id",  # noqa: S608
        values,
    )
    return [row[0] for row in rows]


def records(connection: sqlite3.Connection, wanted: Sequence[int], roots: Roots) -> list[ImageRecord]:
    """Return the records of images in the order of ``wanted``.

    Raises:
        ProblemError: one of the ids is unknown.
    """
    rows = connection.execute(
        """SELECT images.id, source_id, path, content, width, height, format, class_id, classes.name, split,
        group_name, reason, missing, unsure, excluded, known, facts,
        (SELECT json_group_object(reader, readings.class_id) FROM readings WHERE image_id = images.id)
        FROM images LEFT JOIN classes ON classes.id = class_id
        WHERE images.id IN (SELECT value FROM json_each(?))""",
        (json.dumps(list(wanted)),),
    )
    found = {row[0]: _record(row, roots) for row in rows}
    refuse_unknown(wanted, found)
    return [found[number] for number in wanted]


def refuse_unknown(wanted: Sequence[int], known: Mapping[int, object]) -> None:
    """Raise a ProblemError if one of the ids ``wanted`` is not in ``known``."""
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
        unsure,
        excluded,
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
        marks=frozenset(mark for mark, is_set in zip(Mark, (unsure, excluded), strict=True) if is_set),
        readings=json.loads(texts[2]),
    )


def path_of(connection: sqlite3.Connection, content: str, roots: Roots) -> Path | None:
    """Return the path of a readable file with this content hash, None if there is none."""
    row = connection.execute(
        f"SELECT source_id, path FROM images WHERE content = ? AND {READ} ORDER BY id LIMIT 1",  # noqa: S608
        (content,),
    ).fetchone()
    return None if row is None else roots[row[0]] / row[1]


def slow_to_decode(connection: sqlite3.Connection, roots: Roots) -> list[tuple[Path, str]]:
    """Return the files, with content hashes, for which ``prepared_cache.is_quick`` is false; opens none."""
    quick = ", ".join(f"'{name}'" for name in QUICK_FORMATS)
    rows = connection.execute(
        f"""SELECT source_id, path, content FROM images WHERE {READ} AND NOT (
        format IN ({quick}) AND width * height <= ? AND json_extract(facts, '$.bits') + 0 <= ?)
        ORDER BY source_id, path, id""",  # noqa: S608 - fixed text
        (QUICK_PIXELS, QUICK_BITS),
    )
    return [(roots[source] / path, content) for source, path, content in rows]


def facts(connection: sqlite3.Connection) -> Facts:
    """Return the counts and median sizes that summarise the project."""
    total, readable, read, grey, excluded = connection.execute(
        f"""SELECT COUNT(*), COALESCE(SUM({READABLE}), 0), COALESCE(SUM({READ}), 0),
        COALESCE(SUM(grey AND {READ}), 0), COALESCE(SUM(excluded AND {READABLE}), 0)
        FROM images WHERE {KEPT}"""  # noqa: S608
    ).fetchone()
    by_class = dict(_grouped(connection, "class_id"))
    by_split = {str(split): number for split, number in _grouped(connection, "split")}
    classes = all_classes(connection)
    return Facts(
        images=total,
        labelled=sum(by_class.values()),
        quarantined=total - readable,
        excluded=excluded,
        unread=readable - read,
        class_counts=tuple((one.name, by_class.get(one.id, 0)) for one in classes),
        split_counts={split: by_split.get(str(split), 0) for split in Split},
        groups=connection.execute("SELECT COUNT(DISTINCT group_name) FROM images").fetchone()[0],
        median_width=_median(connection, "width"),
        median_height=_median(connection, "height"),
        grey=read > 0 and grey >= _GREY_SHARE * read,
    )


def _grouped(connection: sqlite3.Connection, column: str) -> list[tuple[Any, int]]:
    """Count the labelled readable images by the value of a column."""
    return connection.execute(
        f"SELECT {column}, COUNT(*) FROM images WHERE {USED} GROUP BY {column}"  # noqa: S608
    ).fetchall()


def _median(connection: sqlite3.Connection, column: str) -> int:
    """Return the lower median of a column over the readable images; 0 if there are none."""
    row = connection.execute(
        f"""SELECT {column} FROM images WHERE {READ} ORDER BY {column}
        LIMIT 1 OFFSET (SELECT MAX(0, (COUNT(*) - 1) / 2) FROM images WHERE {READ})"""  # noqa: S608
    ).fetchone()
    return int(row[0]) if row else 0


def readers(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return the names of the further readers, sorted."""
    return tuple(row[0] for row in connection.execute("SELECT DISTINCT reader FROM readings ORDER BY reader"))


def readings(connection: sqlite3.Connection) -> list[Reading]:
    """Return the readings of the usable images that at least one further reader has read."""
    rows = connection.execute(
        f"""SELECT id, images.class_id, json_group_object(reader, readings.class_id)
        FROM images JOIN readings ON image_id = id WHERE {USABLE}
        GROUP BY id ORDER BY source_id, path, id"""  # noqa: S608
    )
    return [Reading(number, label, json.loads(said)) for number, label, said in rows]


def snapshot(connection: sqlite3.Connection, roots: Roots, columns: Sequence[str] = ()) -> Snapshot:
    """Return a snapshot of the labelled, readable images in a split, with their values of ``columns``."""
    classes = all_classes(connection)
    index = {one.id: place for place, one in enumerate(classes)}
    said = "known" if columns else "'{}'"
    rows = connection.execute(
        f"""SELECT id, source_id, path, content, class_id, split, group_name, {said} FROM images
        WHERE {USED} AND split IS NOT NULL ORDER BY source_id, path, id"""  # noqa: S608
    )
    items = tuple(
        SnapshotItem(
            number,
            roots[source] / path,
            content,
            index[class_id],
            Split(split),
            group,
            values_in(said, columns),
        )
        for number, source, path, content, class_id, split, group, said in rows
    )
    names, ids = tuple(one.name for one in classes), tuple(one.id for one in classes)
    return Snapshot(names, items, rendering_setting.of_project(connection), ids, tuple(columns))
