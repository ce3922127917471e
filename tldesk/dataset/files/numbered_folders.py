"""Outer folders that number cases, such as patients, years, folds and ID numbers, around the classes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from tldesk.dataset.files import folder_words as words
from tldesk.dataset.files.folder_tree import Node
from tldesk.dataset.name_order import folded

_PERSON_CODE = re.compile(r"(p|id|pid|case|fall)[ _-]?\d+")
_ROUND = re.compile(
    r"(k?[ _-]?fold|cv|batch|part|round|run|session|week|day|year|season|jahr|tag|woche|teil)[ _-]?\d+"
)
_PART = re.compile(r"split[ _-]?(\d+|[a-z])")
_TIME = r"([-_. t]{1,3}[0-2]\d([-_.:h]?[0-5]\d){1,2})?"
_DATE = re.compile(r"(19|20)\d\d([-_. ]?[01]\d){0,1}([-_. ]?[0-3]\d){0,1}" + _TIME)
_DAY = re.compile(r"((19|20)\d\d([-_. ]?)[01]\d\3[0-3]\d|[0-3]\d([-_.])[01]\d\4(19|20)\d\d)" + _TIME)
_LEAST_DIGITS = 3  # of the longest ID number: 1 to 99 may be the codes of classes


def is_person(name: str) -> bool:
    """Return whether the name numbers a person, or is a person's code: patient_001, P001, case 12."""
    return words.is_somebody(name) or _PERSON_CODE.fullmatch(folded(name)) is not None


def are_numbered(names: Collection[str]) -> bool:
    """Return whether names beside each other number persons, years, folds or cases: they are no classes."""
    if len(names) < 2:
        return False
    numbers = all(name.isdecimal() for name in names) and max(map(len, names)) >= _LEAST_DIGITS
    return numbers or all(map(is_person, names)) or all(map(_is_round, names))


def are_days(names: Collection[str]) -> bool:
    """Return whether names beside each other are days, with a time or without: 2024-05-01, 20240501_1030."""
    return len(names) > 1 and all(_DAY.fullmatch(folded(name)) for name in names)


def repeated_inside(kids: Sequence[Node]) -> frozenset[str]:
    """Return the names of the inner folders if they repeat in most of the outer ones; else none.

    Numbers of sessions and series are no such names, but the numbers from 0 are, which are codes of classes.
    """
    held = Counter(name for one in kids for name in one.inside)
    if "0" not in held or not all(name.isdecimal() for name in held):
        held = Counter({name: count for name, count in held.items() if _may_be_class(name)})
    shared = {name for name, count in held.items() if count > 1}
    most = sum(bool(shared & one.inside.keys()) for one in kids) * 2 >= len(kids)
    return (
        frozenset(held) if len(held) > 1 and shared and most and len(shared) * 2 >= len(held) else frozenset()
    )


def _may_be_class(name: str) -> bool:
    coded = words.is_study(name) or words.is_series(name) or words.is_medium(name) or name.isdecimal()
    beside = words.is_container(name) or words.is_beside(name) or words.is_unlabelled(name)
    return not (coded or beside or is_person(name) or _is_round(name))


def _is_round(name: str) -> bool:
    return any(pattern.fullmatch(folded(name)) for pattern in (_ROUND, _PART, _DATE, _DAY))
