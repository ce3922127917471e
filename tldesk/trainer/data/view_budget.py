"""Decides what a phase computes once and caches, and how many views of it. Loads no torch."""

from __future__ import annotations

from collections.abc import Callable

from tldesk.model import LINE_ALL, Card
from tldesk.recipe import Phase, Recipe

MAPS_BUDGET = 1.5 * 2**30
"""Size limit in bytes of all cached feature maps together; larger ones are recomputed in every epoch."""


def views_that_fit(row_bytes: int, images: int) -> int:
    """Return how many views of all images fit, given the bytes of one image's feature map."""
    return int(MAPS_BUDGET // (row_bytes * max(1, images)))


def count_of_views(recipe: Recipe, phase: Phase, card: Card, fit: Callable[[], int]) -> int:
    """Return how many views of each training image are cached if the recipe augments images.

    Below 2, none are cached and every epoch augments the pictures again. ``fit`` returns how many views fit;
    it is called only if feature maps are cached.
    """
    if card.position(phase.freeze) == 0:
        return 0
    wanted = recipe.augmentation.views
    if phase.freeze == LINE_ALL:
        return wanted
    # Caching as many views as epochs never costs more than augmenting in every epoch.
    return min(wanted, phase.epochs, fit())


def takes_plain_pictures(recipe: Recipe, phase: Phase, card: Card) -> bool:
    """Return whether the phase trains on images without augmentation.

    Unaugmented images are enough for a head that is only the start for training stages.
    """
    lowest = min((one.freeze for one in recipe.phases), key=card.position)
    only_first = phase.freeze == LINE_ALL and lowest != LINE_ALL
    return only_first or not recipe.augmentation.active
