"""The three ways to train derived from one recipe: feature extraction, fine-tuning, training from scratch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from tldesk.base import Problem, ProblemError
from tldesk.recipe.presets import preset
from tldesk.recipe.recipe import Phase, Recipe

WayName = Literal["feature_extraction", "fine_tuning", "from_scratch"]

WAYS: tuple[WayName, ...] = ("feature_extraction", "fine_tuning", "from_scratch")
"""The fastest first, so that results appear early."""

TITLES: Mapping[WayName, str] = {
    "feature_extraction": "feature extraction",
    "fine_tuning": "fine-tuning",
    "from_scratch": "from scratch",
}
"""Titles in words; also used as the names of the recipes."""

_PRESETS: Mapping[WayName, str] = {
    "feature_extraction": "feature_extraction",
    "fine_tuning": "two_phase",
    "from_scratch": "from_scratch",
}
# The fields that define a way. Learning rates for pretrained stages are too low for random ones, and batch
# norm averages that were never learned cannot be kept.
_OWN = ("name", "weights", "phases", "rate_per_stage", "average_last", "batch_norm")
_TAIL_SHARE = 0.25  # share of the epochs, as in the preset: 10 of 40
_SGD_RATE = 10.0  # times the rate for AdamW, which the presets are made for


def way_of(recipe: Recipe) -> WayName:
    """Return which of the three ways a recipe already is."""
    if recipe.weights == "random":
        return "from_scratch"
    only_head = all(phase.freeze == "all" for phase in recipe.phases)
    return "feature_extraction" if only_head else "fine_tuning"


def three_ways(recipe: Recipe, stages: Sequence[str]) -> dict[WayName, Recipe]:
    """Return the three recipes in the order of ``WAYS``.

    The way that the recipe already is keeps its phases; the other two take those of their presets. All three
    share the backbone, head, input size, fit, augmentation, batch size, optimiser, weight decay, label
    smoothing, mixup, class balance, monitor, patience, seed and total number of epochs, so each sees the
    images equally often (for a solved head, an epoch is one regularisation strength). Learning rates,
    warm-up, averaging and the handling of batch norm differ between the ways: the same rate for pretrained
    and random weights would spoil one of them, and with it the comparison.

    Args:
        recipe: the user's recipe.
        stages: stages of its backbone, input side first.

    Raises:
        ProblemError: the head learns nothing (nearest neighbours), so there is nothing to compare.
    """
    if recipe.head.kind == "knn":
        what = "nearest neighbours are looked up and learn nothing, so that the three ways would not differ"
        raise ProblemError(Problem("head.kind", what, "Choose the linear or the dense head"))
    return {way: _made(way, recipe, tuple(stages)) for way in WAYS}


def _made(way: WayName, recipe: Recipe, stages: tuple[str, ...]) -> Recipe:
    if way_of(recipe) == way:
        return recipe.model_copy(update={"name": TITLES[way]})
    ready = preset(_PRESETS[way], recipe.backbone, stages=stages)
    own: dict[str, object] = {name: getattr(ready, name) for name in _OWN}
    phases = _phases(ready, recipe)
    average = min(ready.average_last, max(1, phases[-1].epochs // 3))
    return recipe.model_copy(update={**own, "name": TITLES[way], "phases": phases, "average_last": average})


def _phases(ready: Recipe, recipe: Recipe) -> tuple[Phase, ...]:
    """Return the preset's phases, scaled to the recipe's total number of epochs."""
    if len(ready.phases) == 1:
        return (_fitted(ready.phases[0], recipe.epochs, recipe),)
    head, tail = ready.phases
    last = max(1, round(_TAIL_SHARE * recipe.epochs))
    return (_fitted(head, max(1, recipe.epochs - last), recipe), _fitted(tail, last, recipe))


def _fitted(phase: Phase, epochs: int, recipe: Recipe) -> Phase:
    changes: dict[str, object] = {"epochs": epochs, "warmup_epochs": min(phase.warmup_epochs, epochs / 10)}
    if recipe.optimizer == "sgd":
        changes["learning_rate"] = min(1.0, phase.learning_rate * _SGD_RATE)
    if recipe.mixup:
        changes["solver"] = "steps"  # a head that is solved directly cannot use mixup
    return phase.model_copy(update=changes)
