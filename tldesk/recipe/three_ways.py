"""The three ways to train made from one recipe: feature extraction, fine-tuning and training from scratch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from tldesk.base import Problem, ProblemError
from tldesk.recipe.presets import preset
from tldesk.recipe.recipe import Phase, Recipe

WayName = Literal["feature_extraction", "fine_tuning", "from_scratch"]

WAYS: tuple[WayName, ...] = ("feature_extraction", "fine_tuning", "from_scratch")
"""The quickest first, so that there is something to see soon."""

TITLES: Mapping[WayName, str] = {
    "feature_extraction": "feature extraction",
    "fine_tuning": "fine-tuning",
    "from_scratch": "from scratch",
}
"""In words; also the names of the recipes."""

_PRESETS: Mapping[WayName, str] = {
    "feature_extraction": "feature_extraction",
    "fine_tuning": "two_phase",
    "from_scratch": "from_scratch",
}
# What makes a way what it is. Rates for pretrained stages would hardly move random ones, and averages that
# were never learned cannot be kept.
_OWN = ("name", "weights", "phases", "rate_per_stage", "average_last", "batch_norm")
_TAIL_SHARE = 0.25  # of the epochs, as in the ready-made recipe: 10 of 40
_SGD_RATE = 10.0  # times AdamW's, for which the ready-made recipes are


def way_of(recipe: Recipe) -> WayName:
    """Which of the three a recipe already is."""
    if recipe.weights == "random":
        return "from_scratch"
    only_head = all(phase.freeze == "all" for phase in recipe.phases)
    return "feature_extraction" if only_head else "fine_tuning"


def three_ways(recipe: Recipe, stages: Sequence[str]) -> dict[WayName, Recipe]:
    """The three recipes, in the order of ``WAYS``.

    The one that the recipe is already keeps its phases; the other two have those of the ready-made recipes.
    Held equal are backbone, head, input size, fit, random changes of the pictures, batch, optimiser, weight
    decay, smoothing, mixup, class balance, what "best" means, the patience, the seed, and the number of
    epochs in all: each may look at the pictures as often as the others (of a head that is solved, an epoch
    is a strength of regularisation). Rates, warm-up, averaging and what becomes of batch norm belong to a
    way: the same rate for pretrained and for random weights would spoil one of them, and the comparison.

    Args:
        recipe: what the user has.
        stages: of its backbone, input side first.

    Raises:
        ProblemError: the head learns nothing, so that there is nothing to compare.
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
    """The ready-made phases with as many epochs in all as the recipe has."""
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
        changes["solver"] = "steps"  # a head that is solved cannot mix pictures
    return phase.model_copy(update=changes)
