"""What a search may change in a recipe, and the recipe for one choice; independent of the search itself."""

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
"""What can be searched over."""

Choice = Mapping[str, str | int | float]
Batch = int | Literal["auto"]

AS_NOW = "as now"
_AUGMENTATIONS = {"none": Augmentation(), "moderate": MODERATE, "strong": STRONG}
_BATCHES = (8, 16, 32, 64)
_RATE_SPAN = 10.0  # times the rate that the recipe has, either way


@dataclass(frozen=True)
class Space:
    """The values a search may choose from; what is empty is not changed.

    Attributes:
        recipe: what is changed.
        stages: of its backbone, input side first.
        over: the parts of ``OVER`` that are searched.
        batches: sizes, in order; before them "auto" where the recipe has that.
        lines: freeze lines of the last phase.
        augmentations: names; ``AS_NOW`` is the recipe's own.
    """

    recipe: Recipe
    stages: tuple[str, ...]
    over: tuple[str, ...]
    batches: tuple[Batch, ...] = ()
    lines: tuple[str, ...] = ()
    augmentations: tuple[str, ...] = ()

    @property
    def own(self) -> Choice:
        """The choice that leaves the recipe as it is."""
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
        """The last phase that learns in steps once the line is chosen; None where all is solved."""
        steps = [phase for phase in self._at_line(choice).phases if not _is_solved(phase, self.recipe)]
        return steps[-1] if steps else None

    def rates(self, choice: Choice) -> tuple[float, float]:
        """The lowest and highest learning rate with this freeze line."""
        learning = self.learning(choice)
        assert learning is not None
        rate = learning.learning_rate
        return rate / _RATE_SPAN, min(rate * _RATE_SPAN, 1.0)

    def made(self, choice: Choice) -> Recipe:
        """The recipe with this choice; its name stays, and what depends on the freeze line is adapted."""
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
    """The values that suit a recipe: rates within a factor of ten, common batches, late lines.

    Args:
        recipe: to begin with.
        stages: of its backbone.
        images: for training; batches are smaller than half of them.
        over: what is searched, parts of ``OVER``.

    Raises:
        ProblemError: ``over`` names nothing that there is, or leaves nothing to search.
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
    """The recipe's own, and those of which an epoch has two at least."""
    own, usual = recipe.batch_size, {size for size in _BATCHES if 2 * size <= images}
    return ("auto", *sorted(usual)) if own == "auto" else tuple(sorted({own, *usual}))


def _lines(recipe: Recipe, stages: Sequence[str]) -> tuple[str, ...]:
    """The head alone, and the stages of the later half; a network that starts from nothing trains all."""
    if recipe.weights == "random":
        return ()
    late = tuple(stages[len(stages) // 2 :])
    own = recipe.phases[-1].freeze
    return tuple(dict.fromkeys((own, "all", *reversed(late))))


def _augmentations(recipe: Recipe) -> tuple[str, ...]:
    return tuple(dict.fromkeys((_name_of(recipe.augmentation), *_AUGMENTATIONS)))


def _name_of(augmentation: Augmentation) -> str:
    """Of the ready-made one with the same changes, whatever the number of views."""
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
