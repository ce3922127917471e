"""Column values of pictures from a table, for a model with columns as extra inputs. Loads no torch."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from tldesk.base import Problem, ProblemError, plural
from tldesk.dataset.name_order import folded
from tldesk.dataset.tables.cell_values import known
from tldesk.dataset.tables.guess_columns import guess_naming
from tldesk.dataset.tables.match_table import named_files, naming_notes
from tldesk.dataset.tables.named_files import FileNames
from tldesk.dataset.tables.table import Table, read_table
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

    The pictures' names are found as in a table of labels, below the folder that holds all of them.

    Args:
        file: the table.
        paths: the pictures.
        columns: the model's columns; the case of the table's headers is ignored.

    Raises:
        ProblemError: the file is not a table, has none of the columns, or matches none of the pictures.
    """
    files, names = _names_of(paths)
    table = read_table(file, names)
    places = _places(table, columns)
    image, folder = guess_naming(table, names, classes=[table.headers[place] for place in places.values()])
    named = named_files(table, image, folder, names)
    if not named.matched:
        _refuse(table)
    values: dict[Path, dict[str, str]] = {}
    twice = set()
    for row, name in zip(table.rows, named.files, strict=True):
        if name is None:
            continue
        path = files[name]
        said = {column: text for column, place in places.items() if (text := known(row[place]))}
        if values.setdefault(path, said) != said:
            twice.add(path)
    for path in twice:
        del values[path]
    notes = [f"{note}." for note in (*table.notes, *naming_notes(file.name, named))]
    return TableValues(values, (*_lacking(file, columns, places), *notes, *_conflicting(file, len(twice))))


def _names_of(paths: Sequence[Path]) -> tuple[dict[str, Path], FileNames]:
    """Return the pictures by their paths below the folder that holds all of them, and these as file names."""
    absolute = [path.absolute() for path in paths]
    try:
        root = Path(os.path.commonpath([path.parent for path in absolute]))
    except ValueError:  # no pictures, or several drives on Windows
        whole = {path.as_posix(): given for path, given in zip(absolute, paths, strict=True)}
        return whole, FileNames(whole)
    files = {path.relative_to(root).as_posix(): given for path, given in zip(absolute, paths, strict=True)}
    return files, FileNames(files, root)


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


def _refuse(table: Table) -> NoReturn:
    raise ProblemError(
        Problem(
            str(table.path),
            "no row of the table names one of the pictures",
            "Give it a column with the pictures' file names",
        )
    )


def _lacking(file: Path, columns: Sequence[str], places: Mapping[str, int]) -> tuple[str, ...]:
    absent = [name for name in columns if name not in places]
    return (f"{file.name} has no column {_listed(absent)}.",) if absent else ()


def _conflicting(file: Path, twice: int) -> tuple[str, ...]:
    if not twice:
        return ()
    return (f"{file.name} says different things of {plural(twice, 'picture')}; none of them was used.",)


def _listed(columns: Sequence[str]) -> str:
    return " or ".join(f'"{name}"' for name in columns)
