"""Counts the work that a training run had to do because the result was not cached."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class CacheMisses:
    """The number of images whose results were not cached.

    Attributes:
        decoded: images decoded for the network's input.
        computed: images for which the frozen trunk's output was computed.
    """

    decoded: int = 0
    computed: int = 0
