"""Moves a recipe's freeze line."""

from __future__ import annotations

from collections.abc import Sequence

from tldesk.recipe.presets import preset_for_line
from tldesk.recipe.recipe import Recipe


def moved_line(recipe: Recipe, line: str, stages: Sequence[str]) -> Recipe:
    """Return the recipe with its freeze line moved to ``line``.

    Moving the line of a recipe that trains only the head back into the stages gives it the phases of
    two-phase fine-tuning (and the reverse): the large errors of an untrained head would damage the pretrained
    stages if they were trained from the first step. In all other cases only the line of the last phase moves.
    """
    before = recipe.phases[-1].freeze
    if line == before:
        return recipe
    only_head = len(recipe.phases) == 1 and before == "all"
    back_to_head = line == "all" and len(recipe.phases) == 2 and recipe.phases[0].freeze == "all"
    if recipe.weights == "pretrained" and (only_head or back_to_head):
        ready = preset_for_line(recipe.backbone, line, stages)
        changes: dict[str, object] = {
            "name": ready.name,
            "phases": ready.phases,
            "batch_size": ready.batch_size,
            "early_stopping": ready.early_stopping,
        }
        if not recipe.augmentation.active or back_to_head:
            changes["augmentation"] = ready.augmentation
        return recipe.model_copy(update=changes)
    last = recipe.phases[-1].model_copy(update={"freeze": line})
    return recipe.model_copy(update={"phases": (*recipe.phases[:-1], last)})
