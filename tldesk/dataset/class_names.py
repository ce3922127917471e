"""The names of classes, however a folder, a table or a person writes them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_INVISIBLE = "\u200b\u200e\u200f\u2060\ufeff"  # zero-width signs that come along from tables and web pages


@lru_cache(maxsize=4096)
def class_name(text: str) -> str:
    """Return the name of the class that a folder, a cell or a person calls so; "" if it names none.

    macOS writes é as two characters and Windows as one; both are one class here (NFC). Blanks around a name
    do not count.
    """
    plain = unicodedata.normalize("NFC", text)
    while (shorter := plain.strip().strip(_INVISIBLE)) != plain:
        plain = shorter
    return plain


def alike_but_for_case(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the sets of class names that differ by capital letters only, each in the given order.

    Whether "Rust" and "rust" are one class is for a person to say.
    """
    sets: dict[str, list[str]] = {}
    for name in names:
        sets.setdefault(class_name(name).casefold(), []).append(name)
    return tuple(tuple(one) for one in sets.values() if len(one) > 1)
