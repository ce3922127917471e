"""Recipes against a project: what is wrong, and what is recommended."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from tldesk.dataset.records import Facts, Split
from tldesk.recipe import (
    AvailableBackbone,
    Phase,
    Recipe,
    preset,
    problems,
    recommend,
    with_overrides,
)
from tldesk.recipe.recommend import _seconds

STAGES = ("stem", "layer1", "layer2", "layer3", "layer4")
MOBILE = AvailableBackbone("mobilenet_v2", "MobileNetV2", ("stem", "early", "middle", "late"), 0.3, 71.9)
EFFICIENT = AvailableBackbone("efficientnet_b0", "EfficientNet-B0", STAGES, 0.39, 77.7)
VGG = AvailableBackbone("vgg16", "VGG-16", STAGES, 15.5, 71.6)
RESNET50 = AvailableBackbone("resnet50", "ResNet-50", STAGES, 4.1, 80.9)
STARTER = AvailableBackbone(
    "starter", "Starter (small)", STAGES, 0.6, None, "It never saw a photo.", input_size=128
)


@dataclass(frozen=True)
class Machine:
    kind: str


CPU, GPU = Machine("cpu"), Machine("cuda")


def facts(
    *counts: int, split: tuple[int, int, int] | None = None, width: int = 400, height: int = 300
) -> Facts:
    total = sum(counts)
    parts = split or (
        round(total * 0.7),
        round(total * 0.15),
        total - round(total * 0.7) - round(total * 0.15),
    )
    return Facts(
        images=total,
        labelled=total,
        quarantined=0,
        class_counts=tuple((f"class {i}", count) for i, count in enumerate(counts)),
        split_counts=dict(zip(Split, parts, strict=True)),
        groups=0,
        median_width=width,
        median_height=height,
        grey=False,
    )


def two_phase() -> Recipe:
    return preset("two_phase", "resnet18", stages=STAGES)


def test_a_sound_recipe_has_no_problem() -> None:
    assert problems(two_phase(), facts(40, 60), STAGES) == []
    big = two_phase().model_copy(update={"batch_size": 4096})
    assert problems(big, facts(40, 60), STAGES) == []


def test_a_line_that_moves_back_is_permitted() -> None:
    recipe = two_phase().model_copy(
        update={
            "phases": (
                Phase(freeze="layer1", epochs=1, learning_rate=0.1),
                Phase(freeze="all", epochs=1, learning_rate=0.1),
            )
        }
    )
    assert problems(recipe, facts(40, 60), STAGES) == []


def test_an_unknown_stage_is_told_at_its_phase_with_the_nearest_name() -> None:
    (problem,) = problems(with_overrides(two_phase(), ["phases.1.freeze=layer_4"]), facts(40, 60), STAGES)
    assert problem.where == "phases.1.freeze"
    assert "layer4" in problem.fix
    (problem,) = problems(with_overrides(two_phase(), ["phases.1.freeze=xyz"]), facts(40, 60), STAGES)
    assert "stem, layer1" in problem.fix


def test_random_weights_must_not_be_frozen() -> None:
    recipe = with_overrides(two_phase(), ["weights=random", "batch_norm=adapt", "phases.1.freeze=stem"])
    (problem,) = problems(
        recipe, facts(40, 60), STAGES
    )  # from the first stage on = everything, so phase 1 is fine
    assert problem.where == "phases.0.freeze"
    scratch = preset("from_scratch", "resnet18", stages=STAGES)
    assert problems(scratch, facts(40, 60), STAGES) == []


def test_a_network_from_nothing_has_no_statistics_to_keep() -> None:
    scratch = preset("from_scratch", "resnet18", stages=STAGES)
    (problem,) = problems(with_overrides(scratch, ["batch_norm=keep"]), facts(40, 60), STAGES)
    assert problem.where == "batch_norm"
    assert "'adapt'" in problem.fix


def test_a_warm_up_longer_than_its_phase_is_told() -> None:
    recipe = with_overrides(two_phase(), ["phases.1.warmup_epochs=10.5"])
    assert [problem.where for problem in problems(recipe, facts(40, 60), STAGES)] == [
        "phases.1.warmup_epochs"
    ]


@pytest.mark.parametrize(
    ("given", "where", "words"),
    [
        (facts(0, 0), "images", "no image has a label"),
        (facts(50), "classes", "one class ('class 0')"),
        (facts(50, 50, split=(0, 0, 0)), "split", "not split"),
        (facts(50, 50, split=(0, 50, 50)), "split", "no training image"),
        (facts(50, 50, 0), "classes", "'class 2' has no image"),
    ],
)
def test_a_project_that_cannot_be_trained_on_is_told(given: Facts, where: str, words: str) -> None:
    (problem,) = problems(two_phase(), given, STAGES)
    assert problem.where == where
    assert words in problem.what


def test_without_validation_images_one_can_train_but_is_told() -> None:
    given = facts(50, 50, split=(70, 0, 30))
    assert problems(two_phase(), given, STAGES) == []
    assert any("no validation images" in reason for reason in recommend(given, CPU, [MOBILE]).reasons)
    assert not any(
        "no validation images" in reason for reason in recommend(facts(50, 50), CPU, [MOBILE]).reasons
    )


def test_a_class_without_training_images_is_told() -> None:
    found = problems(two_phase(), facts(50, 1), STAGES, train_counts={"class 0": 35})
    assert [problem.what for problem in found] == ["the class 'class 1' has no training image"]


def test_a_small_project_on_a_laptop_gets_a_small_network_that_is_fine_tuned() -> None:
    recipe, reasons = recommend(facts(150, 150, 150, 150), CPU, [MOBILE, VGG, RESNET50])
    # 600 images: vgg16 and resnet50 would take over two minutes for one look on a processor.
    assert recipe.backbone == "mobilenet_v2"
    assert [phase.freeze for phase in recipe.phases] == ["all", "late"]
    assert recipe.class_balance == "none"
    assert len(reasons) >= 3
    assert "600 labelled images in 4 classes" in reasons[0]
    assert all(reason.endswith(".") for reason in reasons)


def test_the_most_accurate_backbone_that_is_quick_enough_is_taken() -> None:
    assert recommend(facts(300, 300), CPU, [MOBILE, EFFICIENT, RESNET50]).recipe.backbone == "efficientnet_b0"
    assert recommend(facts(300, 300), GPU, [MOBILE, EFFICIENT, RESNET50]).recipe.backbone == "resnet50"
    assert recommend(facts(300, 300), CPU, [VGG]).recipe.backbone == "vgg16"  # nothing quicker is at hand
    unknown = replace(EFFICIENT, accuracy=None)
    assert recommend(facts(300, 300), CPU, [unknown, MOBILE]).recipe.backbone == "mobilenet_v2"


@pytest.mark.parametrize("machine", [CPU, GPU])
@pytest.mark.parametrize("better", [MOBILE, replace(MOBILE, accuracy=None), VGG])
def test_what_has_a_caution_is_taken_only_where_nothing_else_is_at_hand(
    machine: Machine, better: AvailableBackbone
) -> None:
    """Even if the other one's accuracy is not known, or looking at all images with it takes long."""
    for given in (facts(12, 12), facts(150, 150), facts(20000, 20000)):
        both = recommend(given, machine, [STARTER, better])
        assert both == recommend(given, machine, [better])
        assert not any("never saw" in reason for reason in both.reasons)
        alone = recommend(given, machine, [STARTER])
        assert (alone.recipe.backbone, alone.recipe.weights) == ("starter", "pretrained")
        assert alone.reasons[3] == STARTER.caution


@pytest.mark.parametrize(
    ("given", "machine", "lines", "words"),
    [
        # 49 and 50 training images in two classes: 70 % of these.
        (facts(35, 35), CPU, ["all"], "only the head is trained on what Starter (small) already sees"),
        (facts(36, 36), CPU, ["none"], "retrain all of Starter (small)"),
        # 1,400 training images, 12 epochs of 3 x 0.03 s, and 2,000 looks of 0.03 + 0.02 s: 1,612 s.
        (facts(1000, 1000), CPU, ["all"], "would take about 25 min"),
        (facts(1000, 1000), GPU, ["none"], "retrain all of Starter (small)"),
    ],
)
def test_of_what_has_a_caution_all_is_trained_or_the_head_alone(
    given: Facts, machine: Machine, lines: list[str], words: str
) -> None:
    recipe, reasons = recommend(given, machine, [STARTER])
    assert [phase.freeze for phase in recipe.phases] == lines
    assert (recipe.weights, recipe.input_size) == ("pretrained", None)
    assert words in reasons[1]
    assert STARTER.caution in reasons
    if lines == ["none"]:
        scratch = preset("from_scratch", "starter", stages=STAGES)
        assert (recipe.phases[0].epochs, scratch.phases[0].epochs) == (12, 60)
        assert recipe.phases[0].learning_rate == scratch.phases[0].learning_rate
        assert recipe.augmentation == scratch.augmentation


def test_work_is_told_of_the_pictures_it_was_trained_on() -> None:
    """A size that is chosen costs by the square of its share in the backbone's own, not in 224."""
    small = replace(MOBILE, input_size=128)
    seconds = [
        _seconds(two_phase().model_copy(update={"input_size": size}), small, facts(100, 100), "cpu")
        for size in (None, 128, 256)
    ]
    assert seconds[0] == seconds[1]
    decoding = 200 * 0.02
    assert seconds[2] - decoding == pytest.approx(4 * (seconds[1] - decoding))


@pytest.mark.parametrize("machine", [CPU, GPU])
def test_few_images_a_class_get_the_frozen_head(machine: Machine) -> None:
    recipe, reasons = recommend(facts(12, 12), machine, [MOBILE])
    assert [phase.freeze for phase in recipe.phases] == ["all"]
    assert "gains little" in reasons[1]


def test_enough_images_and_a_graphics_card_get_fine_tuning() -> None:
    recipe, reasons = recommend(facts(300, 300), GPU, [MOBILE])
    assert [phase.freeze for phase in recipe.phases] == ["all", "late"]
    assert "graphics card" in reasons[0]


def test_many_images_on_a_processor_are_fine_tuned_only_if_that_takes_minutes() -> None:
    assert len(recommend(facts(1000, 1000), CPU, [MOBILE]).recipe.phases) == 2
    recipe, reasons = recommend(facts(20000, 20000), CPU, [MOBILE])
    assert len(recipe.phases) == 1
    # 40,000 at 20 + 15 ms; of 28,000 three changed versions at 15 ms and ten epochs at a third of 3 x 15 ms.
    assert "would take about 1 h 55 min" in reasons[1]
    assert len(recommend(facts(20000, 20000), GPU, [MOBILE]).recipe.phases) == 2


def test_imbalance_and_long_pictures_change_the_recipe_and_say_so() -> None:
    recipe, reasons = recommend(facts(300, 100, width=2048, height=1024), CPU, [MOBILE])
    assert recipe.class_balance == "weighted"
    assert "3.0 times" in " ".join(reasons)
    assert recipe.fit == "letterbox"
    assert "padded" in " ".join(reasons)


def test_grey_pictures_are_not_coloured() -> None:
    grey = replace(facts(300, 300), grey=True)
    assert recommend(grey, GPU, [MOBILE]).recipe.augmentation.saturation == 0
    assert recommend(facts(300, 300), GPU, [MOBILE]).recipe.augmentation.saturation > 0


@pytest.mark.parametrize("available", [None, []])
def test_without_weights_a_small_network_is_trained_from_nothing(available) -> None:
    recipe, reasons = recommend(facts(50, 50, 50, 50), CPU, available)
    assert (recipe.weights, recipe.backbone) == ("random", "resnet18")
    assert problems(recipe, facts(50, 50, 50, 50), STAGES) == []
    assert "pretrained weights of ResNet-18 are not on this computer" in reasons[1]
    assert "Import weights" in reasons[1]
    assert recommend(facts(50, 50), CPU, available, fallback=MOBILE).recipe.backbone == "mobilenet_v2"


def test_a_project_that_is_not_split_or_labelled_yet_gets_a_recipe_too() -> None:
    for given in (facts(), facts(0, 0), facts(10, 10, split=(0, 0, 0))):
        assert len(recommend(given, CPU, [MOBILE]).reasons) >= 3
