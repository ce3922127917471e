"""Ordering and comparison of names."""

from __future__ import annotations

import re
import unicodedata

_NUMBER = re.compile(r"(\d+)")


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key that puts "class 2" before "class 10" and ignores case."""
    parts = _NUMBER.split(folded(name))
    key = tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)
    return (*key, (2, 0, name))  # the name itself breaks ties, so that the order is deterministic


def folded(name: str) -> str:
    """Return a name for comparison: NFC (macOS and Linux store umlauts differently), trimmed, case-folded."""
    return unicodedata.normalize("NFC", name).strip().casefold()
