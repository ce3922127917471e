"""Recipes: all settings of a run as frozen models and TOML, with presets, recommendations and checks."""

from __future__ import annotations

from tldesk.recipe.augmentation import DOMAINS, Augmentation, Domain, augmentation_for, domain_of
from tldesk.recipe.differences import Difference, differences
from tldesk.recipe.fields import FieldHelp
from tldesk.recipe.identity import decided
from tldesk.recipe.migration import SCHEMA_VERSION
from tldesk.recipe.overrides import with_overrides
from tldesk.recipe.presets import PRESETS, begun_from_weights, preset, preset_for_line
from tldesk.recipe.problems import problems
from tldesk.recipe.recipe import HeadSpec, Phase, Recipe, field_help
from tldesk.recipe.recommend import AvailableBackbone, Recommendation, recommend
from tldesk.recipe.tolerant_load import TolerantLoad, load_apart

__all__ = [
    "DOMAINS",
    "PRESETS",
    "SCHEMA_VERSION",
    "Augmentation",
    "AvailableBackbone",
    "Difference",
    "Domain",
    "FieldHelp",
    "HeadSpec",
    "Phase",
    "Recipe",
    "Recommendation",
    "TolerantLoad",
    "augmentation_for",
    "begun_from_weights",
    "decided",
    "differences",
    "domain_of",
    "field_help",
    "load_apart",
    "preset",
    "preset_for_line",
    "problems",
    "recommend",
    "with_overrides",
]
