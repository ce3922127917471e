"""Encodes table columns as numbers for the head, fitted on the training images.

Numbers are standardised, words become a place each (one-hot); what is not known becomes nothing, and where
training images lacked a value there is a place that says so. Loads no torch.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tldesk.dataset.tables.cell_values import are_numbers, known, number

Encoded = NDArray[np.float32]

MOST_WORDS = 20
"""A column's words that have a place each; the rarer ones share one."""


@dataclass(frozen=True)
class NumberColumn:
    """A numerical column, standardised.

    Attributes:
        name: the column's.
        mean, spread: of the training images' values; the standard deviation (of the values themselves, not
            of what they were drawn from), 1 where all are the same.
        low, high: the least and the greatest training value. What lies outside counts as this, so that a
            slip of the pen (age 640) cannot decide by itself.
        gaps: whether some training images have no value; a second place then says so.
    """

    name: str
    mean: float
    spread: float
    low: float
    high: float
    gaps: bool
    kind: Literal["number"] = "number"

    @classmethod
    def of(cls, name: str, texts: Sequence[str]) -> NumberColumn:
        """From the training images' cells, at least one of which is a number."""
        read = [number(text) for text in texts]
        values = np.array([value for value in read if value is not None])
        spread = float(values.std()) or 1.0
        ends = float(values.min()), float(values.max())
        return cls(name, float(values.mean()), spread, *ends, gaps=len(values) < len(read))

    @property
    def width(self) -> int:
        """How many places it has."""
        return 1 + self.gaps

    def known(self, text: str) -> bool:
        """Whether this cell says something that the training could learn from."""
        return number(text) is not None

    def encode(self, texts: Sequence[str]) -> Encoded:
        """(n, width): the standardised value, 0 where there is none, then whether there is none."""
        read = [number(text) for text in texts]
        there = np.array([value is not None for value in read], dtype=bool)
        values = np.array([self.mean if value is None else value for value in read], dtype=np.float64)
        standard = (np.clip(values, self.low, self.high) - self.mean) / self.spread
        places = [np.where(there, standard, 0.0), ~there][: self.width]
        return np.stack(places, axis=1).astype(np.float32)


@dataclass(frozen=True)
class WordColumn:
    """A categorical column, one-hot encoded.

    Attributes:
        name: the column's.
        words: that have a place each, in the order of their names.
        others: whether there were rarer ones, which share a place; words never seen then go there too.
        gaps: whether some training images have no value; a last place then says so, also for words never
            seen where there is no place for others.
    """

    name: str
    words: tuple[str, ...]
    others: bool
    gaps: bool
    kind: Literal["words"] = "words"

    @classmethod
    def of(cls, name: str, texts: Sequence[str], most: int = MOST_WORDS) -> WordColumn:
        """From the training images' cells; of words that are equally frequent the first by name stay."""
        said = Counter(plain for plain in map(known, texts) if plain)
        frequent = sorted(said, key=lambda word: (-said[word], word))[:most]
        return cls(name, tuple(sorted(frequent)), len(said) > most, gaps=said.total() < len(texts))

    @property
    def width(self) -> int:
        """How many places it has."""
        return len(self.words) + self.others + self.gaps

    def known(self, text: str) -> bool:
        """Whether this cell says something that the training could learn from."""
        plain = known(text)
        return plain in self.words or bool(plain and self.others)

    def encode(self, texts: Sequence[str]) -> Encoded:
        """(n, width): 1 at the word's place, 0 elsewhere."""
        places = {word: place for place, word in enumerate(self.words)}
        encoded = np.zeros((len(texts), self.width), dtype=np.float32)
        for row, plain in enumerate(map(known, texts)):
            if plain in places:
                encoded[row, places[plain]] = 1
            elif plain and self.others:
                encoded[row, len(self.words)] = 1
            elif self.gaps:
                encoded[row, -1] = 1
        return encoded


@dataclass(frozen=True)
class TableCode:
    """The encoding of the chosen columns, the head's second input; zero wide without columns.

    Attributes:
        columns: in the recipe's order.
    """

    columns: tuple[NumberColumn | WordColumn, ...] = ()

    @classmethod
    def learn(cls, names: Sequence[str], rows: Sequence[Sequence[str]]) -> TableCode:
        """Fit the encoding to the training images.

        Args:
            names: of the columns.
            rows: of each training image, a text a column; "" where it has no value.
        """
        if not names:
            return NO_TABLE
        return cls(
            tuple(
                (NumberColumn if are_numbers(texts) else WordColumn).of(name, texts)
                for name, texts in ((name, [row[at] for row in rows]) for at, name in enumerate(names))
            )
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(column.name for column in self.columns)

    @property
    def width(self) -> int:
        """How many numbers an image's row becomes."""
        return sum(column.width for column in self.columns)

    def encode(self, rows: Sequence[Sequence[str]]) -> Encoded:
        """(n, width) float32: the columns' places, one column after the other.

        Args:
            rows: of each image, a text a column in the order of ``names``; "" where it has no value.
        """
        if not self.columns:
            return np.zeros((len(rows), 0), dtype=np.float32)
        parts = [column.encode([row[at] for row in rows]) for at, column in enumerate(self.columns)]
        return np.concatenate(parts, axis=1)

    def to_json(self) -> str:
        """Text for ``columns.json`` of a run folder, as in a model file."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"

    def unknown(self, row: Sequence[str]) -> tuple[str, ...]:
        """The columns in which this row has no value that the training could use."""
        return tuple(
            column.name for column, text in zip(self.columns, row, strict=True) if not column.known(text)
        )


NO_TABLE = TableCode()
"""Pictures alone."""
