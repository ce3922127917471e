"""A rate limit, so that frequent progress reports do not flood their listeners."""

from __future__ import annotations

import time
from collections.abc import Callable


class Throttle:
    """Allows an action at most once every ``interval`` seconds."""

    def __init__(self, interval: float = 0.1, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = interval
        self._clock = clock
        self._next = clock()

    def due(self) -> bool:
        """Return whether the action is due; if so, the next interval begins."""
        now = self._clock()
        if now < self._next:
            return False
        self._next = now + self._interval
        return True
