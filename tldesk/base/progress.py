"""Progress of a long task, with an estimate of the time left."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of a long task.

    Attributes:
        what: what is being done, in words ("Reading pictures").
        done: steps done, 0 to ``total``.
        total: number of steps; 0 while unknown.
        seconds_left: estimated time left in seconds; None while there is no estimate.
    """

    what: str
    done: int
    total: int
    seconds_left: float | None = None


class ProgressMeter:
    """Creates ``Progress`` objects; estimates the time left from the mean rate so far."""

    def __init__(self, what: str, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._total = total
        self._clock = clock
        self._start = clock()

    def at(self, done: int) -> Progress:
        """Return the progress after ``done`` steps."""
        elapsed = self._clock() - self._start
        left = elapsed / done * (self._total - done) if done else None
        return Progress(self._what, done, self._total, left)
