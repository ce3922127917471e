"""Checks which table columns a recipe may train on in addition to the images, and which need a warning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tldesk.base import Problem, percent, plural
from tldesk.dataset.records import ColumnFacts
from tldesk.recipe.recipe import Recipe
from tldesk.recipe.validation_errors import nearest

TELLING = 0.9
"""A column that predicts the classes this well on its own is most likely a shortcut."""

_FIELD = "columns"
_FEW_WORDS = 3  # up to this number, different words are never too many
_OWN_ROLES = {
    "label": ("it is the class itself, which no new picture brings", "Take it out"),
    "image": ("it only says which picture it is, which no new picture shares", "Take it out"),
    "group": (
        "it says which images belong together, and no new picture belongs to one of these",
        "Take it out",
    ),
    "split": ("it says which images are for training, validation and test", "Take it out"),
}


def column_problems(recipe: Recipe, known: Sequence[ColumnFacts] | None) -> Iterator[Problem]:
    """Yield what prevents training on the recipe's columns; all problems are at the field "columns".

    Args:
        recipe: lists the columns to train on.
        known: the project's columns; None if they have not been analysed yet, which skips the checks of the
            columns.
    """
    if recipe.columns and recipe.head.kind == "knn":
        yield Problem(
            _FIELD,
            "nearest neighbours compare pictures, and cannot weigh columns against them",
            "Leave the columns out, or choose a 'linear' or 'dense' head",
        )
    for name, count in Counter(recipe.columns).items():
        if count > 1:
            yield Problem(_FIELD, f"'{name}' is named {count} times", "Name each column once")
        if known is None:
            continue
        facts = next((one for one in known if one.name == name), None)
        if facts is None:
            yield _unknown(name, known)
            continue
        why = unfit(facts)
        if why is not None:
            yield Problem(_FIELD, f"'{name}' cannot be learnt from: {why[0]}", why[1])


def unfit(facts: ColumnFacts) -> tuple[str, str] | None:
    """Return why a column cannot be trained on and how to fix it; None if it can."""
    if facts.role is not None:
        return _OWN_ROLES[facts.role]
    if facts.words == 1 and facts.filled == facts.images:
        return "all images have the same value", "Take it out"
    if not facts.numeric and facts.words > max(_FEW_WORDS, facts.filled // 2):
        what = f"{facts.words:,} different words in {plural(facts.filled, 'image')} name the images"
        return f"{what}, and none of them would be met again", "Take it out, or note fewer, common words"
    return None


def column_warnings(recipe: Recipe, known: Sequence[ColumnFacts]) -> tuple[str, ...]:
    """Return one sentence for each of the recipe's columns that almost gives the class away."""
    chosen = [one for one in known if one.name in recipe.columns and one.role is None]
    return tuple(warning for one in chosen if (warning := shortcut_warning(one)))


def shortcut_warning(facts: ColumnFacts) -> str:
    """Return a warning if a column almost gives the class away, else ""."""
    if facts.tells < TELLING:
        return ""
    return (
        f"The column '{facts.name}' alone tells the class of {percent(facts.tells)} of these images. If it "
        "is only known after the diagnosis, or stands for where the pictures were taken, the network will "
        "look at it and hardly at the picture."
    )


def _unknown(name: str, known: Sequence[ColumnFacts]) -> Problem:
    fit = tuple(one.name for one in known if unfit(one) is None)
    what = f"the images have no column called '{name}'"
    if not fit:
        return Problem(_FIELD, what, "Add a table of labels with that column, or note values on the images")
    return Problem(_FIELD, what, nearest(name, fit) or f"Choose among {', '.join(fit)}")
