"""Column values for ``tldesk predict``: from a table, or from the project."""

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
    """Return the column values of each picture, from the table, else from the project; report missing values.

    Args:
        predictor: the predictor of the model.
        model: the model file, or a project, which supplies the values of its own images.
        table: the file given with ``--columns``.
        paths: the pictures to predict.
        console: prints the remarks.

    Raises:
        ProblemError: the table does not fit the model, or the model uses no columns.
    """
    from tldesk.prediction.table_values import missing_words, values_of_table

    columns = predictor.columns
    if not columns:
        if table is not None:
            what = "the model was trained on images only and uses no columns"
            raise ProblemError(Problem("--columns", what, "Omit this option"))
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
