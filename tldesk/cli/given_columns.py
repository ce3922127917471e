"""What ``tldesk predict`` knows of pictures beside themselves: a table's columns, or the project's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tldesk.base import Problem, ProblemError
from tldesk.cli.console import Console
from tldesk.cli.open_project import open_project, with_suffix

if TYPE_CHECKING:
    from tldesk.prediction import Predictor
    from tldesk.prediction.table_values import Values


def known_values(
    predictor: Predictor, model: Path, table: Path | None, paths: Sequence[Path], console: Console
) -> dict[Path, Values]:
    """Of each picture what the table says, else what the project says of its own; tells what is missing.

    Args:
        predictor: of the model.
        model: the model file, or the project whose images are known.
        table: after ``--columns``.
        paths: the pictures.
        console: where it is told.

    Raises:
        ProblemError: the table does not fit, or the model wants no columns.
    """
    from tldesk.prediction.table_values import missing_words, values_of_table

    columns = predictor.columns
    if not columns:
        if table is not None:
            what = "the model learnt from the pictures alone, so no column plays a part"
            raise ProblemError(Problem("--columns", what, "Leave it out"))
        return {}
    values: dict[Path, Values] = {}
    if with_suffix(model).is_dir():
        with open_project(with_suffix(model)) as project:
            values |= project.values.of(paths, columns)
    if table is not None:
        said = values_of_table(table, paths, columns)
        values |= said.values
        for note in said.notes:
            console.note(note)
    missing = missing_words(predictor.model.table, [values.get(path, {}) for path in paths])
    if missing:
        how = "" if table is not None else f" Give {' and '.join(columns)} with --columns TABLE.csv."
        console.note(missing + how)
    return values
