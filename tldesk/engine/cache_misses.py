"""Counts the work that a training had to do because no cache held the result."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class CacheMisses:
    """How many pictures were not found in a cache.

    Attributes:
        decoded: pictures read for the network's input.
        computed: pictures that went through a frozen trunk.
    """

    decoded: int = 0
    computed: int = 0
