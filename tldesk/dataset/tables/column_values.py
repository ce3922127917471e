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
"""Facts of a file that say how it is stored; they are not offered as values or groups of images."""

_FEW_VALUES = 8  # a column with so few is shown though no two images share a value
_BINS = 10  # of a column of numbers, about as many images in each
_MOSTLY = 0.95  # of the images: a column that is nearly always the class, or the file's name


def values_in(said: str, columns: Sequence[str]) -> tuple[str, ...]:
    """The image's value in each of the columns, from its metadata (JSON); "" where it has none."""
    if not columns:
        return ()
    values = json.loads(said)
    return tuple(known(str(values.get(column) or "")) for column in columns)


def value_counts(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """The values that tables, people and files give images: column to value to number of images, most first.

    Columns in which each of many images has another value, and how files are stored, are left out.
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
    """Questions about columns; ``project.values``."""

    def __init__(self, database: Database, roots: Callable[[], Mapping[int, Path]]) -> None:
        """``roots`` gives the folder of each source by its id."""
        self._database = database
        self._roots = roots

    def facts(self) -> tuple[ColumnFacts, ...]:
        """Facts about each column filled by tables and people, sorted by name; of usable, labelled images."""
        with self._database.read() as connection:
            return column_facts(connection)

    def of(self, paths: Iterable[Path], columns: Sequence[str]) -> dict[Path, dict[str, str]]:
        """The values of the project's own images, column to text, by file; files of others are left out."""
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
    """One column's cells, of the images that have any."""

    texts: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    named: int = 0  # cells that are the class's name
    filed: int = 0  # cells that are the file's name


def column_facts(connection: sqlite3.Connection) -> tuple[ColumnFacts, ...]:
    """See ``ImageValues.facts``."""
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
    """What the tables of the project's folders use columns for."""
    roles: dict[str, Role] = {}
    for (text,) in connection.execute("SELECT columns FROM sources WHERE columns IS NOT NULL"):
        columns = Columns(**json.loads(text))
        own: list[tuple[str | None, Role]] = [
            (columns.group, "group"),
            (columns.split, "split"),
            (columns.image, "image"),
            (columns.label, "label"),
        ]
        roles |= {name: role for name, role in own if name is not None}
    return roles


def _is_running(words: set[str], texts: Sequence[str]) -> bool:
    """Whether the numbers only count the images: all different, whole, without a gap."""
    if len(words) < len(texts) or len(words) < _BINS:
        return False
    values = [value for value in map(number, words) if value is not None]
    return all(value.is_integer() for value in values) and max(values) - min(values) + 1 == len(values)


def _tells(column: _Column, numeric: bool, totals: Counter[int]) -> float:
    """Mean share of each class's images whose class most other images with the same value have.

    Numbers count as the same within a tenth of the images; an image without a value tells nothing.
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
