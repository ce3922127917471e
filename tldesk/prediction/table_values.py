"""Column values of pictures from a table, for a model with columns as extra inputs. Loads no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tldesk.base import Problem, ProblemError, plural
from tldesk.dataset.name_order import folded
from tldesk.dataset.tables.cell_values import known
from tldesk.dataset.tables.label_table import FileNames, Table, read_table
from tldesk.model.table_code import TableCode

Values = Mapping[str, str]
"""The column values of one picture: column -> text; columns without a value are left out."""


@dataclass(frozen=True)
class TableValues:
    """The column values read from a table.

    Attributes:
        values: column values by picture, for the pictures that have a row.
        notes: missing columns and unused rows, one sentence each.
    """

    values: Mapping[Path, Values]
    notes: tuple[str, ...]


def values_of_table(file: Path, paths: Sequence[Path], columns: Sequence[str]) -> TableValues:
    """Read the column values of pictures from a table (CSV, TSV, XLSX, ODS).

    The column of file names is the one that matches the most pictures. A cell matches a picture by its path,
    the end of its path, or its file name with or without extension.

    Args:
        file: the table.
        paths: the pictures.
        columns: the model's columns; the case of the table's headers is ignored.

    Raises:
        ProblemError: the file is not a table, has none of the columns, or matches none of the pictures.
    """
    files = {path.absolute().as_posix(): path for path in paths}
    names = FileNames(files)
    table = read_table(file, names)
    places = _places(table, columns)
    naming = _naming_column(table, names)
    values: dict[Path, dict[str, str]] = {}
    several, twice = 0, set()
    for row in table.rows:
        found = names.find(row[naming])
        several += len(found) > 1
        if len(found) != 1:
            continue
        path = files[found[0]]
        said = {name: text for name, place in places.items() if (text := known(row[place]))}
        if values.setdefault(path, said) != said:
            twice.add(path)
    for path in twice:
        del values[path]
    return TableValues(values, (*_lacking(file, columns, places), *_unused(file, several, len(twice))))


def missing_words(code: TableCode, values: Sequence[Values]) -> str:
    """Return a line on missing column values; "" if there are none.

    Args:
        code: the model's encoding of columns.
        values: the column values of each picture.
    """
    counts = dict.fromkeys(code.names, 0)
    for one in values:
        for name in code.unknown(row_of(code, one)):
            counts[name] += 1
    total = plural(len(values), "picture")
    lacking = [f"{name} of {count:,}" for name, count in counts.items() if count]
    if not lacking:
        return ""
    return f"Of {total} the model does not know: {', '.join(lacking)}. There it answers without."


def row_of(code: TableCode, values: Values) -> list[str]:
    """Return one text per column, in the model's order; "" for a missing value."""
    return [values.get(name, "") for name in code.names]


def _places(table: Table, columns: Sequence[str]) -> dict[str, int]:
    headers = {folded(header): place for place, header in reversed(list(enumerate(table.headers)))}
    places = {name: headers[folded(name)] for name in columns if folded(name) in headers}
    if not places:
        raise ProblemError(
            Problem(
                str(table.path),
                f"the table has no column {_listed(columns)}; it has {', '.join(table.headers)}",
                "Name the columns as the model does, or choose another table",
            )
        )
    return places


def _naming_column(table: Table, names: FileNames) -> int:
    counts = [
        len({found[0] for row in table.rows if (found := names.find(row[place]))})
        for place in range(len(table.headers))
    ]
    best = max(range(len(counts)), key=lambda place: counts[place])
    if not counts[best]:
        raise ProblemError(
            Problem(
                str(table.path),
                "no row of the table names one of the pictures",
                "Give it a column with the pictures' file names",
            )
        )
    return best


def _lacking(file: Path, columns: Sequence[str], places: Mapping[str, int]) -> tuple[str, ...]:
    absent = [name for name in columns if name not in places]
    return (f"{file.name} has no column {_listed(absent)}.",) if absent else ()


def _unused(file: Path, several: int, twice: int) -> tuple[str, ...]:
    notes = []
    if several:
        rows = plural(several, "row")
        notes.append(f"{rows} of {file.name} could mean several pictures: write the folder before the name.")
    if twice:
        notes.append(
            f"{file.name} says different things of {plural(twice, 'picture')}; none of them was used."
        )
    return tuple(notes)


def _listed(columns: Sequence[str]) -> str:
    return " or ".join(f'"{name}"' for name in columns)
