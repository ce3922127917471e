"""Timing for the measured programs, which import this module first.

The time of all imports in a program is summed, so that results can be given with and without imports. Every
program prints one line of JSON with ``emit``.
"""

from __future__ import annotations

import builtins
import importlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

STARTED = "BENCH_STARTED"
"""The environment variable with the start time of the program (seconds since the epoch)."""

_first_line = time.time()


class ImportClock:
    """Adds up the main thread's outermost imports.

    Attributes:
        seconds: the sum so far.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._inside = False
        self._main = threading.main_thread().ident

    def timed(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``original`` with timing."""

        def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the function that it stands for
            if self._inside or threading.get_ident() != self._main:
                return original(*args, **kwargs)
            self._inside, began = True, time.perf_counter()
            try:
                return original(*args, **kwargs)
            finally:
                self._inside = False
                self.seconds += time.perf_counter() - began

        return call


clock = ImportClock()
if STARTED in os.environ:  # only in a program that is measured
    builtins.__import__ = clock.timed(builtins.__import__)
    importlib.import_module = clock.timed(importlib.import_module)


class Parts:
    """Wall seconds by part, imports left out; ``mark`` gives all since the last mark to a part."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._at = time.perf_counter() - clock.seconds

    def mark(self, part: str) -> None:
        """Add the time since the last mark to ``part``."""
        now = time.perf_counter() - clock.seconds
        self.seconds[part] = self.seconds.get(part, 0.0) + now - self._at
        self._at = now


@contextmanager
def timed(into: dict[str, float], name: str) -> Iterator[None]:
    """Store the block's wall seconds without imports in ``into[name]``."""
    began, imports = time.perf_counter(), clock.seconds
    yield
    into[name] = time.perf_counter() - began - (clock.seconds - imports)


def peak_gib() -> float:
    """Return the peak memory of this process in GiB; 0 if the system does not report it."""
    if sys.platform == "win32":
        return 0.0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**30 if sys.platform == "darwin" else 2**20)


def emit(**values: object) -> None:
    """Print the program's result: one line of JSON, the last on stdout."""
    start_up = _first_line - float(os.environ.get(STARTED, _first_line))
    facts = {"start_up": start_up, "imports": clock.seconds, "peak_gib": peak_gib()}
    sys.stdout.flush()
    print(json.dumps({**facts, **values}), flush=True)
