"""Guesses which column of a table gives the class, or which columns, one a class; says when it is in doubt.

The header decides where it names the class ("label", "Befund", "species"). Sex, age, site, view, annotator
and the like are never guessed. Without such a header, the only column that could be a class is taken; if
there are several, or none, a person has to choose.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from tldesk.dataset.tables.class_cells import is_date, is_decimal, is_flag, is_yes
from tldesk.dataset.tables.column_words import (
    ClassWord,
    class_word,
    is_code,
    never_a_class,
    ranks_of_taxa,
)

_MOST_ROWS = 3000  # that are looked at
_MOST_NUMBERS = 30  # different whole numbers in a column that may be a class without being called one
_FEW_CLASSES = 3  # columns of yes and no that are certain to be the classes if each row says one yes
_ONE_YES = 0.9  # share of rows with one yes, from which such columns are one class
_PLAIN_NAMES = frozenset({"no finding", "normal", "healthy", "none", "background", "no_finding"})
_LONG = 40  # mean number of letters of remarks


@dataclass(frozen=True)
class ClassGuess:
    """The columns of the class.

    Attributes:
        columns: one column, or one a class; empty if a person has to choose.
        candidates: all columns that come into question, the likeliest first.
    """

    columns: tuple[str, ...]
    candidates: tuple[tuple[str, ...], ...]


def guess_class(columns: dict[str, list[str]]) -> ClassGuess:
    """Guess the class among some columns (name -> cells) of a table, in its order."""
    ranks = ranks_of_taxa(columns)
    looks = {name: _Look.of(name, _spread(cells), rank=name in ranks) for name, cells in columns.items()}
    one_hot = _one_hot(looks)
    named = _best_named([look for look in looks.values() if look.word and look.name not in one_hot.columns])
    unnamed = [
        look.name
        for look in looks.values()
        if look.may_be_class and not look.word and look.name not in one_hot.columns
    ]
    found = _decide(one_hot, named, unnamed)
    likely = ClassWord.FIELD if found else ClassWord.WEAK
    others = [
        (look.name,) for look in looks.values() if look.word >= likely or (not found and look.name in unnamed)
    ]
    last = [(look.name,) for look in looks.values() if look.distinct > 1 and not look.unique]
    several = one_hot.columns or _two_that_exclude(looks)
    sets = [several, *[(name,) for name in several]] if several else []
    wanted = [found] if found else []
    all_names = [(name,) for name in columns]
    doubtful = [] if found and found == one_hot.columns else sets
    if found:
        others = [one for one in others if not _is_no_other(looks, one[0], found)]
    candidates = dict.fromkeys([*wanted, *[(name,) for name in named], *doubtful, *others])
    return ClassGuess(found, tuple(candidates or dict.fromkeys(last or all_names)))


def _two_that_exclude(looks: dict[str, _Look]) -> tuple[str, ...]:
    """Return two columns that alone say yes and no, never both yes: two classes, and pictures of neither."""
    runs = list(_runs(looks.values()))
    if len(runs) != 1 or len(runs[0]) != 2:
        return ()
    one, other = runs[0]
    pairs = {(is_yes(a), is_yes(b)) for a, b in zip(one.cells, other.cells, strict=True)}
    return (
        (one.name, other.name)
        if {(True, False), (False, True)} <= pairs and (True, True) not in pairs
        else ()
    )


def _is_no_other(looks: dict[str, _Look], name: str, found: tuple[str, ...]) -> bool:
    """Return whether a column is part of what was found, says the same, or one word in all rows."""
    look = looks[name]
    return name in found or look.distinct < 2 or (len(found) == 1 and _say_the_same(looks[found[0]], look))


def _decide(one_hot: _OneHot, named: Sequence[str], unnamed: Sequence[str]) -> tuple[str, ...]:
    if len(named) == 1 and not one_hot.columns:
        return (named[0],)
    if named:
        return ()
    if one_hot.certain and (len(one_hot.columns) >= _FEW_CLASSES or not unnamed):
        return one_hot.columns
    return (unnamed[0],) if len(unnamed) == 1 and not one_hot.columns else ()


def _spread(cells: Sequence[str]) -> list[str]:
    """Return cells from all over the column, at most as many as are looked at."""
    step = -(-len(cells) // _MOST_ROWS) or 1
    return list(cells[::step])


@dataclass(frozen=True)
class _Look:
    """What a column looks like."""

    name: str
    cells: Sequence[str] = field(repr=False)
    word: ClassWord
    distinct: int
    unique: bool
    flags: bool
    may_be_class: bool  # without being called one

    @classmethod
    def of(cls, name: str, cells: Sequence[str], *, rank: bool) -> _Look:
        said = [cell for cell in cells if cell]
        values = set(said)
        unique = len(values) == len(said) > 2
        flags = bool(said) and all(map(is_flag, values))
        fits = 1 < len(values) <= max(3, len(said) // 2) and not unique and _are_names(values)
        return cls(
            name,
            cells,
            ClassWord.NONE if rank else class_word(name),
            len(values),
            unique,
            flags,
            fits and not rank and not never_a_class(name),
        )


def _are_names(values: set[str]) -> bool:
    """Return whether values may be names of classes: no measurements, dates, remarks or many numbers."""
    whole = all(value.lstrip("+-").isdecimal() for value in values)
    if whole:
        return len(values) <= _MOST_NUMBERS
    if all(map(is_decimal, values)) or all(map(is_date, values)):
        return False
    return sum(map(len, values)) / len(values) <= _LONG


def _best_named(looks: Sequence[_Look]) -> list[str]:
    """Return the columns whose headers say most surely that they are the class; one unless in doubt."""
    if not looks:
        return []
    best = max(look.word for look in looks)
    first = [look for look in looks if look.word == best]
    first = [look for look in first if look.distinct > 1] or first  # one word in all rows divides nothing
    kept: list[_Look] = []
    for look in sorted(first, key=_preference):
        if not any(_say_the_same(look, other) for other in kept):
            kept.append(look)
    return [look.name for look in kept]


def _preference(look: _Look) -> tuple[bool, bool, int]:
    """Of two columns that say the same, prefer names to numbers, then the one that says more."""
    said = [cell for cell in look.cells if cell]
    return is_code(look.name), all(cell.isdecimal() for cell in said), -len(said)


def _say_the_same(one: _Look, other: _Look) -> bool:
    """Return whether two columns divide the rows in the same way where both say something."""
    pairs = {(a, b) for a, b in zip(one.cells, other.cells, strict=True) if a and b}
    return bool(pairs) and len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)


@dataclass(frozen=True)
class _OneHot:
    """Neighbouring columns of yes and no.

    Attributes:
        columns: their names; empty if there are no such columns.
        certain: nearly every row says one yes, or the columns are known to be the classes.
    """

    columns: tuple[str, ...] = ()
    certain: bool = False


def _one_hot(looks: dict[str, _Look]) -> _OneHot:
    runs = list(_runs(looks.values()))
    best = max((_with_one_yes(run) for run in runs), key=len, default=[])
    if best:
        return _OneHot(tuple(look.name for look in best), certain=True)
    longest = max(runs, key=len, default=[])
    plain = any(look.name.casefold() in _PLAIN_NAMES for look in longest)
    if len(longest) >= _FEW_CLASSES:
        return _OneHot(tuple(look.name for look in longest), certain=plain)
    return _OneHot()


def _runs(looks: Iterable[_Look]) -> Iterable[list[_Look]]:
    """Yield the runs of two or more neighbouring columns of yes and no."""
    run: list[_Look] = []
    for look in looks:
        if look.flags and not never_a_class(look.name):
            run.append(look)
            continue
        if len(run) > 1:
            yield run
        run = []
    if len(run) > 1:
        yield run


def _with_one_yes(run: list[_Look]) -> list[_Look]:
    """Return the most neighbouring columns of which nearly every row says yes in exactly one."""
    says = np.array([[is_yes(cell) for cell in look.cells] for look in run], dtype=np.int32)
    sums = np.vstack([np.zeros((1, says.shape[1]), dtype=np.int32), says.cumsum(axis=0)])
    for size in range(len(run), 1, -1):
        for start in range(len(run) - size + 1):
            in_each = sums[start + size] - sums[start]
            if (in_each == 1).mean() >= _ONE_YES:
                return _without_idle_ends(run[start : start + size], says[start : start + size])
    return []


def _without_idle_ends(run: list[_Look], says: np.ndarray) -> list[_Look]:
    """Return the run; columns at its ends that never say yes stay, because a class may have no image."""
    return run if says.any(axis=1).sum() > 1 else []
