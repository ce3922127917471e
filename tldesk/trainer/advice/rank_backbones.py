"""Ranks backbones for a data set by features that are computed once and cached.

Each backbone is scored by a linear head on its frozen features, cross-validated over the training and
validation images with groups kept together, and by LogME; the result also lists its size and its time per
image. The test images are never used.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from tldesk.base import Problem, ProblemError, Progress
from tldesk.dataset import Snapshot, SnapshotItem, Split
from tldesk.dataset.groups.ties import ties
from tldesk.engine.choose_engine import seconds_a_picture
from tldesk.engine.device import Device, best_device
from tldesk.engine.out_of_memory import free_memory, is_out_of_memory
from tldesk.engine.trunk import TorchTrunk
from tldesk.evaluation import logme, wilson
from tldesk.evaluation.intervals import class_averages
from tldesk.evaluation.metrics import confusion_matrix
from tldesk.model import CARDS, LINE_ALL, card
from tldesk.model.build import Network, build_network
from tldesk.model.library import WeightsLibrary
from tldesk.recipe import Recipe, preset
from tldesk.trainer.advice.linear_probe import ProbeResult, probe
from tldesk.trainer.advice.ranking_result import RankedBackbone, Ranking, Unranked
from tldesk.trainer.data.batches import CachedFeatures
from tldesk.trainer.data.inner_folds import group_folds, part
from tldesk.trainer.data.phase_data import TrainingData
from tldesk.trainer.events import Preparing
from tldesk.trainer.plan import Plan, find_problems, plan_for

if TYPE_CHECKING:
    from tldesk.dataset import Project

MOST_IMAGES = 3000
"""Maximum number of images used for the ranking: more would add little and take long."""

Step = Progress | RankedBackbone | Unranked

# Cost per image besides the network (mainly decoding), in billions of multiply-additions.
_COST_BESIDE = 0.3
_PACES = 3


@dataclass(frozen=True)
class _RankingTask:
    """The input shared by all backbones: the images with their groups, and the folds."""

    snapshot: Snapshot
    folds: list[NDArray[np.intp]]


def ranking(
    project: Project,
    names: Sequence[str] = (),
    *,
    fit: str = "crop",
    device: Device | None = None,
    library: WeightsLibrary | None = None,
    most_images: int = MOST_IMAGES,
    stop: threading.Event | None = None,
) -> Generator[Step, None, Ranking]:
    """Rank backbones, starting with the cheapest; if stopped, those already evaluated are kept.

    Args:
        project: the training and validation images are taken from it; near duplicates share a fold.
        names: names of the backbones; empty: all whose weights are available.
        fit: how pictures are made square, as in a recipe.
        device: where to compute; None: the best device.
        library: the library that the weights are loaded from.
        most_images: if there are more images, whole groups are drawn at random up to about this number.
        stop: set it to stop early.

    Raises:
        ProblemError: a backbone is unknown, no weights are available, or the images cannot be
            cross-validated.
    """
    library, device = library or WeightsLibrary(), device or best_device()
    wanted = _wanted(names, library)
    _refuse_images(project, _recipe(wanted[0], fit), library)
    dealt = _dealt(project)
    task = _task(project, dealt, most_images)
    clock = _RankingClock([CARDS[name].gmacs + _COST_BESIDE for name in wanted])
    found: list[RankedBackbone] = []
    failed: list[Unranked] = []
    for name in wanted:
        if stop is not None and stop.is_set():
            break
        plan = plan_for(task.snapshot, _recipe(name, fit), project.cache_dir, device, library)
        one = yield from _judged_or_why(plan, task, clock, stop)
        if isinstance(one, Unranked):
            failed.append(one)
        elif one is not None:
            found.append(one)
        if one is not None:
            yield one
        clock.next()
    order = sorted(found, key=lambda one: (-one.balanced_accuracy.value, -one.logme))
    images = len(task.snapshot.items)
    return Ranking(tuple(order), tuple(failed), len(wanted), images, len(dealt), len(task.folds))


def _wanted(names: Sequence[str], library: WeightsLibrary) -> list[str]:
    """Return the backbones, cheapest first, so that results appear early."""
    known = [card(name).name for name in dict.fromkeys(names)] or list(library.present())
    if not known:
        raise ProblemError(
            Problem(
                "weights",
                "there are no pretrained weights on this computer",
                "Import a file of weights",
                command="tldesk weights import FILE",
            )
        )
    return sorted(known, key=lambda name: (CARDS[name].gmacs, name))


def _recipe(name: str, fit: str) -> Recipe:
    ready = preset("feature_extraction", name, stages=card(name).stage_names)
    return ready.model_copy(update={"fit": fit})


def _refuse_images(project: Project, recipe: Recipe, library: WeightsLibrary) -> None:
    """Raise the problems with the images; missing weights are reported per backbone."""
    found = [one for one in find_problems(project, recipe, library) if one.where != "weights"]
    if found:
        raise ProblemError(*found)


def _dealt(project: Project) -> list[SnapshotItem]:
    """Return training and validation images; images that belong together share a group."""
    items = [item for item in project.snapshot().items if item.split != Split.TEST]
    bundles = ties(items, project.alike())
    return [replace(item, group=str(bundle)) for item, bundle in zip(items, bundles, strict=True)]


def _task(project: Project, dealt: Sequence[SnapshotItem], most: int) -> _RankingTask:
    items = part(dealt, -(-len(dealt) // most), seed=0) if len(dealt) > most else list(dealt)
    snapshot = replace(project.snapshot(), items=tuple(items))
    folds = group_folds(items, seed=0)
    if not folds:
        what = "in some class all images belong together, so that none could be judged by the others"
        fix = "Label more images of that class from other groups, or merge it with another class"
        raise ProblemError(Problem("images", what, fix))
    return _RankingTask(snapshot, folds)


def _judged_or_why(
    plan: Plan, task: _RankingTask, clock: _RankingClock, stop: threading.Event | None
) -> Generator[Progress, None, RankedBackbone | Unranked | None]:
    """Evaluate one backbone. If that fails, report why, so that the others continue."""
    try:
        return (yield from _judged(plan, task, clock, stop))
    except ProblemError as error:
        return Unranked(plan.card.name, plan.card.title, " ".join(map(str, error.problems)))
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
    free_memory(plan.device)
    return Unranked(plan.card.name, plan.card.title, "There is not enough memory for it.")


def _judged(
    plan: Plan, task: _RankingTask, clock: _RankingClock, stop: threading.Event | None
) -> Generator[Progress, None, RankedBackbone | None]:
    began, known = time.monotonic(), plan.card
    yield clock.at(known.title, 0, len(task.snapshot.items))
    network = build_network(
        known, len(task.snapshot.classes), plan.recipe.head, weights=plan.weights(), seed=0
    )
    network.to(memory_format=torch.channels_last).to(plan.device.name)
    features = yield from _features(plan, network, clock, stop)
    if features is None:
        return None
    vectors, pace = features.all(), _pace(plan, network)
    labels = features.labels.to(vectors.device)
    probed = probe(vectors, labels, len(task.snapshot.classes), _places(task, features.items), stop)
    if probed is None:
        return None
    score = logme(vectors.double().cpu().numpy(), features.labels.numpy())
    return _told(plan, features, probed, score, pace=pace, seconds=time.monotonic() - began)


def _told(
    plan: Plan, features: CachedFeatures, probed: ProbeResult, score: float, *, pace: float, seconds: float
) -> RankedBackbone:
    labels = features.labels.numpy()
    confusion = confusion_matrix(labels, probed.predicted, len(plan.snapshot.classes))
    balanced, _ = class_averages(confusion)
    return RankedBackbone(
        plan.card.name,
        plan.card.title,
        wilson(int(np.trace(confusion)), len(labels)),
        balanced,
        score,
        plan.card.parameters,
        pace,
        seconds,
        tuple(item.content for item in features.items),
        probed.predicted == labels,
    )


def _features(
    plan: Plan, network: Network, clock: _RankingClock, stop: threading.Event | None
) -> Generator[Progress, None, CachedFeatures | None]:
    data = TrainingData(plan, network)
    steps = data.vectors(plan.snapshot.items, stop)
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            features: CachedFeatures | None = end.value
            break
        if isinstance(step, Preparing):
            yield clock.at(plan.card.title, step.done, step.total)
    if features is not None and not features.items:
        why = next((one.reason for one in data.pictures.left_out.values()), "")
        raise ProblemError(Problem("images", f"none of them can be read ({why})", "Scan the pictures again"))
    return features


def _pace(plan: Plan, network: Network) -> float:
    trunk = TorchTrunk(network.trunk(LINE_ALL), plan.preprocessing, plan.device)
    # Other programs may use the processor meanwhile: the fastest pass is closest to the network's own time.
    return min(seconds_a_picture(trunk, plan.preprocessing) for _ in range(_PACES))


def _places(task: _RankingTask, items: Sequence[SnapshotItem]) -> list[NDArray[np.intp]]:
    """Return the indices of each fold among the images that could be read."""
    at = {item.image_id: place for place, item in enumerate(items)}
    everything = task.snapshot.items
    return [
        np.array([at[everything[one].image_id] for one in fold if everything[one].image_id in at], np.intp)
        for fold in task.folds
    ]


class _RankingClock:
    """Estimates the time left for all backbones, each weighted by its cost."""

    def __init__(self, costs: Sequence[float]) -> None:
        self._costs = list(costs)
        self._number = 0
        self._began = time.monotonic()

    def next(self) -> None:
        """Start the clock of the next backbone."""
        self._number += 1

    def at(self, title: str, done: int, total: int) -> Progress:
        """Return the progress after ``done`` of ``total`` images of the current backbone."""
        spent = sum(self._costs[: self._number]) + self._costs[self._number] * done / max(total, 1)
        elapsed = time.monotonic() - self._began
        left = elapsed / spent * (sum(self._costs) - spent) if spent else None
        what = f"{title} ({self._number + 1} of {len(self._costs)}) sees the pictures"
        return Progress(what, done, total, left)
