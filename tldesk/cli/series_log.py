"""Several runs one after the other, each with its heading, epochs and bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tldesk.base import Progress
from tldesk.cli.console import Console
from tldesk.cli.progress_bars import Bar
from tldesk.cli.training_log import TrainingLog

if TYPE_CHECKING:
    from tldesk.run import Run
    from tldesk.trainer.events import Event


class SeriesLog:
    """Shows the events of one run after the other."""

    def __init__(self, console: Console, bar: Bar) -> None:
        self._console = console
        self._bar = bar
        self._log: TrainingLog | None = None

    def begin(self, run: Run, heading: str) -> None:
        """What follows is of this run."""
        self._console.say(heading)
        self._log = TrainingLog(run, self._console)

    def show(self, event: Progress | Event) -> None:
        """One event of the run, or of the work between two."""
        if isinstance(event, Progress):
            self._bar.show(event)
        elif self._log is not None:
            self._log.show(event, self._bar)
