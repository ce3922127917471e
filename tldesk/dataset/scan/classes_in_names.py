"""Notices that names of pictures, rather than folders, tell the classes: ``cat.0.jpg``, ``dog.1.jpg``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from tldesk.dataset.name_order import natural_key

_WORD = re.compile(r"[^\W\d_]{2,}")
_MOST_WORDS = 20
_FEWEST_PICTURES = 2  # with each word
_SHOWN = 6


def names_note(paths: Sequence[str]) -> str | None:
    """Return a sentence, without a closing stop, if all names begin, or end, with one of a few words.

    It is a remark only: the words may be those of people, places or cameras.

    Args:
        paths: the pictures without a class, relative, with forward slashes.
    """
    words = [_WORD.findall(PurePosixPath(path).stem) for path in paths]
    if not words or not all(words):
        return None
    for where, place in (("begin", 0), ("end", -1)):
        counts = Counter(found[place].casefold() for found in words)
        if 2 <= len(counts) <= _MOST_WORDS and min(counts.values()) >= _FEWEST_PICTURES:
            named = [f"{word} {counts[word]:,}" for word in sorted(counts, key=natural_key)]
            more = f" and {len(named) - _SHOWN:,} more" if len(named) > _SHOWN else ""
            return (
                f"The names of the pictures {where} with one of {len(counts)} words "
                f"({', '.join(named[:_SHOWN])}{more}), but names give no classes. "
                "If these are the classes, sort them into a folder for each, or choose a table of labels"
            )
    return None
