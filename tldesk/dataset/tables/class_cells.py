"""What the cells of a row say about its class, in one column or in one a class; what is odd about it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tldesk.base import plural
from tldesk.dataset.tables.cell_values import known, number
from tldesk.dataset.tables.column_words import ClassWord, class_word

YES = frozenset({"1", "1.0", "true", "yes", "x", "t", "y", "ja", "wahr", "oui", "vrai", "si", "sí"})
NO = frozenset({"", "0", "0.0", "false", "no", "f", "n", "nein", "falsch", "non", "faux", "-1", "-1.0"})
_DECIMAL = re.compile(r"[+-]?\d*[.,]\d+(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T].*)?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})( .*)?|"
    r"\d{1,2}[-. ](jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-z]*\.?",
    re.IGNORECASE,
)
_TELLING = ("choices", "labels", "choice", "label", "answer")  # ends of the keys of choices
_NESTED = frozenset({"taxonomy", "classifications", "annotations", "value"})  # keys of what holds choices
_SEVERAL = "|"
_MANY_CLASSES = (
    12  # if most rows have a class of their own, that is worth a remark from this number of rows on
)


@dataclass(frozen=True)
class Said:
    """The class in a row; "" for none, with the names if there are several."""

    label: str
    several: tuple[str, ...] = ()


class ClassCells:
    """Reads the class from the cells of the class column, or of one column a class."""

    def __init__(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Take the names of the class columns, and the cells in them of all rows."""
        self._headers = headers
        single = {row[0] for row in rows} if len(headers) == 1 else set()
        self._alone = {cell for cell in single if _SEVERAL not in cell}

    def read(self, cells: Sequence[str]) -> Said:
        """Return the class in a row's cells of the class columns."""
        if len(self._headers) > 1:
            pairs = zip(self._headers, cells, strict=True)
            return _one_of([header for header, cell in pairs if is_yes(cell)])
        cell = cells[0]
        if cell.startswith(("{", "[")):
            choices = _choices(cell)
            if choices is not None:
                return _one_of(choices)
        parts = [part.strip() for part in cell.split(_SEVERAL)]
        if len(parts) > 1 and self._alone.intersection(parts):
            return _one_of(parts)
        return Said(cell)


def is_yes(cell: str) -> bool:
    """Return whether a cell of a column for one class says that the image belongs to it."""
    return cell.casefold() in YES


def is_flag(cell: str) -> bool:
    """Return whether a cell says yes, no or (-1, as in CheXpert) that it is uncertain."""
    plain = cell.casefold()
    return plain in YES or plain in NO


def is_decimal(cell: str) -> bool:
    """Return whether a cell is a number with decimals."""
    return _DECIMAL.fullmatch(cell) is not None


def is_date(cell: str) -> bool:
    """Return whether a cell is a date."""
    return _DATE.fullmatch(cell) is not None


def odd_classes(names: Iterable[str], rows: int) -> list[str]:
    """Return remarks on class names that look like missing values, measurements, dates or codes of rows."""
    names = sorted(set(names) - {""})
    notes = []
    missing = [name for name in names if not known(name) or name.startswith("#")]
    if missing:
        notes.append(
            f"The {'class' if len(missing) == 1 else 'classes'} {_quoted(missing)} may mean that there is no"
            f" value, and {'was read as a class' if len(missing) == 1 else 'were read as classes'}."
            " If there is none, empty those cells"
        )
    decimals = [name for name in names if is_decimal(name)]
    if decimals:
        notes.append(
            f"The classes are decimal numbers ({_quoted(decimals)}), of which each is a class of its own. If"
            " they are measurements, put ranges of them in a column of classes"
        )
    dates = [name for name in names if is_date(name)]
    if dates:
        notes.append(
            f"{plural(len(dates), 'class looks like a date', 'classes look like dates')} ({_quoted(dates)});"
            " spreadsheets"
            " turn names such as 1-2 or MAR1 into dates. Check the column"
        )
    notes.extend(_same_number(names))
    if len(names) > rows / 2 and rows >= _MANY_CLASSES:
        notes.append(f"There are {len(names):,} classes in {rows:,} rows; check the column of classes")
    return notes


def _same_number(names: Sequence[str]) -> list[str]:
    """Return a remark if one number is written in two ways, such as 1 and 1.0."""
    values: dict[float, list[str]] = {}
    for name in names:
        value = number(name)
        if value is not None:
            values.setdefault(value, []).append(name)
    twice = next((written for written in values.values() if len(written) > 1), None)
    if twice is None:
        return []
    return [f"{' and '.join(twice)} are two classes, although they are the same number"]


def _one_of(names: Sequence[str]) -> Said:
    different = tuple(dict.fromkeys(name for name in names if name))
    if len(different) > 1:
        return Said("", different)
    return Said(different[0] if different else "")


def _choices(cell: str) -> list[str] | None:
    """Return the choices in a cell of Label Studio, Labelbox, Zooniverse or VIA; None if it is not JSON."""
    try:
        value = json.loads(cell)
    except ValueError:
        return None
    return list(_texts(value))


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key in _NESTED or key.endswith(_TELLING):
                yield from _answers(inner) if key.endswith("answer") else _texts(inner)
            elif isinstance(inner, str) and class_word(key) >= ClassWord.FIELD:
                yield inner.strip()


def _answers(value: object) -> Iterable[str]:
    """Yield the answers of Labelbox: texts, or objects with a title or name."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield from _texts(next((one[key] for key in ("title", "name") if key in one), one))
        else:
            yield from _texts(one)


def _quoted(names: Sequence[str], most: int = 3) -> str:
    shown = ", ".join(f'"{name}"' for name in names[:most])
    return f"{shown} …" if len(names) > most else shown
