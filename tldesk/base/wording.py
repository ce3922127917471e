"""Counts, percentages, durations and file sizes as text for people."""

from __future__ import annotations

from collections.abc import Sequence


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun: ``plural(1, "image") == "1 image"``, else ``"1,200 images"``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def first_of(names: Sequence[str], most: int = 5) -> str:
    """Return a list of names, cut if it is long: ``"a, b and 1,498 more"``."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")


def percent(share: float) -> str:
    """Return a fraction in [0, 1] as a percentage with one decimal: ``percent(0.9412) == "94.1 %"``."""
    return f"{share * 100:.1f} %"


def duration(seconds: float) -> str:
    """Return a duration as text: ``0.4 s``, ``42 s``, ``1 min 20 s``, ``2 h 05 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def rough_duration(seconds: float) -> str:
    """Return a duration, roughly rounded: ``20 s``, ``a minute``, ``7 min``, ``25 min``, ``2 h 05 min``."""
    if seconds < 20:
        return "20 s"
    if seconds < 60:
        return "a minute"
    step = 60 if seconds < 600 else 300
    return duration(round(seconds / step) * step).replace(" 00 s", "").replace(" 00 min", "")


def file_size(count: int) -> str:
    """Return a number of bytes with a decimal unit: ``file_size(14_259_339) == "14.3 MB"``."""
    size = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
