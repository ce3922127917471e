"""Titles, bounds and descriptions of a model's fields, for the window's form and for hints in messages."""

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
    """One field.

    Attributes:
        title: a few words for a form.
        description: one plain line about what it does.
        kind: what values it takes; "names" is a list of texts, "table" a part with fields of its own,
            "tables" a list of such parts.
        low, high: least and greatest value, both included unless ``low_open``; None where there is no bound.
        low_open: whether ``low`` itself is not permitted.
        choices: the permitted values of a "choice", else empty.
        optional: whether it may be left out to mean "the backbone's own".
        word: what may stand in the place of a number ("auto"); empty where nothing may.
        default: the value where the file says nothing; None where one has to be given.
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
    """What is known of the field at a dotted path such as ``phases.0.epochs``.

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
    """The field names of the part at ``parents`` (numbers left out); empty where there is no such part."""
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
    """The one text that a union with numbers permits."""
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
