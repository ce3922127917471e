"""The names of classes, however a folder, a table or a person writes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_JOINTS = re.compile(r"[\s_\u2010-\u2015-]+")
_INVISIBLE = "\u200b\u200e\u200f\u2060\ufeff"  # zero-width signs that come along from tables and web pages

DIFFER_ONLY = "differ only in capitals, blanks, hyphens or underscores"


@lru_cache(maxsize=4096)
def class_name(text: str) -> str:
    """Return the name of the class that a folder, a cell or a person calls so; "" if it names none.

    macOS writes é as two characters and Windows as one; both are one class here (NFC). Blanks around a name
    do not count, and any blanks inside it, a line break too, are one.
    """
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    while (shorter := plain.strip().strip(_INVISIBLE)) != plain:
        plain = shorter
    return plain


def alike_key(name: str) -> str:
    """Return what class names have in common that differ only in capitals, blanks, hyphens or underscores.

    It is "" for names of nothing else.
    """
    return " ".join(_JOINTS.sub(" ", class_name(name).casefold()).split())


def alike_names(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the sets of class names of one ``alike_key``, each in the given order.

    Whether "Red fox", "red_fox" and "red-fox" are one class is for a person to say.
    """
    sets: dict[str, list[str]] = {}
    for name in names:
        sets.setdefault(alike_key(name) or name, []).append(name)
    return tuple(tuple(one) for one in sets.values() if len(one) > 1)


def has_control_characters(name: str) -> bool:
    """Return whether a name has control characters, line breaks included, which no list can show."""
    return any(unicodedata.category(sign) in {"Cc", "Zl", "Zp"} for sign in name)
