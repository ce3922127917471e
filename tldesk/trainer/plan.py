"""A plan: everything that a training needs, checked before its first step. Loads no torch."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tldesk.base import Problem, ProblemError
from tldesk.dataset import Snapshot, Split
from tldesk.engine.device import Device, best_device, device_named
from tldesk.model import CARDS, Card, Preprocessing, card
from tldesk.model.library import WeightsLibrary
from tldesk.model.missing_weights import to_bring
from tldesk.model.table_code import TableCode
from tldesk.recipe import Recipe, problems

if TYPE_CHECKING:
    from torch import Tensor

    from tldesk.dataset import ColumnFacts, Facts, Project


@dataclass(frozen=True)
class Plan:
    """What is trained, on which images and where.

    Attributes:
        snapshot: the classes and images.
        recipe: all settings of the training.
        card: the card of the recipe's backbone.
        device: the device to train on.
        cache_dir: folder for prepared pictures and features.
        library: the library that the pretrained weights are loaded from.
    """

    snapshot: Snapshot
    recipe: Recipe
    card: Card
    device: Device
    cache_dir: Path
    library: WeightsLibrary

    @property
    def preprocessing(self) -> Preprocessing:
        """How pictures become inputs.

        They are rendered as in the snapshot, then prepared for the backbone at the recipe's size.
        """
        plain = self.card.preprocessing(self.recipe.input_size, self.recipe.fit)
        return replace(plain, rendering=self.snapshot.rendering)

    @property
    def lowest_line(self) -> str:
        """The freeze line of the phase that trains the most stages.

        Stages before it never change in this run.
        """
        return min((phase.freeze for phase in self.recipe.phases), key=self.card.position)

    @cached_property
    def table(self) -> TableCode:
        """The encoding of the snapshot's columns as numbers, fitted on its training images only."""
        rows = [item.values for item in self.snapshot.of(Split.TRAIN)]
        return TableCode.learn(self.snapshot.columns, rows)

    def weights(self) -> Mapping[str, Tensor] | None:
        """Load the pretrained backbone's tensors (this loads torch); None if the weights are random.

        Raises:
            ProblemError: they are not in the library, or the file is damaged.
        """
        return self.library.load(self.card.name) if self.recipe.weights == "pretrained" else None


def make_plan(
    project: Project,
    recipe: Recipe,
    device: Device | str | None = None,
    library: WeightsLibrary | None = None,
) -> Plan:
    """Return a plan for the project in its current state; on the best device by default.

    Raises:
        ProblemError: with every problem that must be fixed first.
    """
    recipe = recipe.validated()
    library = library or WeightsLibrary(project=project.path)
    found = find_problems(project, recipe, library)
    if found:
        raise ProblemError(*found)
    return plan_for(project.snapshot(recipe.columns), recipe, project.cache_dir, device, library)


def plan_for(
    snapshot: Snapshot,
    recipe: Recipe,
    cache_dir: Path,
    device: Device | str | None = None,
    library: WeightsLibrary | None = None,
) -> Plan:
    """Return a plan for a snapshot, e.g. of an earlier run, without using the project.

    Raises:
        ProblemError: the backbone or the device is unknown.
    """
    chosen = device_named(device) if isinstance(device, str) else device or best_device()
    return Plan(snapshot, recipe, card(recipe.backbone), chosen, cache_dir, library or WeightsLibrary())


def find_problems(project: Project, recipe: Recipe, library: WeightsLibrary | None = None) -> list[Problem]:
    """Return everything that prevents training this recipe on this project now; empty if nothing does."""
    present = (library or WeightsLibrary(project=project.path)).present()
    columns = project.values.facts() if recipe.columns else None
    return problems_of(recipe, project.facts(), _train_counts(project.snapshot()), present, columns)


def problems_of(
    recipe: Recipe,
    facts: Facts,
    train_counts: Mapping[str, int],
    present: Collection[str],
    columns: Sequence[ColumnFacts] | None = None,
) -> list[Problem]:
    """Return everything that prevents training a recipe, in the same words for window and command line.

    Args:
        recipe: the recipe.
        facts: counts and sizes of the project.
        train_counts: training images per class.
        present: names of the backbones whose weights are available.
        columns: facts about the project's table columns; without them, the recipe's columns are not checked.
    """
    known = CARDS.get(recipe.backbone)
    stages = known.stage_names if known else ()
    found = problems(recipe, facts, stages, train_counts=train_counts, columns=columns)
    if known is None:
        return [*_unknown_backbone(recipe.backbone), *found]
    return [*known.size_problems(recipe.input_size), *_of_weights(recipe, known, present), *found]


def _train_counts(snapshot: Snapshot) -> dict[str, int]:
    counts = dict.fromkeys(snapshot.classes, 0)
    for item in snapshot.of(Split.TRAIN):
        counts[snapshot.classes[item.label]] += 1
    return counts


def _unknown_backbone(name: str) -> list[Problem]:
    try:
        card(name)
    except ProblemError as error:
        return [Problem("backbone", problem.what, problem.fix) for problem in error.problems]
    return []


def _of_weights(recipe: Recipe, known: Card, present: Collection[str]) -> list[Problem]:
    if recipe.weights == "random" or known.name in present:
        return []
    return [
        Problem(
            "weights",
            f"the pretrained weights of {known.title} are not on this computer",
            f"{to_bring(known)}, choose another backbone, or start from random ones",
        )
    ]
