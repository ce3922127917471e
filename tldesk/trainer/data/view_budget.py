"""Decides what of a phase is computed once and cached, and how many views. Loads no torch."""

from __future__ import annotations

from collections.abc import Callable

from tldesk.model import LINE_ALL, Card
from tldesk.recipe import Phase, Recipe

MAPS_BUDGET = 1.5 * 2**30
"""Bytes. Maps of all images together may be this large; beyond it they are computed again in every epoch."""


def views_that_fit(row_bytes: int, images: int) -> int:
    """How many views of all images may be kept, given the bytes of one image's map."""
    return int(MAPS_BUDGET // (row_bytes * max(1, images)))


def count_of_views(recipe: Recipe, phase: Phase, card: Card, fit: Callable[[], int]) -> int:
    """How many views of each training image are computed and kept where the recipe changes images.

    Below 2: none, every epoch augments the pictures again. ``fit`` says how many fit; it is only asked where
    maps are kept.
    """
    if card.position(phase.freeze) == 0:
        return 0
    wanted = recipe.augmentation.views
    if phase.freeze == LINE_ALL:
        return wanted
    # As many views as epochs are never dearer than changing the pictures in every epoch.
    return min(wanted, phase.epochs, fit())


def takes_plain_pictures(recipe: Recipe, phase: Phase, card: Card) -> bool:
    """Whether the phase learns from pictures as they are.

    A head that only goes before the training of a tail does well with them.
    """
    lowest = min((one.freeze for one in recipe.phases), key=card.position)
    only_first = phase.freeze == LINE_ALL and lowest != LINE_ALL
    return only_first or not recipe.augmentation.active
