"""Converts models to TOML with a comment for each field, and TOML to plain documents."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import TypeGuard

import tomlkit
from pydantic import BaseModel
from tomlkit.items import AoT, Table

from tldesk.base import Problem, ProblemError


def write(model: BaseModel) -> str:
    """Return the model as TOML with each field preceded by its description.

    Reading it back gives an equal model.

    TOML cannot express None: such a field is omitted and only its comment is written. Tables come last
    because TOML requires it, so the fields of the model must be declared in that order too.
    """
    document = tomlkit.document()
    _fill(document, model, comments=True)
    return tomlkit.dumps(document)


def read(text: str, where: str) -> dict[str, object]:
    """Parse a TOML document into plain values.

    Raises:
        ProblemError: it is not TOML; the problem gives the line.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProblemError(
            Problem(
                where,
                f"the file cannot be understood: {error}",
                "Mend that line: each reads name = value, with text in quotation marks",
            )
        ) from error


def _fill(table: tomlkit.TOMLDocument | Table, model: BaseModel, *, comments: bool) -> None:
    for name, value in _tables_last(model):
        description = type(model).model_fields[name].description
        if comments and description and not _is_table(value):
            table.add(tomlkit.comment(description if value is not None else f"{name}: {description}"))
        if isinstance(value, BaseModel):
            table.add(name, _table(value, comments=comments))
        elif _is_tables(value):
            table.add(name, _list_of_tables(value, comments=comments))
        elif isinstance(value, tuple):
            table.add(name, list(value))
        elif value is not None:
            table.add(name, value)


def _tables_last(model: BaseModel) -> Iterator[tuple[str, object]]:
    return iter(sorted(model, key=lambda pair: _is_table(pair[1])))


def _is_table(value: object) -> bool:
    return isinstance(value, BaseModel) or _is_tables(value)


def _is_tables(value: object) -> TypeGuard[tuple[BaseModel, ...]]:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], BaseModel)


def _table(model: BaseModel, *, comments: bool) -> Table:
    table = tomlkit.table()
    _fill(table, model, comments=comments)
    return table


def _list_of_tables(models: tuple[BaseModel, ...], *, comments: bool) -> AoT:
    tables = tomlkit.aot()
    for model in models:
        # Only the first phase gets comments: the others have the same fields.
        tables.append(_table(model, comments=comments and not tables))
    return tables
