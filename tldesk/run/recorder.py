"""Writes a training to disk while it runs, so that little is lost if it ends unexpectedly."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tldesk.run.checkpoint import write_best, write_last
from tldesk.run.recorded_events import append_epoch, append_event
from tldesk.run.run_files import RunFiles
from tldesk.run.run_status import RunState, RunStatus, write_status
from tldesk.trainer.events import EpochFinished, Event, Finished, Stopped

if TYPE_CHECKING:
    from tldesk.trainer.loop import Training

# With frozen stages, dozens of epochs take one second; losing a few seconds of work is acceptable.
_SECONDS_BETWEEN = 5.0


class Recorder:
    """Writes metrics, events, checkpoints and the status of one training.

    The order matters: an epoch's line is on disk before the checkpoint that includes the epoch, so a resumed
    run finds the lines of all epochs that it does not repeat.
    """

    def __init__(self, files: RunFiles, training: Training, status: RunStatus) -> None:
        self._files = files
        self._training = training
        self._status = status
        self._next = 0.0
        self._last_phase = -1
        self._best_written = 0

    def record(self, event: Event) -> None:
        """Record one event.

        Raises:
            ProblemError: the disk is full.
        """
        append_event(self._files.events, event)
        if isinstance(event, EpochFinished):
            append_epoch(self._files.metrics, event)
            if time.monotonic() >= self._next or event.phase != self._last_phase:
                self._checkpoint()
            self._last_phase = event.phase
        elif isinstance(event, Stopped):
            # The last epoch was interrupted, so the checkpoint of the last complete epoch is kept.
            self._write_best()
            self.status("stopped")
        elif isinstance(event, Finished):
            self._checkpoint()
            self.status("finished")

    def status(self, state: RunState, message: str = "") -> None:
        """Write the status file."""
        training = self._training
        self._status = self._status.but(
            status=state,
            epochs_done=training.epoch,
            best_epoch=training.best.epoch,
            seconds=training.seconds,
            message=message,
        )
        write_status(self._files.status, self._status)

    def _checkpoint(self) -> None:
        write_last(self._files.last, self._training.state())
        self._write_best()
        self.status("running")
        self._next = time.monotonic() + _SECONDS_BETWEEN

    def _write_best(self) -> None:
        best = self._training.best
        if best.epoch and best.epoch != self._best_written:
            write_best(self._files.best, best.epoch, best.weights)
            self._best_written = best.epoch
