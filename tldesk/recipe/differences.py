"""Compares two recipes field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tldesk.recipe.recipe import Recipe


class Difference(NamedTuple):
    """A field in which two recipes differ; None where a recipe lacks the field (one has fewer phases)."""

    field: str
    a: object
    b: object


def differences(a: Recipe, b: Recipe) -> tuple[Difference, ...]:
    """Return the fields in which two recipes differ, as dotted paths (``phases.1.epochs``)."""
    left, right = flat(a), flat(b)
    fields = dict.fromkeys((*left, *right))
    return tuple(
        Difference(field, left.get(field), right.get(field))
        for field in fields
        if left.get(field) != right.get(field)
    )


def flat(recipe: Recipe) -> dict[str, object]:
    """Return every value of a recipe under its dotted path."""
    return dict(_walk("", recipe.model_dump()))


def _walk(path: str, value: object) -> Iterator[tuple[str, object]]:
    inner: Iterator[tuple[object, object]] | None = None
    if isinstance(value, dict):
        inner = iter(value.items())
    elif isinstance(value, list | tuple) and value and isinstance(value[0], dict):
        inner = iter(enumerate(value))
    if inner is None:
        yield path, value
        return
    for key, part in inner:
        yield from _walk(f"{path}.{key}" if path else str(key), part)
