"""Turns pydantic's validation errors into problems that a user can fix."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tldesk.base import Problem, ProblemError
from tldesk.recipe.fields import names_at
from tldesk.recipe.fieldtypes import UNION_MARK

M = TypeVar("M", bound=BaseModel)

_BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
}
_KINDS = {
    "int_type": ("a whole number", "Write a whole number without quotation marks"),
    "int_from_float": ("a whole number", "Write a whole number"),
    "float_type": ("a number", "Write a number without quotation marks"),
    "finite_number": ("an ordinary number", "Write an ordinary number"),
    "bool_type": ("true or false", "Write true or false"),
    "string_type": ("text", "Put it in quotation marks"),
    "tuple_type": ("a list", "Write it as a list; in a file each part begins with its name in [[ ]]"),
    "model_type": ("a table", "Write it as a table; in a file it begins with its name in [ ]"),
}


def checked(model: type[M], data: Mapping[str, object], where: str) -> M:
    """Validate ``data`` and return the model.

    Problems are located at ``where`` (a file, an argument) and the field; if ``where`` is empty, at the field
    alone.

    Raises:
        ProblemError: with one problem per invalid field.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        details = _without_echoes(error.errors())
        raise ProblemError(*(_problem(model, detail, where) for detail in details)) from error


def plain_fields(model: BaseModel) -> dict[str, object]:
    """Return all that a model and the models in it hold, unknown fields included, as plain values."""
    return {name: _plain(value) for name, value in vars(model).items()}


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return plain_fields(value)
    return tuple(map(_plain, value)) if isinstance(value, list | tuple) else value


def nearest(name: str, names: tuple[str, ...]) -> str:
    """Return ``"Perhaps you mean x"``, or "" if no name is similar."""
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"Perhaps you mean {near[0]}" if near else ""


def _without_echoes(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Drop pydantic's "too short" error for a list whose only element is already reported as invalid."""
    places = {detail["loc"][:1] for detail in details if len(detail["loc"]) > 1}
    return [detail for detail in details if detail["type"] != "too_short" or detail["loc"] not in places]


def _problem(model: type[BaseModel], detail: ErrorDetails, where: str) -> Problem:
    path = ".".join(part for part in map(str, detail["loc"]) if not part.startswith(UNION_MARK))
    place = ": ".join(part for part in (where, path) if part)
    what, fix = _words(model, detail)
    return Problem(place, what, fix)


def _words(model: type[BaseModel], detail: ErrorDetails) -> tuple[str, str]:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "missing":
        return "it is missing", "Give it a value"
    if kind == "extra_forbidden":
        return _unknown(model, detail)
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return f"{value:.10g} is outside what is possible", f"Choose {words} {context[key]:.10g}"
    if kind == "literal_error":
        beside_numbers = str(detail["loc"][-1]).startswith(UNION_MARK)
        begin = "Write a whole number, or" if beside_numbers else "Choose"
        return f"'{value}' is not one of the choices", f"{begin} {context['expected']}"
    if kind in _KINDS:
        needed, fix = _KINDS[kind]
        return f"{_shown(value)} is not {needed}", fix
    return _of_length(kind, value)


def _of_length(kind: str, value: object) -> tuple[str, str]:
    if kind == "too_short":
        return "there is no phase", "Add at least one phase"
    if kind == "too_long":
        return "there are too many of them", "Leave some of them out"
    if kind == "string_too_short":
        return "it is empty", "Write a name"
    if kind == "string_too_long":
        return "it is longer than 200 characters", "Shorten it"
    return f"{value!r} cannot be used here", "Use letters, digits and spaces on one line"


def _unknown(model: type[BaseModel], detail: ErrorDetails) -> tuple[str, str]:
    *parents, name = [part for part in detail["loc"] if isinstance(part, str)]
    names = names_at(model, tuple(parents))
    hint = nearest(name, names) or f"Take it out; what is known here is {', '.join(names)}"
    return f"a recipe knows nothing called '{name}' here", hint


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)
