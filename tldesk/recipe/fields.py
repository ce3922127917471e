"""Titles, bounds and descriptions of a model's fields, for the form in the window and for error messages."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

_UNIONS = (Union, types.UnionType)
Kind = Literal["whole", "number", "switch", "text", "choice", "names", "table", "tables"]


@dataclass(frozen=True, slots=True)
class FieldHelp:
    """How to present and check one field.

    Attributes:
        title: a few words, shown as the label in a form.
        description: one plain sentence about what the field does.
        kind: the type of value; "names" is a list of strings, "table" a model with its own fields, "tables" a
            list of such models.
        low, high: smallest and largest value, both included unless ``low_open``; None where there is no
            bound.
        low_open: whether ``low`` itself is excluded.
        choices: the permitted values if ``kind`` is "choice", else empty.
        optional: whether the field may be None, which means the backbone's own value.
        word: the text permitted in place of a number ("auto"); empty if there is none.
        default: the value if the file does not set the field; None if the field is required.
    """

    title: str
    description: str
    kind: Kind
    low: float | None
    high: float | None
    low_open: bool
    choices: tuple[str, ...]
    optional: bool
    word: str
    default: object


def help_of(model: type[BaseModel], path: str) -> FieldHelp:
    """Return the help for the field at a dotted path such as ``phases.0.epochs``.

    Raises:
        KeyError: the model has no such field.
    """
    *parents, name = [part for part in path.split(".") if not part.isdecimal()]
    for parent in parents:
        inner = _inner(model.model_fields[parent])
        if inner is None:
            raise KeyError(path)
        model = inner
    return _help(model.model_fields[name])


def names_at(model: type[BaseModel], parents: tuple[str, ...]) -> tuple[str, ...]:
    """Return the field names of the model at ``parents`` (without indices); empty if there is none."""
    for parent in parents:
        field = model.model_fields.get(parent)
        inner = None if field is None else _inner(field)
        if inner is None:
            return ()
        model = inner
    return tuple(model.model_fields)


def _help(field: FieldInfo) -> FieldHelp:
    kind, choices, optional = _kind(field.annotation)
    low, high, low_open = _bounds(field)
    return FieldHelp(
        title=field.title or "",
        description=field.description or "",
        kind=kind,
        low=low,
        high=high,
        low_open=low_open,
        choices=choices,
        optional=optional,
        word=_word(field.annotation),
        default=None if field.is_required() else field.get_default(call_default_factory=True),
    )


def _kind(annotation: Any) -> tuple[Kind, tuple[str, ...], bool]:  # noqa: ANN401 - a type of any form
    plain, optional = _without_none(annotation)
    if get_origin(plain) is Literal:
        values = get_args(plain)
        if all(isinstance(value, str) for value in values):
            return "choice", values, optional
        return "whole", (), optional
    if get_origin(plain) is tuple:
        inner = get_args(plain)[0]
        tables = isinstance(inner, type) and issubclass(inner, BaseModel)
        return "tables" if tables else "names", (), optional
    kinds: dict[object, Kind] = {bool: "switch", int: "whole", float: "number", str: "text"}
    return kinds.get(_bare(plain), "table"), (), optional


def _without_none(annotation: Any) -> tuple[Any, bool]:  # noqa: ANN401
    if get_origin(annotation) not in _UNIONS:
        return annotation, False
    rest = [part for part in get_args(annotation) if part is not type(None)]
    return rest[0], len(rest) < len(get_args(annotation))


def _word(annotation: Any) -> str:  # noqa: ANN401
    """Return the text that a union with numbers also permits; empty if there is none."""
    arms = [_bare(arm) for arm in get_args(annotation)] if get_origin(annotation) in _UNIONS else []
    return next((get_args(arm)[0] for arm in arms if get_origin(arm) is Literal), "")


def _bare(annotation: Any) -> object:  # noqa: ANN401
    return getattr(annotation, "__origin__", annotation)  # Annotated[int, …] -> int


def _bounds(field: FieldInfo) -> tuple[float | None, float | None, bool]:
    low: float | None = None
    high: float | None = None
    low_open = False
    plain, _ = _without_none(field.annotation)
    for rule in (*field.metadata, *getattr(plain, "__metadata__", ())):
        if isinstance(rule, annotated_types.Gt):
            low, low_open = float(str(rule.gt)), True
        elif isinstance(rule, annotated_types.Ge):
            low = float(str(rule.ge))
        elif isinstance(rule, annotated_types.Le):
            high = float(str(rule.le))
    return low, high, low_open


def _inner(field: FieldInfo) -> type[BaseModel] | None:
    annotation = field.annotation
    if get_origin(annotation) is tuple:
        annotation = get_args(annotation)[0]
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
