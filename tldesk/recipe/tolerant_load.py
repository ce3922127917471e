"""Loads recipe files with invalid values and sets those aside; a form can then show them at their fields."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tldesk.base import ProblemError
from tldesk.recipe.recipe import Recipe, read_document
from tldesk.recipe.validation_errors import checked

_Place = list[str]


class TolerantLoad(NamedTuple):
    """A recipe read from a file, and the invalid values in that file.

    Attributes:
        recipe: the recipe of the file; invalid values are replaced by those of another recipe.
        wrong: the invalid values by dotted path, such as ``phases.0.learning_rate``; plain values only.
        error: the error about the invalid values; None if the file is valid.
    """

    recipe: Recipe
    wrong: Mapping[str, object]
    error: ProblemError | None


def load_apart(path: Path, like: Recipe) -> TolerantLoad:
    """Read a recipe from a TOML file and set invalid values aside; values of ``like`` replace them.

    Raises:
        ProblemError: as ``Recipe.load``, if more is wrong than the values of known fields.
    """
    document = read_document(path)
    try:
        return TolerantLoad(checked(Recipe, document, str(path)), {}, None)
    except ProblemError as error:
        found = _apart(document, like, error)
        if found is None:
            raise
        return found


def _apart(document: dict[str, object], like: Recipe, error: ProblemError) -> TolerantLoad | None:
    repaired, stand_in = copy.deepcopy(document), like.model_dump()
    wrong: dict[str, object] = {}
    for where in _places(document):
        place = where.split(".")
        try:
            value, other = _value(document, place), _value(stand_in, place)
        except (KeyError, IndexError, TypeError, ValueError):  # a missing or unknown field
            return None
        if not isinstance(value, str | int | float):
            return None
        wrong[where] = value
        _replace(repaired, place, other)
    try:
        return TolerantLoad(checked(Recipe, repaired, ""), wrong, error)
    except ProblemError:
        return None


def _places(document: dict[str, object]) -> list[str]:
    try:
        checked(Recipe, document, "")
    except ProblemError as error:
        return [problem.where for problem in error.problems]
    return []


def _value(inside: object, place: _Place) -> object:
    for part in place:
        inside = _step(inside, part)
    return inside


def _replace(inside: object, place: _Place, value: object) -> None:
    *parents, name = place
    parent = _value(inside, parents)
    if isinstance(parent, dict):
        parent[name] = value


def _step(inside: object, part: str) -> object:
    """Take one step into a table or list; an index past the end of a list gives its last element."""
    if isinstance(inside, list | tuple):
        return inside[min(int(part), len(inside) - 1)]
    if isinstance(inside, dict):
        return inside[part]
    raise TypeError(part)
