"""Group rules. Images of a group (a patient, a plot, a camera burst) are always in the same split."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import PurePosixPath

from tldesk.base import Problem, ProblemError
from tldesk.dataset.files.augmented_copies import original_name
from tldesk.dataset.files.folder_tree import Folders
from tldesk.dataset.files.layout import Layout
from tldesk.dataset.files.layout_finder import find_layout
from tldesk.dataset.groups.persons import person_of
from tldesk.dataset.records import LayoutChoice
from tldesk.dataset.store import hand_groups, meta
from tldesk.dataset.store.changes import Edit, setting_edits
from tldesk.dataset.store.layout_setting import layout_choice, media_lists
from tldesk.dataset.tables.column_values import STORAGE_FACTS
from tldesk.imaging.tag_names import CAMERA, TAG_NAMES, TAKEN


@dataclass(frozen=True)
class FilenamePattern:
    r"""The group is the match of a regular expression in the file name: its capture groups, or all of it.

    ``FilenamePattern(r"plant(\d+)")`` puts plant12_a.jpg and plant12_b.jpg into group "12". Files without a
    match belong to no group.
    """

    regex: str


@dataclass(frozen=True)
class FolderGroups:
    """The group is the folders that are neither class nor split: "plot 7" for ``train/rust/plot 7/a.jpg``.

    Where one of them is a person's, it is the group alone: days, eyes and views of a person stay together.
    """


@dataclass(frozen=True)
class ColumnGroups:
    """The group is a column of the table of labels, or a fact of the file such as DICOM's ``PatientID``."""

    name: str


@dataclass(frozen=True)
class CopyGroups:
    """The group is a picture and its augmented copies, recognised by their file names."""


@dataclass(frozen=True)
class BurstGroups:
    """The group is a burst: pictures taken by one camera at most ``seconds`` after one another.

    Pictures without a time belong to no group.
    """

    seconds: int = 60


@dataclass(frozen=True)
class NoGroups:
    """No groups; stored as the user's decision, so that groups are not suggested again."""


GroupBy = FilenamePattern | FolderGroups | ColumnGroups | CopyGroups | BurstGroups | NoGroups

_KINDS: Mapping[str, type[GroupBy]] = {
    "filename": FilenamePattern,
    "folder": FolderGroups,
    "column": ColumnGroups,
    "copies": CopyGroups,
    "burst": BurstGroups,
    "none": NoGroups,
}
_BURST = re.compile(r"burst(?::(\d{1,6}))?")
_TAKEN_FORMAT = "%Y:%m:%d %H:%M:%S"
_MOST_COLUMNS = 8
"""Columns that a message lists."""
_Row = tuple[int, int, str, str, str]  # id, source, path, metadata JSON, facts JSON


@dataclass(frozen=True)
class GroupRows:
    """The data of all images that rules use, in the project's order.

    Attributes:
        rows: id, source, path, metadata (JSON) and facts (JSON) of each image.
        classes: class name of each image.
        with_table: ids of the sources with a table of labels.
        layouts: what the user chose for each source, and the lists of DICOM media in it.
    """

    rows: Sequence[_Row]
    classes: Sequence[str | None]
    with_table: Container[int]
    layouts: Mapping[int, tuple[LayoutChoice, tuple[str, ...]]]

    @classmethod
    def of(cls, connection: sqlite3.Connection) -> GroupRows:
        """Read the data of all images in the project."""
        found = connection.execute(
            """SELECT images.id, source_id, path, known, facts, classes.name
            FROM images LEFT JOIN classes ON classes.id = class_id ORDER BY source_id, path, images.id"""
        ).fetchall()
        with_table = {row[0] for row in connection.execute("SELECT id FROM sources WHERE labels IS NOT NULL")}
        layouts = {
            source: (layout_choice(connection, source), media_lists(connection, source))
            for source in {row[1] for row in found}
        }
        return cls([row[:5] for row in found], [row[5] for row in found], with_table, layouts)

    @property
    def paths(self) -> list[str]:
        """Paths relative to the source's folder, with forward slashes."""
        return [row[2] for row in self.rows]

    def names(self, by: GroupBy) -> list[str | None]:
        """Return the group name that a rule assigns to each image, None for no group.

        Raises:
            ProblemError: the rule is invalid.
        """
        name_of = _namer(by, self)
        return [name_of(row) for row in self.rows]


def parse_group_by(text: str, columns: Iterable[str] = ()) -> GroupBy:
    """Parse the argument of ``--group-by``: "folder", "copies", "burst", "burst:SECONDS", "none" (no groups),
    a column, a tag of the files (``tag_names``), or a regular expression for file names.

    Raises:
        ProblemError: the text is neither a column or tag nor a regular expression.
    """
    if text in columns or text in TAG_NAMES:
        return ColumnGroups(text)
    if text == "folder":
        return FolderGroups()
    if text in ("copies", "none"):
        return CopyGroups() if text == "copies" else NoGroups()
    burst = _BURST.fullmatch(text)
    if burst is not None:
        return BurstGroups(int(burst[1])) if burst[1] else BurstGroups()
    pattern = FilenamePattern(text)
    _compiled(pattern)
    return pattern


def refuse_without_match(by: GroupBy, paths: Iterable[str], columns: Sequence[str]) -> None:
    """Refuse a rule for file names that matches none of them; other rules need what a scan reads.

    Args:
        by: the rule.
        paths: the pictures' relative paths with forward slashes.
        columns: columns of the table of labels, which the message lists.

    Raises:
        ProblemError: the rule is invalid, or puts no picture into a group.
    """
    if isinstance(by, FilenamePattern):
        pattern = _compiled(by)
        if not any(_found(pattern, PurePosixPath(path).name) for path in paths):
            raise ProblemError(_no_group(by, columns))


def group_by_text(by: GroupBy) -> str:
    """Return the text that ``parse_group_by`` parses as this rule."""
    match by:
        case FilenamePattern():
            return by.regex
        case FolderGroups():
            return "folder"
        case ColumnGroups():
            return by.name
        case CopyGroups():
            return "copies"
        case BurstGroups():
            return f"burst:{by.seconds}"
        case NoGroups():
            return "none"


def group_by_to_json(by: GroupBy) -> str:
    """Return the rule as stored in the project."""
    kind = next(name for name, member in _KINDS.items() if isinstance(by, member))
    return json.dumps({"kind": kind, **asdict(by)})


def group_by_from_json(text: str) -> GroupBy:
    """Parse the text written by ``group_by_to_json``."""
    values = json.loads(text)
    return _KINDS[values.pop("kind")](**values)


def set_groups(connection: sqlite3.Connection, by: GroupBy) -> list[Edit]:
    """Assign groups to all images by a rule; return the edits that store the rule.

    The caller holds the transaction and records the edits in the journal.

    Raises:
        ProblemError: the rule is invalid, or puts no image into a group.
    """
    if not apply_groups(connection, by) and by != NoGroups():
        raise ProblemError(_no_group(by, columns(connection)))
    return setting_edits(connection, {"group_by": group_by_to_json(by)})


def apply_stored_groups(connection: sqlite3.Connection) -> None:
    """Apply the stored rule to all images; without one, only groups made by hand remain."""
    stored = meta.get(connection, "group_by")
    if stored is None:
        connection.execute("UPDATE images SET rule_group = NULL WHERE rule_group IS NOT NULL")
        hand_groups.join(connection)
    else:
        apply_groups(connection, group_by_from_json(stored))


def apply_groups(connection: sqlite3.Connection, by: GroupBy) -> int:
    """Write a rule's groups, joined with those made by hand; return the number of images the rule groups."""
    names = group_names(connection, by)
    connection.executemany(
        "UPDATE images SET rule_group = ? WHERE id = ? AND rule_group IS NOT ?",
        [(name, number, name) for number, name in names],
    )
    hand_groups.join(connection)
    return sum(name is not None for _, name in names)


def group_names(connection: sqlite3.Connection, by: GroupBy) -> list[tuple[int, str | None]]:
    """Return each image's id and the group name that a rule assigns; nothing is written.

    Raises:
        ProblemError: the rule is invalid.
    """
    rows = GroupRows.of(connection)
    return [(row[0], name) for row, name in zip(rows.rows, rows.names(by), strict=True)]


def columns(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return the columns of tables, then the facts of files, without facts on how a file is stored."""
    names: dict[str, None] = {}
    for column in ("known", "facts"):
        rows = connection.execute(f"SELECT DISTINCT key FROM images, json_each(images.{column}) ORDER BY key")  # noqa: S608
        hidden = STORAGE_FACTS if column == "facts" else frozenset()
        names.update((str(row[0]), None) for row in rows if row[0] not in hidden)
    return tuple(names)


def _namer(by: GroupBy, of: GroupRows) -> Callable[[_Row], str | None]:
    match by:
        case FilenamePattern():
            pattern = _compiled(by)
            return lambda row: _found(pattern, PurePosixPath(row[2]).name)
        case FolderGroups():
            layouts = _layouts(of)
            return lambda row: _of_folders(layouts[row[1]].rest_of(PurePosixPath(row[2]).parts[:-1]))
        case ColumnGroups():
            return lambda row: _value(row, by.name)
        case CopyGroups():
            return lambda row: original_name(PurePosixPath(row[2]).name)
        case BurstGroups():
            bursts = _bursts(of.rows, by.seconds)
            return lambda row: bursts.get(row[0])
        case NoGroups():
            return lambda _row: None


def _of_folders(rest: Folders) -> str | None:
    return person_of(rest) or "/".join(rest) or None


def _bursts(rows: Iterable[_Row], seconds: int) -> dict[int, str]:
    """Return the names of bursts by image id: the camera and the time of the first picture."""
    taken = sorted((_value(row, CAMERA) or "", when, row[0]) for row in rows if (when := _when(row)))
    found: dict[int, str] = {}
    name, before = "", None
    for camera, when, number in taken:
        goes_on = before is not None and before[0] == camera and (when - before[1]).total_seconds() <= seconds
        if not goes_on:
            name = f"{camera} {when:%Y-%m-%d %H:%M:%S}".strip()
        found[number] = name
        before = camera, when
    return found


def _when(row: _Row) -> datetime | None:
    """Return when the picture was taken, in the camera's local time."""
    try:
        return datetime.strptime(_value(row, TAKEN) or "", _TAKEN_FORMAT)  # noqa: DTZ007 - EXIF has no zone
    except ValueError:
        return None


def _compiled(by: FilenamePattern) -> re.Pattern[str]:
    try:
        return re.compile(by.regex)
    except re.error as error:
        raise ProblemError(
            Problem(
                by.regex,
                f"this is not a valid regular expression ({error})",
                r"Write for example plant(\d+), the word folder, or the name of a column",
            )
        ) from error


def _found(pattern: re.Pattern[str], name: str) -> str | None:
    match = pattern.search(name)
    if match is None:
        return None
    parts = [part for part in match.groups() if part is not None]
    return "-".join(parts) or match.group(0) or None


def _layouts(of: GroupRows) -> dict[int, Layout]:
    """Return the layout of each source; with a table of labels, folders are no classes."""
    files: dict[int, dict[str, int]] = {}
    for _, source, path, *_ in of.rows:
        files.setdefault(source, {})[path] = -1  # a scan has left out copies
    return {
        source: layout.only_splits() if source in of.with_table else layout
        for source, found in files.items()
        for layout in [_layout(found, *of.layouts[source])]
    }


def _layout(files: dict[str, int], choice: LayoutChoice, lists: Iterable[str]) -> Layout:
    return find_layout({**files, **dict.fromkeys(lists, 0)}, None, choice)


def _value(row: _Row, name: str) -> str | None:
    for text in row[3:5]:
        value = json.loads(text).get(name)
        if value:
            return str(value)
    return None


def _no_group(by: GroupBy, columns: Sequence[str]) -> Problem:
    known = ", ".join(f'"{name}"' for name in columns[:_MOST_COLUMNS])
    another = f"Choose another rule, such as a column ({known})" if known else "Choose another rule"
    what = f"{_in_words(by)} puts no image into a group"
    return Problem("groups", what, f"{another}, or go on without groups")


def _in_words(by: GroupBy) -> str:
    match by:
        case FilenamePattern():
            return f'"{by.regex}", which no file name matches,'
        case FolderGroups():
            return "grouping by folder"
        case ColumnGroups():
            return f'"{by.name}", of which no image has a value,'
        case CopyGroups():
            return "grouping by the names of copies"
        case BurstGroups():
            return "grouping by the time pictures were taken"
        case NoGroups():
            return "no rule"
