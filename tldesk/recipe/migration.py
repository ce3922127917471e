"""Upgrades recipe files of older formats, one step per version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

from tldesk.base import Problem, ProblemError

SCHEMA_VERSION: Literal[1] = 1

Document = Mapping[str, object]
Step = Callable[[Document], dict[str, object]]

# STEPS[n] turns a document of version n into one of version n + 1; it never changes its argument.
STEPS: Mapping[int, Step] = MappingProxyType({})


def migrate(
    document: Document, where: str, *, steps: Mapping[int, Step] = STEPS, present: int = SCHEMA_VERSION
) -> dict[str, object]:
    """Return the document upgraded to version ``present``.

    A document without a version is taken to be current, because people write recipes by hand.

    Raises:
        ProblemError: the document is too new or too old for this program, or its version is not a number.
    """
    version = _version(document, where, present)
    current = dict(document)
    while version < present:
        step = steps.get(version)
        if step is None:
            raise ProblemError(_too_old(where, version))
        version += 1
        current = step(current) | {"schema_version": version}
    return current


def _version(document: Document, where: str, present: int) -> int:
    version = document.get("schema_version", present)
    if not isinstance(version, int) or isinstance(version, bool):
        raise ProblemError(
            Problem(
                _field(where),
                f"the format version '{version}' is not a whole number",
                f"Write schema_version = {present}",
            )
        )
    if version > present:
        raise ProblemError(_too_new(where, version, present))
    return version


def _too_new(where: str, version: int, present: int) -> Problem:
    return Problem(
        _field(where),
        f"this recipe was written by a newer tldesk (format {version}; this one reads up to {present})",
        "Update tldesk, or create the recipe again in this version",
    )


def _too_old(where: str, version: int) -> Problem:
    return Problem(
        _field(where),
        f"this recipe has format version {version}, which this tldesk cannot read",
        "Create the recipe again in this version",
    )


def _field(where: str) -> str:
    return f"{where}: schema_version" if where else "schema_version"
