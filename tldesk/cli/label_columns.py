"""The columns of a table of labels: those given by options, else a guess, which is printed."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tldesk.base import ProblemError
from tldesk.cli.console import Console

if TYPE_CHECKING:
    from tldesk.dataset import Columns


def label_columns(
    table: Path, images: Path, image: str | None, classes: str | None, console: Console
) -> Columns:
    """Return the columns of a table; print how many of its rows have a file.

    Args:
        table: the table of labels.
        images: the folder of pictures.
        image: the option ``--image-column``.
        classes: the option ``--label-column``: a column, or one column a class with commas between.
        console: prints the line.

    Raises:
        ProblemError: the table has no such column, or it is in doubt which one is the class.
    """
    from tldesk.dataset.tables.guess_columns import classes_named, doubt, read_columns

    guess = read_columns(table, images, image=image, classes=classes)
    if guess.doubtful and not guess.matched:
        problem = doubt(table, guess)
        raise ProblemError(replace(problem, fix=f"{problem.fix}: --images DIR, --image-column NAME"))
    if guess.doubtful:
        choices = ", or ".join(shlex.quote(classes_named(one)) for one in guess.candidates)
        raise ProblemError(replace(doubt(table, guess), fix=f"Name it: --label-column {choices}"))
    others = [classes_named(one) for one in guess.candidates if one != guess.columns.classes]
    if others:
        console.note(f"The class may also be in another column: {', '.join(others)}")
    chosen = "The chosen" if image and classes else "The guessed"
    console.note(
        f"{chosen} columns match {guess.matched:,} of {guess.total:,} rows with a file. To choose other "
        "columns: --image-column NAME, --label-column NAME"
    )
    return guess.columns
