"""The values a search may try in a recipe, and the recipe for one choice. Independent of the search loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tldesk.base import Problem, ProblemError
from tldesk.recipe.augmentation import Augmentation
from tldesk.recipe.move_freeze_line import moved_line
from tldesk.recipe.presets import MODERATE, STRONG
from tldesk.recipe.recipe import Phase, Recipe
from tldesk.recipe.validation_errors import nearest

OVER = ("rate", "batch", "line", "augmentation")
"""The parts of a recipe that can be searched over."""

Choice = Mapping[str, str | int | float]
Batch = int | Literal["auto"]

AS_NOW = "as now"
_AUGMENTATIONS = {"none": Augmentation(), "moderate": MODERATE, "strong": STRONG}
_BATCHES = (8, 16, 32, 64)
_RATE_SPAN = 10.0  # learning rates from a tenth of the recipe's to ten times it


@dataclass(frozen=True)
class Space:
    """The values a search may choose from; an empty tuple means that the part is not changed.

    Attributes:
        recipe: the recipe that is varied.
        stages: stages of its backbone, input side first.
        over: the parts of ``OVER`` that are searched.
        batches: batch sizes, ascending; preceded by "auto" if the recipe uses it.
        lines: freeze lines of the last phase.
        augmentations: names of augmentations; ``AS_NOW`` is the recipe's own.
    """

    recipe: Recipe
    stages: tuple[str, ...]
    over: tuple[str, ...]
    batches: tuple[Batch, ...] = ()
    lines: tuple[str, ...] = ()
    augmentations: tuple[str, ...] = ()

    @property
    def own(self) -> Choice:
        """Return the choice that leaves the recipe unchanged."""
        values: dict[str, str | int | float] = {}
        if self.lines:
            values["line"] = self.recipe.phases[-1].freeze
        if self.augmentations:
            values["augmentation"] = _name_of(self.recipe.augmentation)
        learning = self.learning(values)
        if learning is not None and "rate" in self.over:
            values["rate"] = learning.learning_rate
        if learning is not None and self.batches:
            values["batch"] = self.recipe.batch_size
        return values

    def learning(self, choice: Choice) -> Phase | None:
        """Return the last phase trained in steps with the chosen freeze line; None if none is."""
        steps = [phase for phase in self._at_line(choice).phases if not _is_solved(phase, self.recipe)]
        return steps[-1] if steps else None

    def rates(self, choice: Choice) -> tuple[float, float]:
        """Return the lowest and highest learning rate with this freeze line."""
        learning = self.learning(choice)
        assert learning is not None
        rate = learning.learning_rate
        return rate / _RATE_SPAN, min(rate * _RATE_SPAN, 1.0)

    def made(self, choice: Choice) -> Recipe:
        """Return the recipe with this choice, adapted to its freeze line; its name is kept."""
        recipe = self._at_line(choice)
        changes: dict[str, object] = {}
        if "batch" in choice:
            changes["batch_size"] = choice["batch"]
        augmentation = choice.get("augmentation", AS_NOW)
        if augmentation != AS_NOW:
            own = self.recipe.augmentation.views
            changes["augmentation"] = _AUGMENTATIONS[str(augmentation)].model_copy(update={"views": own})
        if "rate" in choice:
            changes["phases"] = _with_rate(recipe, float(choice["rate"]))
        return recipe.model_copy(update=changes)

    def _at_line(self, choice: Choice) -> Recipe:
        return moved_line(self.recipe, str(choice["line"]), self.stages) if "line" in choice else self.recipe


def space_of(recipe: Recipe, stages: Sequence[str], images: int, over: Sequence[str] = OVER) -> Space:
    """Return the values that suit a recipe: rates within a factor of ten, common batch sizes, late lines.

    Args:
        recipe: the recipe to start from.
        stages: stages of its backbone, input side first.
        images: number of training images; batches are smaller than half of them.
        over: the parts of ``OVER`` to search.

    Raises:
        ProblemError: ``over`` contains an unknown part, or there is nothing to search.
    """
    for name in over:
        if name not in OVER:
            hint = nearest(name, OVER) or f"Choose among {', '.join(OVER)}"
            raise ProblemError(Problem("over", f"nothing called '{name}' can be searched", hint))
    space = Space(
        recipe,
        tuple(stages),
        tuple(over),
        _batches(recipe, images) if "batch" in over else (),
        _lines(recipe, stages) if "line" in over else (),
        _augmentations(recipe) if "augmentation" in over else (),
    )
    if space.learning({}) is None and not space.lines and not space.augmentations:
        what = "the head is solved at once, so that neither a rate nor a batch size plays a part"
        raise ProblemError(Problem("over", what, "Search over lines or augmentations as well"))
    return space


def _batches(recipe: Recipe, images: int) -> tuple[Batch, ...]:
    """Return the recipe's own batch size, and those that give at least two batches per epoch."""
    own, usual = recipe.batch_size, {size for size in _BATCHES if 2 * size <= images}
    return ("auto", *sorted(usual)) if own == "auto" else tuple(sorted({own, *usual}))


def _lines(recipe: Recipe, stages: Sequence[str]) -> tuple[str, ...]:
    """Return the recipe's own line, "all" and the late stages; empty when training from scratch."""
    if recipe.weights == "random":
        return ()
    late = tuple(stages[len(stages) // 2 :])
    own = recipe.phases[-1].freeze
    return tuple(dict.fromkeys((own, "all", *reversed(late))))


def _augmentations(recipe: Recipe) -> tuple[str, ...]:
    return tuple(dict.fromkeys((_name_of(recipe.augmentation), *_AUGMENTATIONS)))


def _name_of(augmentation: Augmentation) -> str:
    """Return the name of the domain with the same changes, ignoring the number of views."""
    for name, known in _AUGMENTATIONS.items():
        if known.model_copy(update={"views": augmentation.views}) == augmentation:
            return name
    return AS_NOW


def _is_solved(phase: Phase, recipe: Recipe) -> bool:
    return phase.freeze == "all" and phase.solver == "auto" and recipe.head.kind == "linear"


def _with_rate(recipe: Recipe, rate: float) -> tuple[Phase, ...]:
    phases = list(recipe.phases)
    last = max(number for number, phase in enumerate(phases) if not _is_solved(phase, recipe))
    phases[last] = phases[last].model_copy(update={"learning_rate": rate})
    return tuple(phases)
