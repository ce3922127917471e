"""Progress bars with the time left, on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console as RichConsole
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as RichProgress

from tldesk.base import Progress, duration


class Bar(Protocol):
    """Shows the progress of a long task inside a ``with`` block."""

    def show(self, step: Progress) -> None:
        """Show one step; ``what`` and ``total`` may change between steps."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class SilentBar:
    """A bar that shows nothing."""

    def show(self, step: Progress) -> None:
        """Do nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return


class PlainBar:
    """A line every ``seconds``, for logs and pipes; tasks shorter than that print nothing."""

    def __init__(self, seconds: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._last = clock()

    def show(self, step: Progress) -> None:
        """Write a line, unless the last one is recent."""
        if self._clock() - self._last < self._seconds:
            return
        self._last = self._clock()
        sys.stderr.write(describe(step) + "\n")
        sys.stderr.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return


class RichBar:
    """A bar drawn on a terminal."""

    def __init__(self) -> None:
        self._rich = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"),
            console=RichConsole(stderr=True),
            transient=True,
        )
        self._task: TaskID | None = None

    def show(self, step: Progress) -> None:
        """Move the bar; its text and length may change."""
        if self._task is None:
            self._task = self._rich.add_task(step.what, left="")
        self._rich.update(
            self._task,
            description=step.what,
            completed=step.done,
            total=step.total or None,
            left=left(step),
        )

    def __enter__(self) -> Self:
        self._rich.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._rich.stop()


def describe(step: Progress) -> str:
    """Return ``Reading pictures: 120 of 600, 12 s left``."""
    count = f"{step.done:,} of {step.total:,}" if step.total else f"{step.done:,}"
    rest = left(step)
    return f"{step.what}: {count}" + (f", {rest}" if rest else "")


def left(step: Progress) -> str:
    """Return ``12 s left``, or an empty string while the time is unknown."""
    return "" if step.seconds_left is None else f"{duration(step.seconds_left)} left"
