"""Random initialisation that depends only on a seed and leaves torch's own generators untouched."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Inside, torch's CPU generator starts from ``seed``; afterwards it is as it was before."""
    with torch.random.fork_rng(devices=[]):
        # torch.manual_seed would seed the GPUs' generators too, which fork_rng does not put back here.
        torch.default_generator.manual_seed(seed)
        yield
