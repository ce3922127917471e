"""The history of a run: its finished epochs and its events, one JSON line each."""

from __future__ import annotations

import json
from dataclasses import MISSING, asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tldesk.base import write_atomic
from tldesk.run.json_lines import append_line, read_lines
from tldesk.trainer.events import BatchFinished, EpochFinished, Event, Preparing

_EPOCH = TypeAdapter(EpochFinished)
_FIELDS = tuple(field.name for field in fields(EpochFinished))
# Fields that every line has, in older runs too; fields added later have a default.
_ALWAYS = tuple(field.name for field in fields(EpochFinished) if field.default is MISSING)


def append_epoch(path: Path, event: EpochFinished) -> None:
    """Append the line of one epoch; it is on disk when this returns."""
    append_line(path, asdict(event))


def append_event(path: Path, event: Event) -> None:
    """Append a line for an event; batches and progress of preparation are not recorded."""
    if not isinstance(event, (BatchFinished, Preparing)):
        told = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": type(event).__name__}
        append_line(path, told | asdict(event))


def read_epochs(path: Path) -> list[EpochFinished]:
    """Return all finished epochs, oldest first; an incomplete last line is skipped.

    Raises:
        ValueError: a complete line holds something other than an epoch.
        OSError: the file cannot be read.
    """
    return [_epoch(values) for values in read_lines(path) if all(name in values for name in _ALWAYS)]


def _epoch(values: dict[str, Any]) -> EpochFinished:
    known = {name: values[name] for name in _FIELDS if name in values}
    try:
        return _EPOCH.validate_python(known)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def read_notices(path: Path) -> list[str]:
    """Return the texts of all notices, oldest first."""
    return [str(values.get("text", "")) for values in read_lines(path) if values.get("event") == "Notice"]


def keep_epochs(path: Path, last: int) -> None:
    """Drop the epochs after ``last``, because a resumed run repeats them."""
    kept = [json.dumps(asdict(event)) + "\n" for event in read_epochs(path) if event.epoch <= last]
    write_atomic(path, "".join(kept))
