"""Interprets the cells of a column: a number, a word, or no value."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

_NOTHING = frozenset({"", "na", "n/a", "nan", "null", "?", "-", "–", "."})
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)


def known(text: str) -> str:
    """Return the cell without surrounding blanks; "" if it stands for a missing value ("NA", "?", "-")."""
    plain = text.strip()
    return "" if plain.casefold() in _NOTHING else plain


def number(text: str) -> float | None:
    """Parse a number with a decimal point or comma; return None if it is not a finite number."""
    plain = text.strip()
    if not _NUMBER.fullmatch(plain):
        return None
    value = float(plain.replace(",", "."))
    return value if math.isfinite(value) else None


def are_numbers(texts: Iterable[str]) -> bool:
    """Return whether all values are numbers; False if there are no values."""
    said = {plain for plain in map(known, texts) if plain}
    return bool(said) and all(number(plain) is not None for plain in said)
