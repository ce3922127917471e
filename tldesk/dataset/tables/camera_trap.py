"""Completes the observations of a Camtrap DP package: the files from its media table, one column of classes.

The standard (https://camtrap-dp.tdwg.org) keeps species in ``observations.csv`` and file names in
``media.csv``, joined by ``mediaID``; an observation of an event is about all pictures of a deployment
between two times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tldesk.base import Problem, ProblemError, plural
from tldesk.dataset.files.copy_in import MEDIA
from tldesk.dataset.files.packed_tables import is_table
from tldesk.dataset.tables.cells import read_sheets

_CLASS = "scientificName or observationType"
_OBSERVATIONS = "observations.csv"
NO_MEDIA = (  # what, and how to mend it
    "these observations of a camera-trap package do not name files; that is in its media.csv, which is not"
    " beside it",
    "Put media.csv of the package beside it",
)
_ADDED = ("filePath", "fileName", _CLASS)
_NO_CLASS = frozenset({"unclassified", "unknown"})

Row = tuple[str, ...]


@dataclass(frozen=True)
class Completed:
    """The table of observations with the columns ``filePath``, ``fileName`` and one of classes."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    lines: tuple[int, ...]
    notes: tuple[str, ...]


def media_beside(table: Path) -> Path | None:
    """Return the media table that belongs to a table of observations, if there is one."""
    media = table.parent / MEDIA
    return media if table.name != MEDIA and is_table(media) else None


def refuse_media(table: Path, headers: Sequence[str]) -> None:
    """Refuse the media table of a package, which names the pictures but not what they show.

    Raises:
        ProblemError: it is one.
    """
    if {"mediaID", "deploymentID", "filePath"} <= set(headers) and "observationType" not in headers:
        there = is_table(table.parent / _OBSERVATIONS)
        fix = f"Choose {_OBSERVATIONS} beside it" if there else f"Choose {_OBSERVATIONS} of the package"
        raise ProblemError(
            Problem(
                str(table),
                "this table of a camera-trap package names the files, but not what they show",
                fix,
            )
        )


def lacks_media(table: Path, headers: Sequence[str]) -> bool:
    """Return whether a table of observations names no files, and the table that does is not beside it."""
    return _needs_media(headers) and media_beside(table) is None


def _needs_media(headers: Sequence[str]) -> bool:
    named = {"filePath", "fileName"} & set(headers)
    return {"mediaID", "observationType"} <= set(headers) and not named


def completed(
    path: Path, headers: Sequence[str], rows: Sequence[Row], lines: Sequence[int]
) -> Completed | None:
    """Return the observations with their files; None if this is no such table or its media are not there."""
    if not _needs_media(headers):
        return None
    file = media_beside(path)
    media = _records(file) if file is not None else []
    if file is None or not media:
        return None
    joined: list[Row] = []
    numbers: list[int] = []
    find = _Media(media)
    for cells, line in zip(rows, lines, strict=True):
        one = dict(zip(headers, cells, strict=True))
        for found in find.of(one) or [{}]:
            joined.append((*cells, found.get("filePath", ""), found.get("fileName", ""), _class(one)))
            numbers.append(line)
    note = f"{path.name} was read with the {plural(len(media), 'file')} of {file.name} beside it"
    return Completed((*headers, *_ADDED), tuple(joined), tuple(numbers), (note,))


def _class(observation: Mapping[str, str]) -> str:
    """Return the species; of a picture without an animal, what it is: blank, human, vehicle."""
    kind = observation.get("observationType", "")
    return observation.get("scientificName", "") or ("" if kind in _NO_CLASS else kind)


def _records(file: Path) -> list[dict[str, str]]:
    try:
        sheet = read_sheets(file, lambda _cells: 0)[0]
    except ProblemError:
        return []
    if not sheet.rows or "mediaID" not in sheet.rows[0]:
        return []
    headers = [cell.strip() for cell in sheet.rows[0]]
    return [dict(zip(headers, map(str.strip, row), strict=False)) for row in sheet.rows[1:]]


class _Media:
    """The pictures that observations are about."""

    def __init__(self, media: Iterable[dict[str, str]]) -> None:
        self._by_id: dict[str, dict[str, str]] = {}
        self._by_event: dict[str, list[dict[str, str]]] = {}
        self._by_deployment: dict[str, list[tuple[datetime, dict[str, str]]]] = {}
        for one in media:
            self._by_id[one.get("mediaID", "")] = one
            if event := one.get("eventID", "") or one.get("sequenceID", ""):
                self._by_event.setdefault(event, []).append(one)
            time = _time(one.get("timestamp", ""))
            if time is not None:
                self._by_deployment.setdefault(one.get("deploymentID", ""), []).append((time, one))

    def of(self, observation: Mapping[str, str]) -> list[dict[str, str]]:
        """Return the picture of an observation, or all pictures of its event."""
        number = observation.get("mediaID", "")
        if number:
            return [self._by_id[number]] if number in self._by_id else []
        event = observation.get("eventID", "") or observation.get("sequenceID", "")
        if event in self._by_event:
            return self._by_event[event]
        start, end = _time(observation.get("eventStart", "")), _time(observation.get("eventEnd", ""))
        if start is None or end is None:
            return []
        there = self._by_deployment.get(observation.get("deploymentID", ""), ())
        return [one for time, one in there if start <= time <= end]


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
