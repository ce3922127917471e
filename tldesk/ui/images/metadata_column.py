"""A column of metadata as the widgets know it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MetadataColumn:
    """A column that images can be chosen by.

    Attributes:
        name: as in the table, or what the file calls it.
        values: each with the number of its images, the most frequent first.
    """

    name: str
    values: tuple[tuple[str, int], ...]
