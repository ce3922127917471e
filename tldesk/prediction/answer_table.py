"""Predictions as a table with one row per picture, for a spreadsheet or a script."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from tldesk.base import write_atomic
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


def row(entry: Answer | Failure, classes: Sequence[str]) -> list[str]:
    """Return the cells of one row; for a failure, only the path and, in the last cell, the reason."""
    if isinstance(entry, Failure):
        middle = [""] * (len(columns(classes)) - 2)
        return [str(entry.path), *middle, entry.error]
    shares = [_number(share) for share in entry.probabilities]
    unsure = "yes" if entry.unsure else "no"
    return [
        str(entry.path),
        entry.predicted,
        _number(entry.probability),
        *shares,
        _number(entry.novelty),
        unsure,
        "",
    ]


def write_table(
    rows: Iterable[Answer | Failure], classes: Sequence[str], file: Path, *, excel: bool = False
) -> None:
    """Write the table to ``file`` as comma-separated UTF-8, as a whole or not at all.

    Args:
        rows: predictions and failures, written in this order.
        classes: the model's classes in their order.
        file: the file to write; an existing one is replaced.
        excel: start the file with a byte-order mark. Excel needs it to read umlauts, but most scripts would
            read it as part of the first column's name, so it is off by default.

    Raises:
        ProblemError: the file cannot be written.
    """
    text = table_text(rows, classes)
    write_atomic(file, text.encode("utf-8-sig" if excel else "utf-8", "backslashreplace"))


def table_text(rows: Iterable[Answer | Failure], classes: Sequence[str]) -> str:
    """Return the table as comma-separated text with a header line."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns(classes))
    writer.writerows(row(entry, classes) for entry in rows)
    return buffer.getvalue()


def _number(value: float) -> str:
    return f"{value:.6f}"
