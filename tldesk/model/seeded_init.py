"""Random initialisation that depends only on a seed and does not affect torch's own generators."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed torch's CPU generator inside the ``with`` block; restore its state afterwards."""
    with torch.random.fork_rng(devices=[]):
        # Not torch.manual_seed: it also seeds the GPU generators, which fork_rng does not restore here.
        torch.default_generator.manual_seed(seed)
        yield
