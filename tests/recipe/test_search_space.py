"""What a search may change: the values for a recipe, and the recipe that a choice makes."""

from __future__ import annotations

import pytest

from tldesk.base import ProblemError
from tldesk.recipe import Augmentation, Recipe, preset
from tldesk.recipe.presets import MODERATE, STRONG
from tldesk.recipe.search_space import AS_NOW, space_of

STAGES = ("stem", "layer1", "layer2", "layer3", "layer4")


def recipe(name: str = "two_phase") -> Recipe:
    return preset(name, "resnet18", stages=STAGES)


def test_the_values_for_a_fine_tuning() -> None:
    space = space_of(recipe(), STAGES, 100)
    assert space.batches == (8, 16, 32), "64 is more than half of the images"
    assert space.lines == (recipe().phases[-1].freeze, "all", "layer4", "layer2")[:1] + tuple(
        line for line in ("all", "layer4", "layer3", "layer2") if line != recipe().phases[-1].freeze
    )
    assert space.augmentations == ("moderate", "none", "strong")
    assert space.own == {
        "line": recipe().phases[-1].freeze,
        "augmentation": "moderate",
        "rate": 1e-4,
        "batch": 16,
    }
    assert space.rates(space.own) == pytest.approx((1e-5, 1e-3))
    assert space.made(space.own) == recipe(), "its own choice leaves it as it is"


def test_a_choice_makes_a_recipe() -> None:
    space = space_of(recipe(), STAGES, 100)
    made = space.made({"line": "layer2", "augmentation": "strong", "rate": 3e-4, "batch": 8})
    assert (made.phases[-1].freeze, made.phases[-1].learning_rate, made.batch_size) == ("layer2", 3e-4, 8)
    assert made.augmentation == STRONG
    assert made.phases[0] == recipe().phases[0], "the head that goes before is left alone"
    none = space.made({"augmentation": "none"})
    assert none.augmentation.active is False
    assert none.augmentation.views == MODERATE.views


def test_a_solved_head_asks_for_neither_rate_nor_batch() -> None:
    space = space_of(recipe(), STAGES, 100)
    assert space.learning({"line": "all"}) is None
    head = space.made({"line": "all", "augmentation": "none"})
    assert [phase.solver for phase in head.phases] == ["auto"]
    begun = space_of(recipe("feature_extraction"), STAGES, 100)
    assert begun.own == {"line": "all", "augmentation": "none"}
    tuned = begun.made({"line": "layer3", "augmentation": "none", "rate": 2e-4, "batch": 32})
    assert [phase.freeze for phase in tuned.phases] == ["all", "layer3"]
    assert tuned.phases[-1].learning_rate == 2e-4


def test_from_scratch_and_own_augmentation() -> None:
    own = recipe("from_scratch").model_copy(update={"augmentation": Augmentation(rotation=77.0)})
    space = space_of(own, STAGES, 1000)
    assert space.lines == ()
    assert space.augmentations == (AS_NOW, "none", "moderate", "strong")
    assert space.own["augmentation"] == AS_NOW
    assert space.made(space.own) == own
    high = own.phases[0].model_copy(update={"learning_rate": 0.5})
    assert space_of(own.model_copy(update={"phases": (high,)}), STAGES, 9).rates({})[1] == 1.0


def test_only_what_is_asked_for() -> None:
    space = space_of(recipe(), STAGES, 100, ["rate"])
    assert (space.batches, space.lines, space.augmentations) == ((), (), ())
    assert space.own == {"rate": 1e-4}
    with pytest.raises(ProblemError, match="augmentation"):
        space_of(recipe(), STAGES, 100, ["augmentatin"])
    with pytest.raises(ProblemError, match="solved at once"):
        space_of(recipe("feature_extraction"), STAGES, 100, ["rate", "batch"])
