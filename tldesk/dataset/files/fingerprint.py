"""Picture fingerprints: a few bytes with which near duplicates are found without opening the files again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

TINY_SIDE = 16
_GREY_LIMIT = 8  # levels of 255; JPEG's chroma may leave such differences between channels of a grey picture
_FLAT_LIMIT = 2.0  # levels of 255; pictures with a smaller standard deviation cannot be told apart
_NEAR_BITS = 6
_NEAR_CORRELATION = 0.985
_BLOCK = 512
# Seven bands of 9 or 10 bits that together cover all 64.
_BANDS = np.array([(1 << 64 * (band + 1) // 7) - (1 << 64 * band // 7) for band in range(7)], dtype=np.uint64)


@dataclass(frozen=True)
class Fingerprint:
    """The data stored about a picture to compare it with others.

    Attributes:
        dhash: 64-bit difference hash as a signed number, from comparing 8 x 8 cells with their neighbours in
            the row (Krawetz, "Kind of like that", 2013).
        tiny: 16 x 16 grey values, uint8, row by row.
        grey: whether the picture contains no colour.
    """

    dhash: int
    tiny: bytes
    grey: bool


def fingerprint_of(pixels: NDArray[np.uint8]) -> Fingerprint:
    """Return the fingerprint of (H, W, 3) uint8 RGB pixels of any size."""
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
    """Two similar pictures; ``first`` < ``second`` are indices in the list, ``score`` is at most 1."""

    first: int
    second: int
    score: float


def find_alike(dhashes: Sequence[int], tinies: Sequence[bytes], most: int = 200_000) -> list[Likeness]:
    """Return all pairs with hashes that differ in at most 6 of 64 bits and a correlation of at least 0.985.

    The hash alone would confuse many brain scans; the correlation of the tiny pictures, which is independent
    of brightness and contrast, distinguishes them. Uniform pictures are left out. The search ends after
    ``most`` pairs.

    Only pairs that agree in one of seven bands of bits are compared. If at most six bits differ, at least one
    band is equal (pigeonhole principle; Manku, Jain and Das Sarma 2007), so no pair is missed.
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
    """Return tiny pictures (n, 256) with mean 0 and length 1, and their standard deviations in levels."""
    values = np.frombuffer(b"".join(tinies), dtype=np.uint8).reshape(len(tinies), -1).astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    contrast = values.std(axis=1)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return values / np.maximum(lengths, np.float32(1e-6)), contrast


def _near_hashes(hashes: NDArray[np.uint64]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield the indices of hashes that differ in few bits, each pair once, the smaller index first."""
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
    """Return the near pairs whose first index is in the block at ``start``, except those of earlier bands."""
    block, rest = members[start : start + _BLOCK], members[start:]
    differing = hashes[block][:, None] ^ hashes[rest][None, :]
    rows, columns = np.nonzero(np.bitwise_count(differing) <= _NEAR_BITS)
    keep = columns > rows
    for earlier in _BANDS[:band]:
        keep &= (differing[rows, columns] & earlier) != 0
    return block[rows[keep]], rest[columns[keep]]
