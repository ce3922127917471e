"""How a picture looks, in a few bytes: enough to find its near duplicates without opening it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

TINY_SIDE = 16
_GREY_LIMIT = 8  # levels of 255 between channels that JPEG's chroma may leave in a grey picture
_FLAT_LIMIT = 2.0  # a picture with less contrast (standard deviation, levels) looks like any other flat one
_NEAR_BITS = 6
_NEAR_CORRELATION = 0.985
_BLOCK = 512


@dataclass(frozen=True)
class Look:
    """What is kept of a picture's look.

    Attributes:
        dhash: 64 bits as a signed number: whether each of 8 x 8 cells is brighter than its right neighbour
            (Krawetz, "Kind of like that", 2013).
        tiny: 16 x 16 grey values, uint8, row by row.
        grey: the picture holds no colour.
    """

    dhash: int
    tiny: bytes
    grey: bool


def look_of(pixels: NDArray[np.uint8]) -> Look:
    """The look of (H, W, 3) uint8 RGB pixels of any size."""
    small = Image.fromarray(pixels).resize((64, 64), Image.Resampling.BOX)
    channels = np.asarray(small, dtype=np.int16)
    spread = channels.max(axis=2) - channels.min(axis=2)
    grey = small.convert("L")
    cells = np.asarray(grey.resize((9, 8), Image.Resampling.BOX))
    bits = np.packbits(cells[:, 1:] > cells[:, :-1])
    tiny = np.asarray(grey.resize((TINY_SIDE, TINY_SIDE), Image.Resampling.BOX))
    return Look(
        int.from_bytes(bits.tobytes(), "big", signed=True), tiny.tobytes(), bool(spread.max() <= _GREY_LIMIT)
    )


@dataclass(frozen=True)
class Likeness:
    """Two pictures that look alike; ``first`` < ``second`` are places in the list, ``score`` is up to 1."""

    first: int
    second: int
    score: float


def find_alike(dhashes: Sequence[int], tinies: Sequence[bytes], most: int = 100_000) -> list[Likeness]:
    """All pairs whose hashes differ in at most 6 of 64 bits and whose tiny pictures correlate above 0.985.

    The hash alone takes every brain scan for every other one; the correlation (of grey values, brightness and
    contrast apart) tells them apart. Flat pictures are left out. At most ``most`` pairs are given.
    """
    if not dhashes:
        return []
    vectors, contrast = _unit_vectors(tinies)
    places = np.flatnonzero(contrast >= _FLAT_LIMIT)
    hashes = np.asarray(dhashes, dtype=np.int64).view(np.uint64)[places]
    vectors = vectors[places]
    pairs: list[Likeness] = []
    for start in range(0, len(places), _BLOCK):
        first, second, scores = _alike_in_block(hashes, vectors, start)
        rows = zip(places[first].tolist(), places[second].tolist(), scores.tolist(), strict=True)
        pairs.extend(Likeness(one, other, round(min(score, 1.0), 4)) for one, other, score in rows)
        if len(pairs) > most:
            break
    return pairs[:most]


def _unit_vectors(tinies: Sequence[bytes]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Tiny pictures (n, 256) without their mean and with length 1, and their standard deviations in levels."""
    values = np.frombuffer(b"".join(tinies), dtype=np.uint8).reshape(len(tinies), -1).astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    contrast = values.std(axis=1)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return values / np.maximum(lengths, np.float32(1e-6)), contrast


def _alike_in_block(
    hashes: NDArray[np.uint64], vectors: NDArray[np.float32], start: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """The alike pairs whose first place is in the block that begins at ``start``."""
    block = hashes[start : start + _BLOCK]
    differing = np.bitwise_count(block[:, None] ^ hashes[None, start:])
    rows, columns = np.nonzero(differing <= _NEAR_BITS)
    later = columns > rows
    first, second = rows[later] + start, columns[later] + start
    scores = np.einsum("ij,ij->i", vectors[first], vectors[second])
    near = scores >= _NEAR_CORRELATION
    return first[near], second[near], scores[near]
