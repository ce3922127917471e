"""How far a long task is, and how much time is left."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """A step of a long task.

    Attributes:
        what: what is being done, in words ("Reading pictures").
        done: steps done, 0 to ``total``.
        total: steps in all; 0 while it is not known.
        seconds_left: estimate in seconds, None while there is none.
    """

    what: str
    done: int
    total: int
    seconds_left: float | None = None


class ProgressMeter:
    """Makes ``Progress`` with an estimate of the time left from the mean rate so far."""

    def __init__(self, what: str, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._total = total
        self._clock = clock
        self._start = clock()

    def at(self, done: int) -> Progress:
        """The state after ``done`` of the total steps."""
        elapsed = self._clock() - self._start
        left = elapsed / done * (self._total - done) if done else None
        return Progress(self._what, done, self._total, left)
