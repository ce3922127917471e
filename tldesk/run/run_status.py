"""How far a run is: a small file that is replaced whole, and a lock that the training process holds."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from tldesk.base import write_atomic
from tldesk.base.project_lock import holding

State = Literal["running", "finished", "stopped", "interrupted", "failed"]

# A reader that only asks holds the lock for a moment; a training process waits that long.
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Status:
    """The content of ``status.json``.

    Attributes:
        status: as it was last written; "running" with a free lock means interrupted.
        started: ISO 8601 with offset.
        backbone, device: names for the table of runs.
        epochs: planned, all phases together.
        epochs_done: finished.
        best_epoch: whose weights are kept, 0 while there is none.
        seconds: computing time so far, over all interruptions.
        message: why it failed, in words.
    """

    status: State
    started: str
    backbone: str = ""
    device: str = ""
    epochs: int = 0
    epochs_done: int = 0
    best_epoch: int = 0
    seconds: float = 0.0
    message: str = ""

    def to_json(self) -> str:
        """As text for the file."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"

    def but(
        self,
        *,
        status: State | None = None,
        epochs_done: int | None = None,
        best_epoch: int | None = None,
        seconds: float | None = None,
        message: str = "",
    ) -> Status:
        """The same with some values changed; the message goes unless it is given again."""
        return replace(
            self,
            status=status or self.status,
            epochs_done=self.epochs_done if epochs_done is None else epochs_done,
            best_epoch=self.best_epoch if best_epoch is None else best_epoch,
            seconds=self.seconds if seconds is None else seconds,
            message=message,
        )


def write_status(path: Path, status: Status) -> None:
    """Replace the status file.

    Raises:
        ProblemError: it cannot be written.
    """
    write_atomic(path, status.to_json())


def read_status(path: Path) -> Status:
    """The status file's content; a run whose file is lost or damaged counts as failed and says so."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return _from_json(values)
    except (OSError, ValueError, TypeError) as error:
        return Status("failed", "", message=f"the run's status cannot be read ({error})")


def _from_json(values: dict[str, Any]) -> Status:
    known = {field.name for field in fields(Status)}
    status = Status(**{name: value for name, value in values.items() if name in known})
    if status.status not in get_args(State):
        raise ValueError(f"unknown status {status.status!r}")
    return status


def locked(path: Path, name: str) -> contextlib.AbstractContextManager[None]:
    """Hold the run's lock.

    Raises:
        ProblemError: another process is training this run.
    """
    return holding(path, name, "is training this run", patience=_PATIENCE)
