"""Encodes table columns as numbers for the head, fitted on the training images.

Numbers are standardised, words are one-hot encoded. A missing value is encoded as zeros; if the training
images have missing values, an additional position marks them. Loads no torch.
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
"""The most words of a column with a position of their own; rarer words share one position."""


@dataclass(frozen=True)
class NumberColumn:
    """A numerical column, standardised.

    Attributes:
        name: the column's name.
        mean, spread: mean and standard deviation (dividing by n) of the training images' values; the
            deviation is 1 if all values are equal.
        low, high: smallest and largest training value. Values outside are clipped to these, so that a typing
            error (age 640) cannot determine the prediction.
        gaps: whether some training images have no value; then a second position marks a missing value.
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
        """Fit the encoding to the cells of the training images, at least one of which must be a number."""
        read = [number(text) for text in texts]
        values = np.array([value for value in read if value is not None])
        spread = float(values.std()) or 1.0
        ends = float(values.min()), float(values.max())
        return cls(name, float(values.mean()), spread, *ends, gaps=len(values) < len(read))

    @property
    def width(self) -> int:
        """Number of positions in the encoding."""
        return 1 + self.gaps

    def known(self, text: str) -> bool:
        """Return whether this cell has a value that the encoding uses."""
        return number(text) is not None

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Return (n, width) float32: the standardised value (0 if missing), then 1 if missing."""
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
        name: the column's name.
        words: the words with a position of their own, sorted.
        others: whether there were rarer words; they share a position, which unseen words use too.
        gaps: whether some training images have no value; then the last position marks a missing value, and
            unseen words too if ``others`` is false.
    """

    name: str
    words: tuple[str, ...]
    others: bool
    gaps: bool
    kind: Literal["words"] = "words"

    @classmethod
    def of(cls, name: str, texts: Sequence[str], most: int = MOST_WORDS) -> WordColumn:
        """Fit the encoding to the training images' cells: the ``most`` most frequent words, ties by name."""
        said = Counter(plain for plain in map(known, texts) if plain)
        frequent = sorted(said, key=lambda word: (-said[word], word))[:most]
        return cls(name, tuple(sorted(frequent)), len(said) > most, gaps=said.total() < len(texts))

    @property
    def width(self) -> int:
        """Number of positions in the encoding."""
        return len(self.words) + self.others + self.gaps

    def known(self, text: str) -> bool:
        """Return whether this cell has a value that the encoding uses."""
        plain = known(text)
        return plain in self.words or bool(plain and self.others)

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Return (n, width) float32: 1 at the word's position, 0 elsewhere."""
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
    """The encoding of the chosen columns, the head's second input; its width is 0 without columns.

    Attributes:
        columns: the encoding of each column, in the recipe's order.
    """

    columns: tuple[NumberColumn | WordColumn, ...] = ()

    @classmethod
    def learn(cls, names: Sequence[str], rows: Sequence[Sequence[str]]) -> TableCode:
        """Fit the encoding to the training images.

        Args:
            names: names of the columns.
            rows: for each training image, one text per column; "" if it has no value.
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
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def width(self) -> int:
        """Number of values in the encoding of one row."""
        return sum(column.width for column in self.columns)

    def encode(self, rows: Sequence[Sequence[str]]) -> Encoded:
        """Return (n, width) float32: the encodings of all columns, one after the other.

        Args:
            rows: for each image, one text per column in the order of ``names``; "" if it has no value.
        """
        if not self.columns:
            return np.zeros((len(rows), 0), dtype=np.float32)
        parts = [column.encode([row[at] for row in rows]) for at, column in enumerate(self.columns)]
        return np.concatenate(parts, axis=1)

    def to_json(self) -> str:
        """Return the text of a run folder's ``columns.json``; model files use the same form."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"

    def unknown(self, row: Sequence[str]) -> tuple[str, ...]:
        """Return the names of the columns in which this row has no value that the encoding uses."""
        return tuple(
            column.name for column, text in zip(self.columns, row, strict=True) if not column.known(text)
        )


NO_TABLE = TableCode()
"""No table columns: the picture is the only input."""
