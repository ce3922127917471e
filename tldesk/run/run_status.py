"""The status of a run: a small file that is always replaced as a whole."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from tldesk.base import write_atomic

RunState = Literal["running", "finished", "stopped", "interrupted", "failed"]


@dataclass(frozen=True, slots=True)
class RunStatus:
    """The content of ``status.json``.

    Attributes:
        status: as last written; "running" while the lock is free means interrupted.
        started: ISO 8601 with offset.
        backbone, device: names for the table of runs.
        epochs: planned epochs of all phases.
        epochs_done: finished epochs.
        best_epoch: the epoch whose weights are kept; 0 if there is none yet.
        seconds: computing time so far, summed over interruptions.
        message: why the run failed, in words.
    """

    status: RunState
    started: str
    backbone: str = ""
    device: str = ""
    epochs: int = 0
    epochs_done: int = 0
    best_epoch: int = 0
    seconds: float = 0.0
    message: str = ""

    def to_json(self) -> str:
        """Return the text of the file."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"

    def but(
        self,
        *,
        status: RunState | None = None,
        epochs_done: int | None = None,
        best_epoch: int | None = None,
        seconds: float | None = None,
        message: str = "",
    ) -> RunStatus:
        """Return a copy with some values changed; the message is dropped unless it is given."""
        return replace(
            self,
            status=status or self.status,
            epochs_done=self.epochs_done if epochs_done is None else epochs_done,
            best_epoch=self.best_epoch if best_epoch is None else best_epoch,
            seconds=self.seconds if seconds is None else seconds,
            message=message,
        )


def write_status(path: Path, status: RunStatus) -> None:
    """Replace the status file.

    Raises:
        ProblemError: the file cannot be written.
    """
    write_atomic(path, status.to_json())


def read_status(path: Path) -> RunStatus:
    """Return the content of the status file; a run whose file is missing or damaged counts as failed."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return _from_json(values)
    except (OSError, ValueError, TypeError) as error:
        return RunStatus("failed", "", message=f"the run's status cannot be read ({error})")


def _from_json(values: dict[str, Any]) -> RunStatus:
    known = {field.name for field in fields(RunStatus)}
    status = RunStatus(**{name: value for name, value in values.items() if name in known})
    if status.status not in get_args(RunState):
        raise ValueError(f"unknown status {status.status!r}")
    return status
