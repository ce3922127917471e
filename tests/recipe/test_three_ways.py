"""Three recipes from one: what is held equal, what belongs to a way, and that each can be trained."""

from __future__ import annotations

import pytest

from tldesk.base import ProblemError
from tldesk.dataset import Split
from tldesk.dataset.records import Facts
from tldesk.recipe import HeadSpec, Phase, Recipe, preset, problems
from tldesk.recipe.differences import differences
from tldesk.recipe.three_ways import WAYS, three_ways, way_of

STAGES = ("stem", "layer1", "layer2", "layer3", "layer4")
OWN = ("name", "weights", "phases", "rate_per_stage", "average_last", "batch_norm")
FACTS = Facts(
    images=90,
    labelled=90,
    quarantined=0,
    class_counts=(("a", 45), ("b", 45)),
    split_counts={Split.TRAIN: 60, Split.VALIDATION: 15, Split.TEST: 15},
    groups=90,
    median_width=100,
    median_height=100,
    grey=False,
)


def ready(name: str, **changes: object) -> Recipe:
    return preset(name, "resnet18", stages=STAGES).model_copy(update=changes)


def test_from_two_phases_come_a_solved_head_and_a_network_from_nothing() -> None:
    recipe = ready("two_phase", seed=7, batch_size=12).model_copy(update={"name": "mine"})
    made = three_ways(recipe, STAGES)
    assert tuple(made) == WAYS == ("feature_extraction", "fine_tuning", "from_scratch")
    assert made["fine_tuning"] == recipe.model_copy(update={"name": "fine-tuning"}), "its own phases stay"
    (head,) = made["feature_extraction"].phases
    assert (head.freeze, head.solver, head.epochs, head.learning_rate) == ("all", "auto", 40, 3e-4)
    scratch = made["from_scratch"]
    assert scratch.weights == "random"
    assert scratch.batch_norm == "adapt"
    assert scratch.rate_per_stage == 1.0
    assert scratch.average_last == 0
    assert scratch.phases == (Phase(freeze="none", epochs=40, learning_rate=1e-3, warmup_epochs=3.0),)
    assert [one.name for one in made.values()] == ["feature extraction", "fine-tuning", "from scratch"]


@pytest.mark.parametrize(
    "name", ["feature_extraction", "two_phase", "progressive", "from_scratch", "dense_head"]
)
def test_all_else_is_equal_and_each_can_be_trained(name: str) -> None:
    recipe = ready(name, seed=3, mixup=0.2, early_stopping=4, input_size=96, head=HeadSpec(kind="dense"))
    made = three_ways(recipe, STAGES)
    for way, one in made.items():
        assert way_of(one) == way
        changed = {each.field.split(".")[0] for each in differences(recipe, one)}
        assert changed <= set(OWN), changed
        assert one.epochs == recipe.epochs, "each may look as often"
        assert problems(one, FACTS, STAGES) == []
        assert Recipe.from_toml(one.to_toml()) == one, "within all bounds"


@pytest.mark.parametrize("epochs", [1, 2, 3, 10, 40, 100])
def test_few_and_many_epochs(epochs: int) -> None:
    (phase,) = ready("feature_extraction").phases
    recipe = ready(
        "feature_extraction", phases=(phase.model_copy(update={"epochs": epochs, "warmup_epochs": 0.0}),)
    )
    made = three_ways(recipe, STAGES)
    head, tail = made["fine_tuning"].phases
    assert (head.freeze, tail.freeze) == ("all", "layer3")
    assert head.epochs + tail.epochs == max(2, epochs), "both phases have one at least"
    assert tail.epochs == max(1, round(epochs / 4))
    assert made["fine_tuning"].average_last <= max(1, tail.epochs // 3)
    assert made["from_scratch"].epochs == epochs
    assert all(problems(one, FACTS, STAGES) == [] for one in made.values())


def test_with_the_ready_made_number_of_epochs_it_is_the_ready_made_recipe() -> None:
    made = three_ways(ready("feature_extraction"), STAGES)
    own = ready("two_phase")
    assert made["fine_tuning"].phases == own.phases
    assert made["fine_tuning"].average_last == own.average_last
    assert made["fine_tuning"].batch_norm == own.batch_norm == "keep"


def test_sgd_wants_rates_ten_times_larger_and_mixing_wants_steps() -> None:
    made = three_ways(ready("from_scratch", optimizer="sgd", mixup=0.2), STAGES)
    assert [phase.learning_rate for phase in made["fine_tuning"].phases] == pytest.approx([1e-2, 1e-3])
    assert made["from_scratch"].phases[0].learning_rate == 1e-3, "its own stays"
    assert made["feature_extraction"].phases[0].solver == "steps"


def test_neighbours_learn_nothing_that_could_be_compared() -> None:
    with pytest.raises(ProblemError, match="nearest neighbours"):
        three_ways(ready("nearest_neighbours"), STAGES)
