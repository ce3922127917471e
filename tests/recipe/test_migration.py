"""New fields leave old recipes what they were; ready-made augmentation; what a batch size may be."""

from __future__ import annotations

import pytest

from tldesk.base import ProblemError
from tldesk.dataset.records import Facts, Split
from tldesk.recipe import (
    DOMAINS,
    Augmentation,
    Recipe,
    augmentation_for,
    decided,
    domain_of,
    field_help,
    preset,
    problems,
    with_overrides,
)

STAGES = ("stem", "layer1", "layer2", "layer3", "layer4")
# As the program gave them before there were neighbours, mixup, crop, hue, blur and noise.
BEFORE = {
    "feature_extraction": "70b32857e775331b101638ad2d816773",
    "two_phase": "dd8a7c353956db01ba9c2d3aeb661074",
    "progressive": "f753648a8a9020d6cd0430a063819d79",
    "from_scratch": "08c80ff10e153ed41df0c2b36dc48b54",
}
FACTS = Facts(
    images=100,
    labelled=100,
    quarantined=0,
    class_counts=(("a", 50), ("b", 50)),
    split_counts={Split.TRAIN: 70, Split.VALIDATION: 15, Split.TEST: 15},
    groups=0,
    median_width=400,
    median_height=300,
    grey=False,
)


@pytest.mark.parametrize("name", BEFORE)
def test_recipes_from_before_keep_their_fingerprint(name: str) -> None:
    recipe = preset(name, "resnet18", stages=STAGES)
    assert recipe.fingerprint == BEFORE[name]
    assert Recipe.from_toml(recipe.to_toml()).fingerprint == BEFORE[name]


@pytest.mark.parametrize(
    "setting",
    ["mixup=0.2", "head.neighbours=3", "augmentation.hue=0.1", "augmentation.crop=0.2", "batch_size=auto"],
)
def test_a_new_field_that_is_set_decides(setting: str) -> None:
    recipe = with_overrides(preset("two_phase", "resnet18", stages=STAGES), [setting])
    assert recipe.fingerprint != BEFORE["two_phase"]
    assert Recipe.from_toml(recipe.to_toml()) == recipe
    name = setting.split("=", maxsplit=1)[0].rsplit(".", maxsplit=1)[-1]
    assert name in str(decided(recipe))


def test_a_file_from_before_reads_as_it_did() -> None:
    text = preset("two_phase", "resnet18", stages=STAGES).to_toml()
    new = ("mixup", "neighbours", "crop", "hue", "blur", "noise")
    old = "\n".join(line for line in text.splitlines() if not line.startswith(new))
    assert Recipe.from_toml(old).fingerprint == BEFORE["two_phase"]


def test_a_batch_size_is_a_number_or_auto() -> None:
    about = field_help("batch_size")
    assert (about.kind, about.low, about.high, about.word) == ("whole", 1, 4096, "auto")
    assert field_help("seed").word == ""
    recipe = preset("two_phase", "resnet18", stages=STAGES)
    automatic = with_overrides(recipe, ["batch_size=auto"])
    assert automatic.batch_size == "auto"
    assert with_overrides(automatic, ["batch_size=8"]).batch_size == 8
    for value, what, fix in (
        ("0", "0 is outside what is possible", "Choose at least 1"),
        ("many", "'many' is not one of the choices", "Write a whole number, or 'auto'"),
        ("8.5", "8.5 is not a whole number", "Write a whole number"),
    ):
        with pytest.raises(ProblemError) as caught:
            with_overrides(recipe, [f"batch_size={value}"])
        (problem,) = caught.value.problems
        assert (problem.where, problem.what) == ("batch_size", what)
        assert problem.fix.startswith(fix)


def test_kinds_of_pictures_keep_what_tells_the_classes() -> None:
    assert augmentation_for("radiograph").flip_horizontal is False  # the heart is on the left
    assert augmentation_for("document").flip_horizontal is False
    assert augmentation_for("microscopy").rotation == 180
    assert augmentation_for("leaf").hue <= 0.02
    assert not augmentation_for("none").active
    assert all(domain.why.endswith(".") for domain in DOMAINS)
    for domain in DOMAINS:
        assert domain_of(domain.augmentation.model_copy(update={"views": 2})) == domain
    assert domain_of(Augmentation(rotation=1.0)) is None
    with pytest.raises(ProblemError, match="microscopy"):
        augmentation_for("microscope")


def test_mixing_needs_a_phase_that_learns_in_steps() -> None:
    solved = with_overrides(preset("feature_extraction", "resnet18", stages=STAGES), ["mixup=0.2"])
    (problem,) = problems(solved, FACTS, STAGES)
    assert problem.where == "mixup"
    assert "solved" in problem.what
    for change in ("phases.0.solver=steps", "head.kind=dense"):
        assert problems(with_overrides(solved, [change]), FACTS, STAGES) == []
    tuned = with_overrides(preset("two_phase", "resnet18", stages=STAGES), ["mixup=0.2"])
    assert problems(tuned, FACTS, STAGES) == []
    neighbours = with_overrides(preset("nearest_neighbours", "resnet18", stages=STAGES), ["mixup=0.2"])
    assert ["looked up" in one.what for one in problems(neighbours, FACTS, STAGES)] == [True]


def test_ready_made_heads_are_what_they_say() -> None:
    dense = preset("dense_head", "resnet18", stages=STAGES)
    assert (dense.head.kind, dense.head.hidden, dense.head.dropout) == ("dense", 256, 0.5)
    assert [(phase.freeze, phase.solver) for phase in dense.phases] == [("all", "steps")]
    neighbours = preset("nearest_neighbours", "resnet18", stages=STAGES)
    assert (neighbours.head.kind, neighbours.epochs) == ("knn", 1)
    assert problems(dense, FACTS, STAGES) == problems(neighbours, FACTS, STAGES) == []
    many = with_overrides(preset("two_phase", "resnet18", stages=STAGES), ["head.kind=knn"])
    assert [one.where for one in problems(many, FACTS, STAGES)] == ["head.kind"]
