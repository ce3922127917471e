"""The types of a recipe's fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le
from pydantic import ConfigDict, Discriminator, Field, Strict, Tag

# Strict: `epochs = true` or `dropout = "0.2"` in a file is a mistake. It is reported, not silently converted.
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict()]
Switch = Annotated[bool, Strict()]
Name = Annotated[str, Strict(), Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Share = Annotated[Number, Field(ge=0, le=1)]

CONFIG = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

UNION_MARK = "~"
"""Prefix of the parts of a pydantic error location that name a member of a union rather than a field."""

_NUMBER, _WORD = f"{UNION_MARK}number", f"{UNION_MARK}word"


@dataclass(frozen=True, slots=True)
class AddedLater:
    """Marks a field that was added after recipe format 1 was published.

    At its default value it is not part of the fingerprint, so older recipes keep their meaning and their
    fingerprints.
    """


def _word_or_number(value: object) -> str:
    return _WORD if isinstance(value, str) else _NUMBER


BatchSize = Annotated[
    Annotated[int, Strict(), Ge(1), Le(4096), Tag(_NUMBER)] | Annotated[Literal["auto"], Tag(_WORD)],
    Discriminator(_word_or_number),
]
