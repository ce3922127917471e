"""The combined progress of several consecutive runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from tldesk.base import Progress

if TYPE_CHECKING:
    from tldesk.trainer.events import Event


def tr(text: str) -> str:
    """Translate a text of this file."""
    return QCoreApplication.translate("SeriesProgress", text)


class SeriesProgress:
    """Converts the events of consecutive runs into their combined progress.

    Args:
        epochs: number of epochs of each run.
        weights: relative duration of each run, in any unit; all equal if None.
        clock: returns the time in seconds.
    """

    def __init__(
        self,
        epochs: Sequence[int],
        weights: Sequence[float] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._epochs = tuple(epochs)
        self._weights = tuple(weights or [1.0] * len(epochs))
        self._clock = clock
        self._place = 0
        self._words = ""
        self._began = clock()
        self._first: float | None = None  # progress at the first call of ``begin``

    def begin(self, place: int, words: str, epochs_done: int = 0) -> None:
        """Start run ``place`` (from 0), or resume it after ``epochs_done``."""
        self._place, self._words = place, words
        if self._first is None:
            self._first, self._began = self._done(epochs_done), self._clock()

    def of(self, step: Progress | Event) -> Iterator[Progress]:
        """Yield the progress to show for an event."""
        from tldesk.trainer.events import BatchFinished, EpochFinished, Preparing

        if isinstance(step, Preparing | Progress):
            words = f"{self._words}: {step.what}" if self._words else step.what
            yield Progress(words, step.done, step.total, step.seconds_left)
        elif isinstance(step, BatchFinished):
            words = tr("{0}, epoch {1}, batch").format(self._words, step.epoch)
            yield Progress(words, step.step, step.steps, self._left(step.epoch - 1 + step.step / step.steps))
        elif isinstance(step, EpochFinished):
            done = sum(self._epochs[: self._place]) + step.epoch
            words = tr("{0}, epoch").format(self._words)
            yield Progress(words, done, sum(self._epochs), self._left(step.epoch))

    def _done(self, epochs: float) -> float:
        here = self._weights[self._place] * epochs / self._epochs[self._place]
        return sum(self._weights[: self._place]) + here

    def _left(self, epochs: float) -> float | None:
        """Return the seconds left at the current pace."""
        now = self._done(epochs)
        gone = now - (self._first or 0.0)
        return (self._clock() - self._began) / gone * (sum(self._weights) - now) if gone > 0 else None
