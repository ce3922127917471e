"""How much a training really had to do: what was cached costs neither decoding nor computing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Work:
    """Counts of what was not found in a cache.

    Attributes:
        decoded: pictures read for the network's input.
        computed: pictures that went through a frozen trunk.
    """

    decoded: int = 0
    computed: int = 0
