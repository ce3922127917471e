"""Progress of several runs in a row, each with its heading, epochs and bar."""

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
    """Shows the events of several runs in a row."""

    def __init__(self, console: Console, bar: Bar) -> None:
        self._console = console
        self._bar = bar
        self._log: TrainingLog | None = None

    def begin(self, run: Run, heading: str) -> None:
        """Print the heading of a run; the events that follow belong to it."""
        self._console.say(heading)
        self._log = TrainingLog(run, self._console)

    def show(self, event: Progress | Event) -> None:
        """Show one event of the current run, or the progress of work between runs."""
        if isinstance(event, Progress):
            self._bar.show(event)
        elif self._log is not None:
            self._log.show(event, self._bar)
