"""A phase on the epoch axis. In its own file, because the plot imports pyqtgraph."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PhaseBand:
    """A phase on the epoch axis: first epoch (from 1), number of epochs, its title, cool or warm."""

    first_epoch: int
    epochs: int
    title: str
    only_head: bool
