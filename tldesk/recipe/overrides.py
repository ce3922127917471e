"""Changes to a recipe as typed after ``--set``: ``phases.0.epochs=5``."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import cast

from tldesk.base import Problem, ProblemError
from tldesk.recipe.differences import flat
from tldesk.recipe.recipe import Recipe, field_help
from tldesk.recipe.validation_errors import checked, nearest


def with_overrides(recipe: Recipe, settings: Sequence[str]) -> Recipe:
    """Return the recipe with these settings applied from left to right.

    Values are written as in TOML, except that text needs no quotation marks and a list of names no brackets.
    ``none`` or an empty value unsets an optional field.

    Raises:
        ProblemError: a setting is not of the form ``name=value``, names an unknown field, or its value is out
            of bounds.
    """
    if not settings:
        return recipe
    data = recipe.model_dump()
    for setting in settings:
        name, sign, text = (part.strip() for part in setting.partition("="))
        if not sign:
            raise ProblemError(Problem(setting, "there is no value", f"Write {name}=VALUE"))
        _put(data, name, text, recipe)
    return checked(Recipe, data, "")


def _put(data: dict[str, object], name: str, text: str, recipe: Recipe) -> None:
    *parents, last = name.split(".")
    part: object = data
    for parent in parents:
        part = _within(part, parent, name, recipe)
    _within(part, last, name, recipe)
    table = cast("dict[str, object]", part)
    table[last] = _value(name, text)


def _within(part: object, key: str, name: str, recipe: Recipe) -> object:
    if isinstance(part, dict) and key in part:
        return part[key]
    if isinstance(part, Sequence) and not isinstance(part, str) and key.isdecimal() and int(key) < len(part):
        return part[int(key)]
    raise ProblemError(Problem(name, f"the recipe has no setting called '{name}'", _hint(name, recipe)))


def _hint(name: str, recipe: Recipe) -> str:
    paths = tuple(flat(recipe))
    last = name.rsplit(".", 1)[-1]
    same_end = next((path for path in paths if path.endswith(f".{last}")), None)
    if same_end and same_end != name:
        return f"Perhaps you mean {same_end}"
    return nearest(name, paths) or "Look into the recipe's file for the names; phases are counted from 0"


def _value(name: str, text: str) -> object:
    about = field_help(name)
    if about.kind == "names" and not text.startswith("["):
        return listed(text)
    if about.kind in ("text", "choice") or (about.word and text.strip("\"'") == about.word):
        return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
    if about.optional and text.lower() in ("", "none"):
        return None
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return _loosely(text)


def listed(text: str) -> tuple[str, ...]:
    """Return the names in a comma-separated text."""
    return tuple(name for name in (part.strip() for part in text.split(",")) if name)


def _loosely(text: str) -> object:
    """Parse values that are not valid TOML but that people write: ``.5``, ``True``."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        return float(text)
    except ValueError:
        return text
