"""Views: the original image and augmented copies, each run through the frozen stages once and cached."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from tldesk.engine.feature_bank import PLAIN, View
from tldesk.recipe import Augmentation, decided
from tldesk.trainer.data.augment import augment, draws


def views_of(how: Augmentation, seed: int, count: int) -> tuple[View, ...]:
    """Return the views: view 0 is the original; the others augment it, determined by image, view and seed."""
    return (PLAIN, *(_changed(how, seed, number) for number in range(1, count)))


def view_at(place: int, epoch: int, count: int) -> int:
    """Return the view that an epoch uses for the image at ``place``.

    Each epoch mixes the views, and every view has its turn.
    """
    return (place + epoch) % count


def _changed(how: Augmentation, seed: int, number: int) -> View:
    def change(pixels: NDArray[np.uint8], contents: Sequence[str]) -> NDArray[np.uint8]:
        changed = augment(torch.from_numpy(pixels), draws(seed, number, contents), how)
        return changed.round().to(torch.uint8).numpy()

    text = json.dumps(decided(how), separators=(",", ":"))
    digest = hashlib.blake2b(text.encode("utf-8"), digest_size=8).hexdigest()
    return View(f"{digest}-{seed}-{number}", change)
