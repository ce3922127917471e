"""Recipes: what decides a run, as frozen models, as TOML, ready-made, recommended and checked."""

from __future__ import annotations

from tldesk.recipe.presets import PRESETS, preset
from tldesk.recipe.recipe import SCHEMA_VERSION, Augmentation, HeadSpec, Phase, Recipe

__all__ = [
    "PRESETS",
    "SCHEMA_VERSION",
    "Augmentation",
    "HeadSpec",
    "Phase",
    "Recipe",
    "preset",
]
