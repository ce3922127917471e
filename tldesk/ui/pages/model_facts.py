"""What the Model page has to know, gathered in the background; and the eight views. No Qt in here."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tldesk.base import Problem, ProblemError
from tldesk.dataset import Filter, Split
from tldesk.model.available import available_backbones
from tldesk.model.cards import CARDS, card
from tldesk.recipe import Recipe, preset_for_line
from tldesk.recipe.problems import problems
from tldesk.recipe.recommend import Recommendation, recommend
from tldesk.ui.widgets.views_preview import VIEWS

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from tldesk.dataset import Facts, Project
    from tldesk.imaging import Rendering
    from tldesk.model.cardtypes import Card
    from tldesk.model.library import WeightsLibrary

_RECIPE = "recipe.toml"
_PICTURES = 64  # to step through in the preview


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """A project as the Model page sees it.

    Attributes:
        facts: the project in numbers.
        train_counts: training images of each class.
        present: backbones whose weights are at hand.
        recommendation: a recipe and why; None without labelled images.
        remembered: the recipe that was chosen here last; None if that was the recommended one.
        pictures: some pictures for the preview.
    """

    facts: Facts
    train_counts: dict[str, int]
    present: frozenset[str]
    recommendation: Recommendation | None
    remembered: Recipe | None
    pictures: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class _Kind:
    kind: str


def gather(project: Project, library: WeightsLibrary, device_kind: str) -> ModelFacts:
    """Ask project and library; a second or less on large projects, so not for the interface thread."""
    facts = project.facts()
    present = library.present()
    wanted = None
    if facts.labelled:
        wanted = recommend(facts, _Kind(device_kind), available_backbones(present))
    training = {
        one.name: project.count(Filter(class_id=one.id, split=Split.TRAIN)) for one in project.classes()
    }
    ids = project.ids(Filter(split=Split.TRAIN)) or project.ids()
    spread = ids[:: max(1, len(ids) // _PICTURES)][:_PICTURES]
    pictures = tuple(image.path for image in project.images(spread) if image.reason is None)
    return ModelFacts(facts, training, frozenset(present), wanted, _remembered(project), pictures)


def remember(project: Project, recipe: Recipe | None) -> None:
    """Keep the chosen recipe with the project for the next time; None for the recommended one."""
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
    except ProblemError as error:  # of a newer tldesk, say; what is recommended serves as well
        log.warning("%s", error)
        return None


def find_problems(recipe: Recipe, known: ModelFacts) -> list[Problem]:
    """Everything that keeps the recipe from being trained on this project."""
    try:
        stages = card(recipe.backbone).stage_names
    except ProblemError as error:
        return [Problem("backbone", one.what, one.fix) for one in error.problems]
    found = problems(recipe, known.facts, stages, train_counts=known.train_counts)
    if recipe.weights == "pretrained" and recipe.backbone not in known.present:
        found.append(
            Problem(
                "weights",
                f"the pretrained weights of {recipe.backbone} are not on this computer",
                "Bring their file (“bring…” in the list), choose another backbone, or start from random",
            )
        )
    return found


def eight_views(path: Path, recipe: Recipe, seed: int, rendering: Rendering) -> list[NDArray[np.uint8]]:
    """Eight pictures (size, size, 3) uint8 as training would show them. Loads torch.

    Raises:
        UnreadableImage: the picture cannot be read.
    """
    import torch

    from tldesk.engine import read_input
    from tldesk.trainer.augment import augment, draws

    preprocessing = card(recipe.backbone).preprocessing(recipe.input_size, recipe.fit)
    seen = read_input(path, replace(preprocessing, rendering=rendering))
    batch = torch.from_numpy(np.repeat(seen[None], VIEWS, axis=0))
    numbers = draws(seed, 1, [f"{path.name} {at}" for at in range(VIEWS)])
    changed = augment(batch, numbers, recipe.augmentation).round().clamp(0, 255).to(torch.uint8)
    return [np.ascontiguousarray(view) for view in changed.permute(0, 2, 3, 1).numpy()]


def moved_line(recipe: Recipe, line: str, stages: tuple[str, ...], known: Card) -> Recipe:
    """The recipe with its freeze line moved to ``line``.

    A head-only recipe whose line moves back gets the phases of two-phase fine-tuning, and the other way
    round: training stages from the first step on, with a head that knows nothing, would spoil them. Elsewhere
    only the last phase's line moves.
    """
    before = recipe.phases[-1].freeze
    if line == before:
        return recipe
    only_head = len(recipe.phases) == 1 and before == "all"
    back_to_head = line == "all" and len(recipe.phases) == 2 and recipe.phases[0].freeze == "all"
    if recipe.weights == "pretrained" and (only_head or back_to_head):
        ready = preset_for_line(known.name, line, stages)
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


def on_backbone(recipe: Recipe, name: str) -> Recipe:
    """The recipe for another backbone; each freeze line goes to the stage at about the same depth."""
    before = CARDS.get(recipe.backbone)
    after = card(name)
    phases = tuple(
        phase.model_copy(update={"freeze": _same_depth(phase.freeze, before, after)})
        for phase in recipe.phases
    )
    return recipe.model_copy(update={"backbone": name, "phases": phases})


def _same_depth(line: str, before: Card | None, after: Card) -> str:
    if line in {"all", "none"} or before is None or line not in before.stage_names:
        return line if line in {"all", "none"} else after.stage_names[-1]
    names = after.stage_names
    share = before.stage_names.index(line) / len(before.stage_names)
    return names[min(round(share * len(names)), len(names) - 1)]
