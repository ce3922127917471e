"""Answers as a table with one row per image, for a spreadsheet or a script."""

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
    """``path, predicted, probability``, one column a class, ``novelty, unsure, error``.

    A class that is called like one of the fixed columns gets ``class `` before its name.
    """
    fixed = {*_BEFORE, *_AFTER}
    named = [f"class {name}" if name in fixed else name for name in classes]
    return [*_BEFORE, *named, *_AFTER]


def row(entry: Answer | Failure, classes: Sequence[str]) -> list[str]:
    """The cells of one row; a failure has its reason in the last one and nothing between."""
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
    """Write the table to ``file`` as comma-separated UTF-8, whole or not at all.

    Args:
        rows: answers and failures, written in this order.
        classes: the model's classes in their fixed order.
        file: where to; an existing file is replaced.
        excel: start the file with a byte-order mark. Excel needs it to read umlauts; most scripts would take
            it for a part of the first column's name, so it is left out unless asked for.

    Raises:
        ProblemError: the file cannot be written.
    """
    text = table_text(rows, classes)
    write_atomic(file, text.encode("utf-8-sig" if excel else "utf-8"))


def table_text(rows: Iterable[Answer | Failure], classes: Sequence[str]) -> str:
    """The table as comma-separated text with its header line."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns(classes))
    writer.writerows(row(entry, classes) for entry in rows)
    return buffer.getvalue()


def _number(value: float) -> str:
    return f"{value:.6f}"
