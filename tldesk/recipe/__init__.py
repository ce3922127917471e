"""Recipes: what decides a run, as frozen models, as TOML, ready-made, recommended and checked."""

from __future__ import annotations

from tldesk.recipe.differences import Difference, differences
from tldesk.recipe.fields import FieldHelp
from tldesk.recipe.migration import SCHEMA_VERSION
from tldesk.recipe.overrides import with_overrides
from tldesk.recipe.presets import PRESETS, preset, preset_for_line
from tldesk.recipe.problems import problems
from tldesk.recipe.recipe import Augmentation, HeadSpec, Phase, Recipe, field_help
from tldesk.recipe.recommend import AvailableBackbone, Recommendation, recommend

__all__ = [
    "PRESETS",
    "SCHEMA_VERSION",
    "Augmentation",
    "AvailableBackbone",
    "Difference",
    "FieldHelp",
    "HeadSpec",
    "Phase",
    "Recipe",
    "Recommendation",
    "differences",
    "field_help",
    "preset",
    "preset_for_line",
    "problems",
    "recommend",
    "with_overrides",
]
