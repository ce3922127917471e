"""What is damaged about a run's folder: one damaged run never hides the others. Loads no torch."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from tldesk.base import Problem, ProblemError
from tldesk.run.recorded_events import read_epochs
from tldesk.run.run_status import stored_status

if TYPE_CHECKING:
    from tldesk.run.record_folder import RecordFolder
    from tldesk.run.run_files import RunFiles

UNREADABLE = (ProblemError, OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What reading the files of a damaged run raises."""
WAY_OUT = "Put its files back from a copy, or delete the run; the other runs are not affected"


def damage_of(record: RecordFolder, files: RunFiles) -> str:
    """Return what is damaged about a run, in words; "" if nothing is.

    The snapshot and the model are looked at only so far that a list of runs stays quick.
    """
    for name, read in (
        ("recipe", record.recipe),
        ("status", lambda: stored_status(files.status)),
        ("history", lambda: read_epochs(files.metrics)),
        ("list of images", lambda: _looks_whole(record.snapshot_file)),
        ("evaluation", lambda: _evaluations(record, files)),
    ):
        try:
            read()
        except UNREADABLE as error:
            return f"its {name} cannot be read ({reason(error)})"
    return _damage_of_model(files.model, finished=stored_status(files.status).status == "finished")


def refuse_damaged(name: str, record: RecordFolder, files: RunFiles) -> None:
    """Refuse to use a run that is damaged.

    Raises:
        ProblemError: it is; the problem says what is damaged and what can be done.
    """
    found = damage_of(record, files)
    if found:
        raise ProblemError(Problem(name, f"the run is damaged: {found}", WAY_OUT))


def reason(error: Exception) -> str:
    """Return an error's reason in a few words on one line, without the path, which the reader knows."""
    if isinstance(error, ProblemError):
        return error.problems[0].what
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _looks_whole(snapshot: Path) -> None:
    with snapshot.open("rb") as file:
        begin = file.read(1)
        file.seek(-min(2, snapshot.stat().st_size), 2)
        end = file.read().rstrip()
    if begin != b"{" or not end.endswith(b"}"):
        raise ValueError("it is cut off or not a list of images")


def _evaluations(record: RecordFolder, files: RunFiles) -> None:
    for split in ("train", "validation", "test"):
        values = record.read_json(files.evaluation(split).name)
        if values is not None:
            float(values.get("accuracy", {}).get("value") or 0.0)


def _damage_of_model(model: Path, *, finished: bool) -> str:
    if model.is_file():
        return "" if zipfile.is_zipfile(model) else "its model file is not a model file"
    if model.exists():
        return "its model file is not a file"
    return "its model file is missing" if finished else ""
