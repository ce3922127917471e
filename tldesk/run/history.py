"""The lines that a run leaves while it goes on, and reading them back."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import MISSING, asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tldesk.base import write_atomic
from tldesk.trainer.events import BatchFinished, EpochFinished, Event, Preparing

_log = logging.getLogger(__name__)
_FIELDS = tuple(field.name for field in fields(EpochFinished))
# What lines of older runs hold too; a field that came later has a default.
_ALWAYS = tuple(field.name for field in fields(EpochFinished) if field.default is MISSING)


def append_epoch(path: Path, event: EpochFinished) -> None:
    """Add one epoch's line, on disk when this returns."""
    append_line(path, asdict(event))


def append_event(path: Path, event: Event) -> None:
    """Add one line for an event that tells something lasting; batches and progress do not."""
    if not isinstance(event, (BatchFinished, Preparing)):
        told = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": type(event).__name__}
        append_line(path, told | asdict(event))


def read_epochs(path: Path) -> list[EpochFinished]:
    """All whole lines; a line that was cut off by a crash is left out."""
    return [
        EpochFinished(**{name: values[name] for name in _FIELDS if name in values})
        for values in read_lines(path)
        if all(name in values for name in _ALWAYS)
    ]


def read_notices(path: Path) -> list[str]:
    """The texts of all notices, oldest first."""
    return [str(values.get("text", "")) for values in read_lines(path) if values.get("event") == "Notice"]


def keep_epochs(path: Path, last: int) -> None:
    """Drop the epochs after ``last``, which a resumed run does again."""
    kept = [json.dumps(asdict(event)) + "\n" for event in read_epochs(path) if event.epoch <= last]
    write_atomic(path, "".join(kept))


def append_line(path: Path, values: dict[str, Any]) -> None:
    """Add one line of JSON, on disk when this returns."""
    line = json.dumps(values, ensure_ascii=False) + "\n"
    # A line cut off by a crash must not swallow this one.
    start = "" if _ends_whole(path) else "\n"
    with path.open("ab") as file:
        file.write((start + line).encode("utf-8"))
        file.flush()
        os.fsync(file.fileno())


def _ends_whole(path: Path) -> bool:
    if not path.exists() or not path.stat().st_size:
        return True
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """What ``append_line`` wrote; a line that was cut off by a crash is left out."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            values = json.loads(line)
        except ValueError:
            _log.info("%s: a line that was cut off is left out", path)
            continue
        if isinstance(values, dict):
            yield values
