"""The status of a run: a small file that is always replaced as a whole."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from tldesk.base import write_atomic

RunState = Literal["running", "finished", "stopped", "interrupted", "failed", "damaged"]


_FOREVER = 1e10  # seconds; some 300 years, and no NaN


@dataclass(frozen=True, slots=True)
class RunStatus:
    """The content of ``status.json``.

    Attributes:
        status: as last written; "running" while the lock is free means interrupted. "damaged" is never
            written: some file of the run cannot be read.
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
        return stored_status(path)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        return RunStatus("failed", "", message=f"the run's status cannot be read ({error})")


def stored_status(path: Path) -> RunStatus:
    """Return the content of the status file.

    Raises:
        OSError, ValueError, TypeError, RecursionError: it is missing or damaged.
    """
    values = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(values, dict):
        raise TypeError("it is not a table of values")
    return _from_json(values)


def _from_json(values: dict[str, Any]) -> RunStatus:
    known = {field.name for field in fields(RunStatus)}
    status = RunStatus(**{name: value for name, value in values.items() if name in known})
    if status.status not in get_args(RunState):
        raise ValueError(f"unknown status {status.status!r}")
    _refuse_other_types(status)
    return status


def _refuse_other_types(status: RunStatus) -> None:
    numbers = (status.epochs, status.epochs_done, status.best_epoch)
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise ValueError("a number of epochs is not a whole number")
    if type(status.seconds) not in (int, float) or not 0 <= status.seconds < _FOREVER:
        raise ValueError("its time is not a number of seconds")
    texts = (status.started, status.backbone, status.device, status.message)
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("a name or message is not a text")
