"""Numbers and tables, formatted for the page."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

NONE = "–"


def seconds(value: float | None) -> str:
    """Return ``12.3 s``."""
    if value is None:
        return NONE
    return f"{value:.1f} s" if value >= 10 else f"{value:.2f} s"


def share(value: float | None) -> str:
    """Return an accuracy, ``0.912``."""
    return NONE if value is None else f"{value:.3f}"


def rate(value: float | None) -> str:
    """Return images per second, ``31/s``."""
    return NONE if value is None else f"{value:.0f}/s" if value >= 10 else f"{value:.1f}/s"


def ratio(ours: float | None, theirs: float | None) -> str:
    """Return our number divided by theirs."""
    return NONE if not ours or not theirs else f"{ours / theirs:.3f}"


def reached(value: float | None, most: float) -> str:
    """Compare a ratio that should be small with its target ``most``."""
    if value is None:
        return NONE
    return "reached" if value <= most else f"missed: {value / most:.1f} times too slow"


def at_least(value: float | None, least: float) -> str:
    """Compare a ratio that should be large with its target ``least``."""
    if value is None:
        return NONE
    return "reached" if value >= least else f"missed: {value:.2f} of {least:g}"


def divided(one: float | None, other: float | None) -> float | None:
    """Divide; None if a number is missing."""
    return one / other if one and other else None


def spread(values: Sequence[float]) -> str:
    """Return mean and standard deviation (n - 1)."""
    if not values:
        return NONE
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.fmean(values):.3f} ± {deviation:.3f}"


def table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> list[str]:
    """Return a markdown table, or ``Not measured.`` if there are no lines."""
    rows = [f"| {' | '.join(line)} |" for line in lines]
    if not rows:
        return ["Not measured.", ""]
    return [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *rows, ""]
