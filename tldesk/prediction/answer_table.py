"""Predictions as a table with one row per picture, for a spreadsheet or a script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tldesk.base.spreadsheet import FOR_PROGRAMS, Cell, CsvStyle, csv_text, write_sheet
from tldesk.prediction.answers import Answer, Failure

_BEFORE = ("path", "predicted", "probability")
_AFTER = ("novelty", "unsure", "error")


def columns(classes: Sequence[str]) -> list[str]:
    """Return the headers: ``path, predicted, probability``, one per class, ``novelty, unsure, error``.

    If a class has the name of one of the other columns, its header is ``class NAME``.
    """
    fixed = {*_BEFORE, *_AFTER}
    named = [f"class {name}" if name in fixed else name for name in classes]
    return [*_BEFORE, *named, *_AFTER]


def row(entry: Answer | Failure, classes: Sequence[str]) -> list[Cell]:
    """Return the cells of one row; for a failure, only the path and, in the last cell, the reason."""
    if isinstance(entry, Failure):
        middle = [None] * (len(columns(classes)) - 2)
        return [str(entry.path), *middle, entry.error]
    return [
        str(entry.path),
        entry.predicted,
        entry.probability,
        *entry.probabilities,
        entry.novelty,
        "yes" if entry.unsure else "no",
        "",
    ]


def write_table(
    rows: Iterable[Answer | Failure], classes: Sequence[str], file: Path, style: CsvStyle = FOR_PROGRAMS
) -> None:
    """Write the table to ``file``, as a whole or not at all: a workbook for ``.xlsx``, else CSV.

    Args:
        rows: predictions and failures, written in this order.
        classes: the model's classes in their order.
        file: the file to write; an existing one is replaced.
        style: of a CSV file.

    Raises:
        ProblemError: the file cannot be written.
    """
    write_sheet([columns(classes), *(row(entry, classes) for entry in rows)], file, style)


def table_text(
    rows: Iterable[Answer | Failure], classes: Sequence[str], style: CsvStyle = FOR_PROGRAMS
) -> str:
    """Return the table as CSV text with a header line."""
    return csv_text([columns(classes), *(row(entry, classes) for entry in rows)], style)
