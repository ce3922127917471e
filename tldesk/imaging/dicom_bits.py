"""Takes the stored bits out of the allocated ones (PS3.5, 8.1.1): old files keep overlays in those above."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from tldesk.imaging.unreadable import UnreadableImage, damaged, unsupported
from tldesk.imaging.windowing import Samples

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_RLE = "1.2.840.10008.1.2.5"  # RLE compresses the allocated bytes, whatever they mean


@contextlib.contextmanager
def all_bits(dataset: Dataset) -> Iterator[None]:
    """Let pydicom decode uncompressed samples with all allocated bits, of which it would drop the highest."""
    stored = dataset.get("BitsStored")
    if stored is None or not _by_bytes(dataset):
        yield
        return
    dataset.BitsStored = dataset.BitsAllocated
    try:
        yield
    finally:
        dataset.BitsStored = stored


def stored_bits(samples: Samples, dataset: Dataset) -> Samples:
    """Return integer samples without the bits above and below the stored ones; same shape and dtype.

    Signed samples get their sign from the highest stored bit. Other samples are returned as they are.

    Raises:
        UnreadableImage: High Bit contradicts the other numbers, or the codec that compressed the samples.
    """
    if samples.dtype.kind not in "iu" or dataset.get("BitsStored") is None:
        return samples
    allocated, stored = int(dataset.BitsAllocated), int(dataset.BitsStored)
    high = dataset.get("HighBit")
    below = 0 if high is None else int(high) + 1 - stored
    if stored < 1 or below < 0 or below + stored > allocated:
        raise UnreadableImage(damaged(f"of {allocated} bits, {stored} up to bit {high} are to be used"))
    if below and not _by_bytes(dataset):
        raise UnreadableImage(unsupported("compressed samples that do not begin at bit 0"))
    return _cut(samples, below, stored)


def _by_bytes(dataset: Dataset) -> bool:
    syntax = dataset.file_meta.TransferSyntaxUID
    return not syntax.is_encapsulated or str(syntax) == _RLE


def _cut(samples: Samples, below: int, stored: int) -> Samples:
    width = 8 * samples.dtype.itemsize
    if below == 0 and stored >= width:
        return samples
    above = width - below - stored
    if samples.dtype.kind == "u":
        return np.asarray((samples >> below) & np.array((1 << stored) - 1, samples.dtype))
    # Shifting left drops what is above; shifting a signed number right repeats the sign.
    return np.asarray((samples << above) >> (above + below))
