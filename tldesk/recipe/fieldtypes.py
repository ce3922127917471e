"""The types of a recipe's fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le
from pydantic import ConfigDict, Discriminator, Field, Strict, Tag

# Strict: `epochs = true` or `dropout = "0.2"` in a file is a mistake; it is called one and not converted.
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict()]
Switch = Annotated[bool, Strict()]
Name = Annotated[str, Strict(), Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Share = Annotated[Number, Field(ge=0, le=1)]

CONFIG = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

UNION_MARK = "~"
"""With it begin the parts of pydantic's places that name no field but one of several types of a value."""

_NUMBER, _WORD = f"{UNION_MARK}number", f"{UNION_MARK}word"


@dataclass(frozen=True, slots=True)
class AddedLater:
    """Marks a field that recipes of format 1 had not from the beginning.

    At its default it decides nothing: a recipe that does not set it means what it meant before there was the
    field, and has the same fingerprint.
    """


def _word_or_number(value: object) -> str:
    return _WORD if isinstance(value, str) else _NUMBER


BatchSize = Annotated[
    Annotated[int, Strict(), Ge(1), Le(4096), Tag(_NUMBER)] | Annotated[Literal["auto"], Tag(_WORD)],
    Discriminator(_word_or_number),
]
