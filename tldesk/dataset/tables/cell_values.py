"""What a cell of a column means: a number, a word, or nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

_NOTHING = frozenset({"", "na", "n/a", "nan", "null", "?", "-", "–", "."})
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)


def known(text: str) -> str:
    """The cell without blanks around it; "" where it means that nothing is known ("NA", "?", "-")."""
    plain = text.strip()
    return "" if plain.casefold() in _NOTHING else plain


def number(text: str) -> float | None:
    """The number that a cell is, with a decimal point or comma; None where it is none, or infinite."""
    plain = text.strip()
    if not _NUMBER.fullmatch(plain):
        return None
    value = float(plain.replace(",", "."))
    return value if math.isfinite(value) else None


def are_numbers(texts: Iterable[str]) -> bool:
    """Whether everything that is known is a number; False where nothing is."""
    said = {plain for plain in map(known, texts) if plain}
    return bool(said) and all(number(plain) is not None for plain in said)
