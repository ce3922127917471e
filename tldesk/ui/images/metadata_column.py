"""A column of metadata, as used by the widgets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MetadataColumn:
    """A column by whose values images can be filtered.

    Attributes:
        name: name in the table, or in the file.
        values: each value with its number of images, the most frequent first.
    """

    name: str
    values: tuple[tuple[str, int], ...]
