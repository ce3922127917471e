"""The events of a training run as a progress bar and a table of epochs."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING

from tldesk.base import Progress, duration
from tldesk.cli.console import Console
from tldesk.cli.progress_bars import Bar
from tldesk.trainer.events import (
    BatchFinished,
    EpochFinished,
    Event,
    Notice,
    PhaseStarted,
    Preparing,
    Started,
    Stopped,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    from tldesk.run import Run

_HEADS = ("epoch", "train loss", "accuracy", "valid. loss", "accuracy", "balanced", "time")
_WIDTH = 11
_ALL_UP_TO = 30


def show_training(run: Run, console: Console, stop: threading.Event) -> bool:
    """Run the training to its end; return whether there are weights to keep."""
    log = TrainingLog(run, console)
    events: Generator[Event, None, None] = run.train(stop)  # type: ignore[assignment]
    with closing(events), console.bar() as bar:
        for event in events:
            log.show(event, bar)
    return bool(run.history())


class TrainingLog:
    """Shows training events as lines and a progress bar.

    Args:
        run: the run; its name and phases are printed.
        console: prints the lines.
    """

    def __init__(self, run: Run, console: Console) -> None:
        self._name = run.name
        self._phases = run.recipe.phases
        self._console = console
        self._epochs = 0

    def show(self, event: Event, bar: Bar) -> None:
        """Show one event, as a line or on the bar."""
        if isinstance(event, Preparing):
            bar.show(Progress(event.what, event.done, event.total, event.seconds_left))
        elif isinstance(event, BatchFinished):
            self._batch(event, bar)
        elif isinstance(event, EpochFinished):
            self._epoch(event)
        else:
            self._say(event)

    def _batch(self, event: BatchFinished, bar: Bar) -> None:
        what = f"Epoch {event.epoch} of {self._epochs}, loss {event.loss:.3f}"
        done = (event.epoch - 1) * event.steps + event.step
        bar.show(Progress(what, done, self._epochs * event.steps, event.seconds_left))

    def _epoch(self, event: EpochFinished) -> None:
        if self._epochs <= _ALL_UP_TO or event.best or event.epoch % 10 == 0:
            self._console.say(_row(event))

    def _say(self, event: Event) -> None:
        if isinstance(event, Started):
            self._epochs = event.epochs
            self._console.say(f"{self._name}: {event.backbone} on {event.device}, {event.epochs} epochs")
        elif isinstance(event, PhaseStarted):
            self._phase(event)
        elif isinstance(event, Notice):
            self._console.note(event.text)
        elif isinstance(event, Stopped):
            self._console.say(f"Stopped after epoch {event.epoch}")

    def _phase(self, event: PhaseStarted) -> None:
        number = f"Phase {event.index + 1} of {len(self._phases)}"
        line = {"all": "only the head is trained", "none": "everything is trained"}.get(
            event.freeze, f"trained from {event.freeze} on"
        )
        self._console.say(f"{number}: {line}, {event.trainable:,} parameters, {event.epochs} epochs")
        self._console.say("  ".join(name.rjust(_WIDTH) for name in _HEADS))


def _row(event: EpochFinished) -> str:
    cells = (
        str(event.epoch),
        f"{event.train_loss:.4f}",
        _share(event.train_accuracy),
        "–" if event.validation_loss is None else f"{event.validation_loss:.4f}",
        _share(event.validation_accuracy),
        _share(event.validation_balanced_accuracy),
        duration(event.seconds),
    )
    return "  ".join(cell.rjust(_WIDTH) for cell in cells) + ("  best" if event.best else "")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value * 100:.1f} %"
