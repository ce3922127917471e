"""Reads the facts for the Model page in the background, and makes the eight views. No Qt in here."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tldesk.base import Problem, ProblemError
from tldesk.dataset import Filter, Split
from tldesk.engine.device import Device
from tldesk.model.available_backbones import available_backbones
from tldesk.model.cards import CARDS, card
from tldesk.recipe import Recipe
from tldesk.recipe.recommend import Recommendation, recommend
from tldesk.run import Run
from tldesk.trainer.costs.recipe_estimate import measured_seconds
from tldesk.trainer.plan import problems_of

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from tldesk.dataset import ColumnFacts, Facts, Project
    from tldesk.imaging import Rendering
    from tldesk.model.card_types import Card
    from tldesk.model.library import WeightsLibrary

_RECIPE = "recipe.toml"
_PICTURES = 64  # number of pictures to step through in the preview
_RUNS = 12  # number of runs offered as starting points
VIEWS = 8  # number of views of a picture


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The facts about a project used on the Model page.

    Attributes:
        facts: counts and sizes of the project.
        train_counts: number of training images per class.
        present: names of the backbones whose weights are available.
        recommendation: a recipe with reasons; None without labelled images.
        remembered: the recipe last used in this project; None if that was the recommended one.
        pictures: paths of some pictures for the preview.
    """

    facts: Facts
    train_counts: dict[str, int]
    present: frozenset[str]
    recommendation: Recommendation | None
    remembered: Recipe | None
    pictures: tuple[Path, ...]


class RunRecipe(NamedTuple):
    """A run's recipe to start from; ``accuracy`` on test images, in [0, 1], None if unknown."""

    number: int
    name: str
    recipe: Recipe
    accuracy: float | None


# Used until the engine has started.
_SOME_PROCESSOR = Device("cpu", "cpu", "")


def gather(project: Project, library: WeightsLibrary, device: Device | None) -> ModelFacts:
    """Query project and library; takes up to a second on large projects, so not on the interface thread.

    ``device`` is None until it is known.
    """
    device = device or _SOME_PROCESSOR
    facts = project.facts()
    present = library.present()
    wanted = None
    if facts.labelled:
        wanted = recommend(
            facts,
            device,
            available_backbones(present),
            measured=lambda recipe: measured_seconds(recipe, facts, device),
        )
    training = {
        one.name: project.count(Filter(class_id=one.id, split=Split.TRAIN)) for one in project.classes
    }
    ids = project.ids(Filter(split=Split.TRAIN)) or project.ids()
    pictures = paths_of(project, ids[:: max(1, len(ids) // _PICTURES)][:_PICTURES])
    return ModelFacts(facts, training, frozenset(present), wanted, _remembered(project), pictures)


def paths_of(project: Project, ids: Sequence[int]) -> tuple[Path, ...]:
    """Return the files of those images that can be read."""
    return tuple(image.path for image in project.images(ids) if image.reason is None)


def recipes_of_runs(project: Project) -> list[RunRecipe]:
    """Return the runs whose recipe can be a starting point, newest first, without folds and damaged runs."""
    found: list[RunRecipe] = []
    for run in reversed(Run.runs(project)):
        if len(found) == _RUNS:
            break
        try:
            if run.fold is None:
                found.append(RunRecipe(run.number, run.name, run.recipe, run.summary.test_accuracy))
        except (ProblemError, OSError, ValueError) as error:
            log.info("the recipe of %s is not offered: %s", run.name, error)
    return found


def remember(project: Project, recipe: Recipe | None) -> None:
    """Save the recipe with the project for the next time; None for the recommended one."""
    file = project.path / _RECIPE
    if recipe is None:
        file.unlink(missing_ok=True)
    else:
        recipe.save(file)


def _remembered(project: Project) -> Recipe | None:
    file = project.path / _RECIPE
    if not file.exists():
        return None
    try:
        return Recipe.load(file)
    except ProblemError as error:  # written by a newer tldesk, for example: use the recommended recipe
        log.warning("%s", error)
        return None


def find_problems(recipe: Recipe, known: ModelFacts, columns: Sequence[ColumnFacts] | None) -> list[Problem]:
    """Return everything that prevents training the recipe; ``columns`` is None until they are known."""
    return problems_of(recipe, known.facts, known.train_counts, known.present, columns)


def eight_views(path: Path, recipe: Recipe, seed: int, rendering: Rendering) -> list[NDArray[np.uint8]]:
    """Return eight views, (size, size, 3) uint8, as used in training. Loads torch.

    Raises:
        UnreadableImage: the picture cannot be read.
    """
    import torch

    from tldesk.engine import read_input
    from tldesk.trainer.data.augment import augment, draws

    preprocessing = card(recipe.backbone).preprocessing(recipe.input_size, recipe.fit)
    seen = read_input(path, replace(preprocessing, rendering=rendering))
    batch = torch.from_numpy(np.repeat(seen[None], VIEWS, axis=0))
    numbers = draws(seed, 1, [f"{path.name} {at}" for at in range(VIEWS)])
    changed = augment(batch, numbers, recipe.augmentation).round().clamp(0, 255).to(torch.uint8)
    return [np.ascontiguousarray(view) for view in changed.permute(0, 2, 3, 1).numpy()]


def renewed(recipe: Recipe, before: ModelFacts, now: ModelFacts) -> Recipe | None:
    """Return the new recommendation to replace ``recipe``; None if ``recipe`` is kept.

    A recipe is replaced only if it is still the one recommended ``before``, apart from the backbone. A
    backbone that the user chose and whose weights are available is kept; a recommended one is replaced if its
    weights are missing or it has a caution.
    """
    old, new = before.recommendation, now.recommendation
    if old is None or new is None or old.recipe == new.recipe:
        return None
    as_before = {"weights": old.recipe.weights}  # importing a file sets the recipe to pretrained weights
    if recipe.model_copy(update=as_before) != on_backbone(old.recipe, recipe.backbone):
        return None
    as_recommended = recipe.backbone == old.recipe.backbone
    at_hand = recipe.backbone in now.present
    if as_recommended and (not at_hand or card(recipe.backbone).caution):
        found = new.recipe
    elif at_hand:
        found = on_backbone(new.recipe, recipe.backbone)
    else:  # chosen by the user, and its weights may still be imported
        return None
    return None if found == recipe else found


def on_backbone(recipe: Recipe, name: str) -> Recipe:
    """Return the recipe for another backbone; each freeze line moves to the stage at about the same depth."""
    if name == recipe.backbone:
        return recipe
    before = CARDS.get(recipe.backbone)
    after = card(name)
    phases = tuple(
        phase.model_copy(update={"freeze": _same_depth(phase.freeze, before, after)})
        for phase in recipe.phases
    )
    size = recipe.input_size
    kept = size if size is not None and after.takes(size) else None
    return recipe.model_copy(update={"backbone": name, "phases": phases, "input_size": kept})


def _same_depth(line: str, before: Card | None, after: Card) -> str:
    if line in {"all", "none"} or before is None or line not in before.stage_names:
        return line if line in {"all", "none"} else after.stage_names[-1]
    names = after.stage_names
    share = before.stage_names.index(line) / len(before.stage_names)
    return names[min(round(share * len(names)), len(names) - 1)]
