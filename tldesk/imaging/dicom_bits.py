"""Takes the stored bits out of the allocated ones (PS3.5, 8.1.1): old files keep overlays in those above."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tldesk.imaging.unreadable import UnreadableImage, damaged, unsupported
from tldesk.imaging.windowing import Samples

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_BY_BYTES = ("1.2.840.10008.1.2.5",)  # RLE compresses the allocated bytes, whatever they mean


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
    syntax = dataset.file_meta.TransferSyntaxUID
    if below and syntax.is_compressed and str(syntax) not in _BY_BYTES:
        raise UnreadableImage(unsupported("compressed samples that do not begin at bit 0"))
    return _cut(samples, below, stored)


def _cut(samples: Samples, below: int, stored: int) -> Samples:
    width = 8 * samples.dtype.itemsize
    if below == 0 and stored >= width:
        return samples
    above = width - below - stored
    if samples.dtype.kind == "u":
        return np.asarray((samples >> below) & np.array((1 << stored) - 1, samples.dtype))
    # Shifting left drops what is above; shifting a signed number right repeats the sign.
    return np.asarray((samples << above) >> (above + below))
