"""The backbones with available weights, in the form that recommendations need."""

from __future__ import annotations

from collections.abc import Iterable

from tldesk.model.cards import card
from tldesk.recipe import AvailableBackbone


def available_backbones(names: Iterable[str]) -> tuple[AvailableBackbone, ...]:
    """Return the backbones ``names``, e.g. ``WeightsLibrary().present()``, as arguments of ``recommend``."""
    return tuple(_available(name) for name in names)


def _available(name: str) -> AvailableBackbone:
    known = card(name)
    return AvailableBackbone(
        name=known.name,
        title=known.title,
        stages=known.stage_names,
        gmacs=known.gmacs,
        accuracy=known.imagenet_accuracy,
        caution=known.caution,
        input_size=known.input_size,
    )
