"""How names are ordered and compared."""

from __future__ import annotations

import re
import unicodedata

_NUMBER = re.compile(r"(\d+)")


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that puts "class 2" before "class 10" and ignores case."""
    parts = _NUMBER.split(folded(name))
    key = tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)
    return (*key, (2, 0, name))  # the name itself settles ties, so that the order never depends on luck


def folded(name: str) -> str:
    """For comparison: one spelling of umlauts (macOS stores another than Linux), no difference of case."""
    return unicodedata.normalize("NFC", name).strip().casefold()
