"""A phase on the epoch axis. Apart from the plot, which brings pyqtgraph along."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PhaseBand:
    """A phase on the epoch axis: first epoch (from 1), number of epochs, its title, cool or warm."""

    first_epoch: int
    epochs: int
    title: str
    only_head: bool
