"""Finds what prevents training a recipe on a project, before anything is computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tldesk.base import Problem
from tldesk.base.shell_words import typed_class
from tldesk.dataset.records import ColumnFacts, Facts, Split
from tldesk.recipe.learnable_columns import column_problems
from tldesk.recipe.recipe import Phase, Recipe


def problems(
    recipe: Recipe,
    facts: Facts,
    stages: Sequence[str],
    *,
    train_counts: Mapping[str, int] | None = None,
    columns: Sequence[ColumnFacts] | None = None,
) -> list[Problem]:
    """Return everything that must be fixed before training; empty if nothing.

    Args:
        recipe: the recipe.
        facts: counts and sizes of the project.
        stages: names of the backbone's stages, input side first; empty if the backbone is unknown.
        train_counts: training images per class; without it, only classes without any images are found.
        columns: facts about the project's table columns; without them, the recipe's columns are not checked.

    Returns:
        Problems whose ``where`` is a field of the recipe (``phases.0.freeze``), or "images", "classes" or
        "split" if the images are the cause. Allowed, and therefore not reported: a freeze line that moves
        back towards the head, a batch larger than the training set, and a project without validation images
        (the training loss then decides which epoch is best).
    """
    of_phases = (
        problem
        for index, phase in enumerate(recipe.phases)
        for problem in _of_phase(f"phases.{index}", phase, recipe, stages)
    )
    return [
        *_of_classes(facts),
        *_of_split(facts, train_counts),
        *_of_start(recipe),
        *_of_head(recipe),
        *column_problems(recipe, columns),
        *of_phases,
    ]


def _of_start(recipe: Recipe) -> Iterator[Problem]:
    if recipe.weights == "random" and recipe.batch_norm == "keep":
        yield Problem(
            "batch_norm",
            "the network starts from nothing, so there are no averages that could be kept",
            "Choose 'adapt', or start from pretrained weights",
        )


def _of_head(recipe: Recipe) -> Iterator[Problem]:
    if recipe.head.kind == "knn" and any(phase.freeze != "all" for phase in recipe.phases):
        yield Problem(
            "head.kind",
            "nearest neighbours are looked up among features that stay what they are, so no stage can be "
            "trained",
            "Choose 'head only' (freeze = all) in every phase, or another head",
        )
    if recipe.mixup and not any(learns_in_steps(phase, recipe) for phase in recipe.phases):
        way = "looked up" if recipe.head.kind == "knn" else "solved"
        yield Problem(
            "mixup",
            f"the head is {way} and not learned in steps, so there are no steps that could mix images",
            "Choose 0, or a phase that learns in steps ('head only' with solver = steps, or a stage)",
        )


def learns_in_steps(phase: Phase, recipe: Recipe) -> bool:
    """Return whether a phase is trained by gradient steps, rather than solved or by nearest neighbours."""
    if recipe.head.kind == "knn":
        return False
    return phase.freeze != "all" or phase.solver == "steps" or recipe.head.kind != "linear"


def _of_phase(where: str, phase: Phase, recipe: Recipe, stages: Sequence[str]) -> Iterator[Problem]:
    lines = ("all", "none", *stages)
    if stages and phase.freeze not in lines:
        yield _unknown_stage(where, phase.freeze, recipe.backbone, lines)
    elif recipe.weights == "random" and phase.freeze not in ("none", *stages[:1]):
        yield Problem(
            f"{where}.freeze",
            "the network starts from nothing, so stages that are not trained can never learn anything",
            "Train everything (freeze = none), or start from pretrained weights",
        )
    if phase.warmup_epochs > phase.epochs:
        yield Problem(
            f"{where}.warmup_epochs",
            f"the warm-up ({phase.warmup_epochs:g} epochs) is longer than the phase ({phase.epochs})",
            f"Choose at most {phase.epochs}",
        )


def _unknown_stage(where: str, name: str, backbone: str, lines: tuple[str, ...]) -> Problem:
    hint = f"Choose one of {', '.join(lines)}"
    return Problem(f"{where}.freeze", f"{backbone} has no stage called '{name}'", hint)


def _of_classes(facts: Facts) -> Iterator[Problem]:
    if facts.labelled == 0:
        yield Problem("images", "no image has a label yet", "Label some images of each class")
        return
    used = [name for name, count in facts.class_counts if count]
    if len(used) < 2:
        yield Problem(
            "classes",
            f"all labelled images are of one class ('{used[0]}')" if used else "there is no class",
            "Label images of at least two classes",
        )


def _of_split(facts: Facts, train_counts: Mapping[str, int] | None) -> Iterator[Problem]:
    if facts.labelled == 0:
        return
    if not any(facts.split_counts.values()):
        yield Problem("split", "the images are not split yet", "Split them into train, validation and test")
        return
    if not facts.split_counts.get(Split.TRAIN, 0):
        yield Problem("split", "there is no training image", "Split the images again, or label more of them")
        return
    yield from _of_training_images(facts, train_counts)


def _of_training_images(facts: Facts, train_counts: Mapping[str, int] | None) -> Iterator[Problem]:
    counts = dict(facts.class_counts) if train_counts is None else train_counts
    for name, images in facts.class_counts:
        if not images:
            yield Problem(
                "classes",
                f"the class '{name}' has no image",
                "Label images of it, connect the drive or put its files back if they are missing, or delete "
                "the class",
                command=f"tldesk classes PROJECT --delete {typed_class(name)}",
            )
        elif not counts.get(name, 0):
            yield Problem(
                "classes",
                f"the class '{name}' has no training image",
                "Label more images of it, or split the images again",
                command="tldesk split PROJECT",
            )
