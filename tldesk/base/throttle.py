"""Limits how often something happens, so that a stream of progress does not flood its listeners."""

from __future__ import annotations

import time
from collections.abc import Callable


class Throttle:
    """Lets something through at most once every ``interval`` seconds."""

    def __init__(self, interval: float = 0.1, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = interval
        self._clock = clock
        self._next = clock()

    def due(self) -> bool:
        """Whether it is time again; if so, the next interval begins."""
        now = self._clock()
        if now < self._next:
            return False
        self._next = now + self._interval
        return True
