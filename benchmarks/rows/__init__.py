"""The comparisons. Each row starts the programs and writes its part of the page from the stored results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from benchmarks.bench import Bench
from benchmarks.kept import Kept
from benchmarks.rows import (
    accuracy,
    epoch,
    event_loop,
    extraction,
    frozen,
    gpu,
    gradcam,
    leak,
    memory,
    precision,
    predict,
    profile,
    scale,
    second,
    tuning,
)


class Row(Protocol):
    """A module of this package.

    Attributes:
        TITLE: heading of its part of the page.
        REPEATS: whether repeated rounds are useful.
    """

    TITLE: str
    REPEATS: bool

    def measure(self, bench: Bench) -> None:
        """Start the programs, one after the other."""

    def lines(self, kept: Kept) -> list[str]:
        """Return its part of the page, without the heading."""
        ...


ROWS: Mapping[str, Row] = {
    "tuning": tuning,
    "frozen": frozen,
    "profile": profile,
    "second": second,
    "epoch": epoch,
    "predict": predict,
    "extraction": extraction,
    "gradcam": gradcam,
    "features_precision": precision,
    "memory": memory,
    "event_loop": event_loop,
    "scale": scale,
    "leak": leak,
    "gpu": gpu,
    "accuracy": accuracy,
}
