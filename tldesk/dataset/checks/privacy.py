"""Finds images that may identify a person by their metadata or pixels, according to the scan."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tldesk.base import plural
from tldesk.dataset.files.read_file import IDENTIFYING
from tldesk.dataset.records import ImageRecord
from tldesk.imaging.identifying_tags import IN_THE_PICTURE, Trace


@dataclass(frozen=True)
class Identifying:
    """Images with one kind of trace of a person.

    Attributes:
        trace: kind of trace.
        paths: paths of the images, in the project's order.
    """

    trace: Trace
    paths: tuple[Path, ...]

    @property
    def in_the_picture(self) -> bool:
        """Whether the trace is visible in the picture itself, not only in the file's metadata."""
        return self.trace in IN_THE_PICTURE


def identifying(images: Iterable[ImageRecord]) -> tuple[Identifying, ...]:
    """Return the images with traces of a person, by kind of trace."""
    paths: dict[Trace, list[Path]] = {one: [] for one in Trace}
    for image in images:
        for trace in _traces(image.facts):
            paths[trace].append(image.path)
    return tuple(Identifying(trace, tuple(found)) for trace, found in paths.items() if found)


def sentence(connection: sqlite3.Connection) -> str:
    """Return a sentence for the report of a scan; "" if no image may identify a person."""
    rows = connection.execute(
        """SELECT json_extract(facts, '$.identifying'), COUNT(*) FROM images
        WHERE json_extract(facts, '$.identifying') != '' AND NOT missing GROUP BY 1"""
    ).fetchall()
    if not rows:
        return ""
    there = {trace for texts, _ in rows for trace in _traces({IDENTIFYING: texts})}
    kinds = ", ".join(one for one in Trace if one in there)
    return (
        f"{plural(sum(number for _, number in rows), 'image')} may identify a person ({kinds}); "
        "take care before passing on pictures, reports or the project's folder"
    )


def _traces(facts: Mapping[str, str]) -> Iterator[Trace]:
    names = facts.get(IDENTIFYING, "").split(", ")
    yield from (one for one in Trace if one in names)
    if IDENTIFYING not in facts and facts.get("PatientID"):  # scanned by a version that did not record traces
        yield Trace.NUMBER
