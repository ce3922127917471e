"""A picture's fingerprint: a few bytes, enough to find its near duplicates without opening it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
# Seven bands of 9 or 10 bits that cover the 64.
_BANDS = np.array([(1 << 64 * (band + 1) // 7) - (1 << 64 * band // 7) for band in range(7)], dtype=np.uint64)


@dataclass(frozen=True)
class Fingerprint:
    """What is stored of a picture to compare it with others.

    Attributes:
        dhash: 64 bits as a signed number: whether each of 8 x 8 cells is brighter than its right neighbour
            (Krawetz, "Kind of like that", 2013).
        tiny: 16 x 16 grey values, uint8, row by row.
        grey: the picture holds no colour.
    """

    dhash: int
    tiny: bytes
    grey: bool


def fingerprint_of(pixels: NDArray[np.uint8]) -> Fingerprint:
    """The fingerprint of (H, W, 3) uint8 RGB pixels of any size."""
    small = Image.fromarray(pixels).resize((64, 64), Image.Resampling.BOX)
    red, green, blue = np.moveaxis(np.asarray(small), 2, 0)
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    grey = small.convert("L")
    cells = np.asarray(grey.resize((9, 8), Image.Resampling.BOX))
    bits = np.packbits(cells[:, 1:] > cells[:, :-1])
    tiny = np.asarray(grey.resize((TINY_SIDE, TINY_SIDE), Image.Resampling.BOX))
    return Fingerprint(
        int.from_bytes(bits.tobytes(), "big", signed=True), tiny.tobytes(), bool(spread.max() <= _GREY_LIMIT)
    )


@dataclass(frozen=True)
class Likeness:
    """Two pictures that look alike; ``first`` < ``second`` are places in the list, ``score`` is up to 1."""

    first: int
    second: int
    score: float


def find_alike(dhashes: Sequence[int], tinies: Sequence[bytes], most: int = 200_000) -> list[Likeness]:
    """All pairs whose hashes differ in at most 6 of 64 bits and whose tiny pictures correlate above 0.985.

    The hash alone takes many a brain scan for another one; the correlation (of grey values, brightness and
    contrast apart) tells them apart. Flat pictures are left out. The search ends when it has ``most`` pairs.

    Only pairs are compared that agree in one of seven bands of bits: with six differing bits one band at
    least is the same (pigeonhole; Manku, Jain and Das Sarma 2007), so nothing is missed.
    """
    if not dhashes:
        return []
    vectors, contrast = _unit_vectors(tinies)
    places = np.flatnonzero(contrast >= _FLAT_LIMIT)
    hashes = np.asarray(dhashes, dtype=np.int64).view(np.uint64)[places]
    vectors = vectors[places]
    pairs: list[Likeness] = []
    for first, second in _near_hashes(hashes):
        scores = np.einsum("ij,ij->i", vectors[first], vectors[second])
        near = scores >= _NEAR_CORRELATION
        found = zip(
            places[first[near]].tolist(), places[second[near]].tolist(), scores[near].tolist(), strict=True
        )
        pairs.extend(Likeness(one, other, round(min(score, 1.0), 4)) for one, other, score in found)
        if len(pairs) >= most:
            break
    return sorted(pairs[:most], key=lambda pair: (pair.first, pair.second))


def _unit_vectors(tinies: Sequence[bytes]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Tiny pictures (n, 256) without their mean and with length 1; their standard deviations, levels."""
    values = np.frombuffer(b"".join(tinies), dtype=np.uint8).reshape(len(tinies), -1).astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    contrast = values.std(axis=1)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return values / np.maximum(lengths, np.float32(1e-6)), contrast


def _near_hashes(hashes: NDArray[np.uint64]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Places of hashes that differ in few bits, each pair once, the lesser place first."""
    for band in range(len(_BANDS)):
        values = hashes & _BANDS[band]
        order = np.argsort(values, kind="stable")
        ends = np.flatnonzero(np.diff(values[order])) + 1
        for members in np.split(order, ends):
            for start in range(0, len(members) - 1, _BLOCK):
                yield _near_in_block(hashes, members, start, band)


def _near_in_block(
    hashes: NDArray[np.uint64], members: NDArray[np.intp], start: int, band: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The near pairs of a bucket whose first place is in the block at ``start``; no earlier band has them."""
    block, rest = members[start : start + _BLOCK], members[start:]
    differing = hashes[block][:, None] ^ hashes[rest][None, :]
    rows, columns = np.nonzero(np.bitwise_count(differing) <= _NEAR_BITS)
    keep = columns > rows
    for earlier in _BANDS[:band]:
        keep &= (differing[rows, columns] & earlier) != 0
    return block[rows[keep]], rest[columns[keep]]
