"""The values that images have in columns of tables and notes, and facts about each column."""

from __future__ import annotations

import bisect
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tldesk.dataset.name_order import folded
from tldesk.dataset.records import ColumnFacts, Columns, Role
from tldesk.dataset.store.database import Database
from tldesk.dataset.store.sql_conditions import KEPT, USED
from tldesk.dataset.tables.cell_values import are_numbers, known, number

STORAGE_FACTS = frozenset({"mode", "bits", "frames", "orientation", "identifying"})
"""Facts about how a file is stored; they are not offered as values or groups."""

_FEW_VALUES = 8  # a column with at most this many values is shown even if no two images share a value
_BINS = 10  # bins of a numeric column, with about the same number of images in each
_MOSTLY = 0.95  # fraction of cells equal to the class or file name that gives a column this role


def values_in(said: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Return an image's value in each of the columns, from its metadata ``said`` (JSON); "" if missing."""
    if not columns:
        return ()
    values = json.loads(said)
    return tuple(known(str(values.get(column) or "")) for column in columns)


def value_counts(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """Return metadata values from tables, notes and files: column -> value -> number of images, most first.

    Columns in which each of many images has a different value, and ``STORAGE_FACTS``, are left out.
    """
    rows = connection.execute(
        """WITH texts AS (
            SELECT facts AS text, COUNT(*) AS images FROM images GROUP BY facts
            UNION ALL SELECT known, COUNT(*) FROM images
            WHERE metadata != '{}' OR noted != '{}' GROUP BY known)
        SELECT key, value, SUM(images) AS number FROM texts, json_each(texts.text)
        WHERE value IS NOT NULL AND value != '' GROUP BY key, value ORDER BY key, number DESC, value"""
    )
    found: dict[str, dict[str, int]] = {}
    for key, value, images in rows:
        if key not in STORAGE_FACTS:
            found.setdefault(key, {})[str(value)] = images
    return {
        key: values for key, values in found.items() if len(values) <= _FEW_VALUES or max(values.values()) > 1
    }


class ImageValues:
    """The images' column values, available as ``project.values``."""

    def __init__(self, database: Database, roots: Callable[[], Mapping[int, Path]]) -> None:
        """``roots`` returns the folder of each source by its id."""
        self._database = database
        self._roots = roots

    def facts(self) -> tuple[ColumnFacts, ...]:
        """Return facts about each column of tables and notes, by name, over the usable, labelled images."""
        with self._database.read() as connection:
            return column_facts(connection)

    def of(self, paths: Iterable[Path], columns: Sequence[str]) -> dict[Path, dict[str, str]]:
        """Return the column values (column -> text) of files that are images of the project, by path."""
        wanted = {path.absolute(): path for path in paths}
        found: dict[Path, dict[str, str]] = {}
        roots = self._roots()
        with self._database.read() as connection:
            rows = connection.execute(f"SELECT source_id, path, known FROM images WHERE {KEPT}")  # noqa: S608
            for source, place, said in rows:
                path = wanted.get(roots[source] / place)
                if path is not None:
                    texts = values_in(said, columns)
                    found[path] = {name: text for name, text in zip(columns, texts, strict=True) if text}
        return found


@dataclass
class _Column:
    """The non-empty cells of one column."""

    texts: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    named: int = 0  # number of cells equal to the class name
    filed: int = 0  # number of cells equal to the file name


def column_facts(connection: sqlite3.Connection) -> tuple[ColumnFacts, ...]:
    """Return facts about each column; see ``ImageValues.facts``."""
    rows = connection.execute(
        f"""SELECT class_id, (SELECT name FROM classes WHERE classes.id = class_id), path, known
        FROM images WHERE {USED}"""  # noqa: S608 - fixed text
    ).fetchall()
    columns: dict[str, _Column] = {}
    for label, name, path, said in rows:
        names = {folded(path), folded(PurePosixPath(path).name), folded(PurePosixPath(path).stem)}
        for column, cell in json.loads(said).items():
            text = known(str(cell))
            if not text:
                continue
            one = columns.setdefault(column, _Column())
            one.texts.append(text)
            one.labels.append(label)
            one.named += folded(text) == folded(name)
            one.filed += folded(text.replace("\\", "/")) in names
    totals, roles = Counter(row[0] for row in rows), _roles(connection)
    return tuple(_facts(name, columns[name], totals, roles) for name in sorted(columns))


def _facts(name: str, column: _Column, totals: Counter[int], roles: Mapping[str, Role]) -> ColumnFacts:
    texts, words = column.texts, set(column.texts)
    numeric = are_numbers(words)
    role = roles.get(name)
    if role is None and column.named >= _MOSTLY * len(texts):
        role = "label"
    if role is None and (column.filed >= _MOSTLY * len(texts) or (numeric and _is_running(words, texts))):
        role = "image"
    return ColumnFacts(
        name, totals.total(), len(texts), len(words), numeric, role, _tells(column, numeric, totals)
    )


def _roles(connection: sqlite3.Connection) -> dict[str, Role]:
    """Return the roles of columns in the tables of the project's folders."""
    roles: dict[str, Role] = {}
    for (text,) in connection.execute("SELECT columns FROM sources WHERE columns IS NOT NULL"):
        columns = Columns.from_json(text)
        own: tuple[tuple[str | None, Role], ...] = (
            (columns.group, "group"),
            (columns.split, "split"),
            (columns.image, "image"),
            *((name, "label") for name in columns.classes),
        )
        roles |= {name: role for name, role in own if name is not None}
    return roles


def _is_running(words: set[str], texts: Sequence[str]) -> bool:
    """Return whether a column only numbers the images: all different, whole, without gaps."""
    if len(words) < len(texts) or len(words) < _BINS:
        return False
    values = [value for value in map(number, words) if value is not None]
    return all(value.is_integer() for value in values) and max(values) - min(values) + 1 == len(values)


def _tells(column: _Column, numeric: bool, totals: Counter[int]) -> float:
    """Return how well a column alone predicts the class, 0..1; see ``ColumnFacts.tells``.

    Numbers in the same of ten bins count as equal. Images without a value count as not predicted.
    """
    kinds: Sequence[str | int] = _tenths(column.texts) if numeric else column.texts
    held: dict[str | int, Counter[int]] = {}
    for kind, label in zip(kinds, column.labels, strict=True):
        held.setdefault(kind, Counter())[label] += 1
    right = Counter[int]()
    for counts in held.values():
        for label, count in counts.items():
            others = max((number for other, number in counts.items() if other != label), default=0)
            right[label] += count if count - 1 > others else 0
    return sum(right[label] / total for label, total in totals.items()) / max(1, len(totals))


def _tenths(texts: Sequence[str]) -> list[int]:
    values = [number(text) or 0.0 for text in texts]
    ordered = sorted(values)
    edges = sorted({ordered[len(ordered) * part // _BINS] for part in range(1, _BINS)})
    return [bisect.bisect_right(edges, value) for value in values]
