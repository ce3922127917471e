"""Checks images with the features of a pretrained network: doubtful labels and similar pictures.

Labels are checked by confident learning (C. G. Northcutt, L. Jiang and I. L. Chuang, "Confident learning:
estimating uncertainty in dataset labels", JAIR 70 (2021)) as implemented by cleanlab, with the predictions of
a linear head that was not trained on the image. The features are those of the pretrained network even if a
run has fine-tuned it: a network trained on wrong labels would confirm them.

Two images are similar if their features are much closer to each other than to those of the twentieth nearest
image of either, as in matching local features (D. G. Lowe, "Distinctive image features from scale-invariant
keypoints", IJCV 60 (2004), section 7.1), because what counts as "near" differs between data sets. The
features are averaged over an image and its three mirror images, so that rotated and mirrored copies are found
too.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from tldesk.base import Problem, ProblemError, Progress, ProgressMeter
from tldesk.dataset import SnapshotItem
from tldesk.dataset.checks.network_inspection import AlikePair, DoubtfulLabel, Inspection
from tldesk.engine.feature_bank import PLAIN, View
from tldesk.model import card
from tldesk.model.build import build_network
from tldesk.model.library import WeightsLibrary
from tldesk.recipe import preset
from tldesk.run.run import Run
from tldesk.trainer.data.inner_folds import group_folds
from tldesk.trainer.data.phase_data import TrainingData
from tldesk.trainer.events import Preparing
from tldesk.trainer.plan import Plan, plan_for
from tldesk.trainer.strategies.logistic_regression import LogisticRegression

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.recipe import Recipe

_LEAST_COSINE = 0.7
_NEARER = 0.3  # largest distance of similar images, as a share of the distance to an unrelated one
# The starter separates unrelated images less well: at 0.3 it reported 148 pairs among 808 leaves, at this
# value 13; mobilenet_v2 reports 7.
_NEARER_WITH_CAUTION = 0.15
_STRANGER = 20  # the 20th nearest neighbour counts as unrelated
_MOST_PAIRS = 100_000
_STRENGTHS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
_ROWS = 256
_MIRRORED = {"sideways": (3,), "upside down": (2,), "turned": (2, 3)}


def recipe_to_look_with(project: Project, library: WeightsLibrary) -> Recipe:
    """Return the last finished run's recipe, because its features are cached.

    If there is none, a preset of the best backbone is returned.

    Raises:
        ProblemError: the library has no weights.
    """
    there = library.present()
    for run in reversed(Run.runs(project)):
        if (
            run.model is not None
            and not run.damage
            and run.recipe.weights == "pretrained"
            and run.recipe.backbone in there
        ):
            return run.recipe
    if not there:
        what = "there are no pretrained weights on this computer, so no network can check the images"
        fix = "Import a file of weights"
        raise ProblemError(Problem("weights", what, fix, command="tldesk weights import FILE"))
    best = max(map(card, there), key=lambda one: (not one.caution, one.imagenet_accuracy or 0.0))
    return preset("feature_extraction", best.name, stages=best.stage_names)


def inspecting(
    project: Project, recipe: Recipe, stop: threading.Event | None = None
) -> Generator[Progress, None, Inspection | None]:
    """Check a project's images with their current labels and splits; None when ``stop`` was set.

    Args:
        project: its labelled, usable images that are in a split are checked.
        recipe: gives the backbone and the preprocessing; features are cached as in training.
        stop: set it to stop early.

    Raises:
        ProblemError: the backbone's weights are not in the library.
    """
    library = WeightsLibrary(project=project.path)
    plan = plan_for(project.snapshot(), recipe, project.cache_dir, library=library)
    head, classes = plan.recipe.head, len(plan.snapshot.classes)
    network = build_network(plan.card, classes, head, weights=plan.library.load(plan.card.name), seed=0)
    network.to(memory_format=torch.channels_last)
    data = TrainingData(plan, network.to(plan.device.name).eval())
    found = yield from _vectors(data, stop)
    if found is None:
        return None
    items, plain, mean = found
    nearer = _NEARER_WITH_CAUTION if plan.card.caution else _NEARER
    alike = yield from _alike(mean, items, nearer, stop)
    if alike is None:
        return None
    yield Progress("Judging the labels", 0, 0)
    return Inspection(_doubts(plan, plain, items), alike, plan.card.caution)


def _vectors(
    data: TrainingData, stop: threading.Event | None
) -> Generator[Progress, None, tuple[Sequence[SnapshotItem], Tensor, Tensor] | None]:
    """Return the readable images, their features, and the mean over their mirror images; both (n, width)."""
    views = [PLAIN, *(_mirrored(name, axes) for name, axes in _MIRRORED.items())]
    items: Sequence[SnapshotItem] = data.plan.snapshot.items
    rows = []
    for view in views:
        steps = data.vectors(items, stop, view)
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                source = end.value
                break
            if isinstance(step, Preparing):
                yield Progress(step.what, step.done, step.total, step.seconds_left)
        if source is None:
            return None
        items = source.items
        starts = range(0, len(items), _ROWS)
        parts = [source.batch(range(begin, min(begin + _ROWS, len(items)))) for begin in starts]
        rows.append(torch.cat([part.float().cpu() for part in parts]) if parts else torch.empty(0, 1))
    return items, rows[0], torch.stack(rows).mean(0)


def _mirrored(name: str, axes: tuple[int, ...]) -> View:
    def change(pixels: NDArray[np.uint8], _contents: Sequence[str]) -> NDArray[np.uint8]:
        return np.ascontiguousarray(np.flip(pixels, axes))

    return View(f"mirrored {name}", change)


def _alike(
    features: Tensor, items: Sequence[SnapshotItem], nearer: float, stop: threading.Event | None
) -> Generator[Progress, None, tuple[AlikePair, ...] | None]:
    """Return pairs of different files that are similar.

    ``nearer`` is the largest distance, as a share of the distance to an unrelated image.

    Identical files are skipped: they are found without a network.
    """
    if len(items) < 4:
        return ()
    directions = functional.normalize(features - features.mean(0), dim=1)
    meter = ProgressMeter("Comparing the images", 2 * len(items))
    reach = torch.empty(len(items))
    for begin, scores in _blocks(directions):
        nearest = scores.topk(min(_STRANGER, len(items) - 2), dim=1).values[:, -1]
        reach[begin : begin + len(scores)] = nearer * (1 - nearest)
        yield meter.at(begin + len(scores))
        if stop is not None and stop.is_set():
            return None
    pairs: list[AlikePair] = []
    for begin, scores in _blocks(directions):
        most = torch.minimum(reach[begin : begin + len(scores), None], reach[None, :])
        near = ((1 - scores) <= most) & (scores >= _LEAST_COSINE)
        for row, other in near.nonzero().tolist():
            one = begin + row
            if one < other and items[one].content != items[other].content:
                pair = AlikePair(items[one].image_id, items[other].image_id, float(scores[row, other]))
                pairs.append(pair)
        yield meter.at(len(items) + begin + len(scores))
        if (stop is not None and stop.is_set()) or len(pairs) >= _MOST_PAIRS:
            break
    return tuple(sorted(pairs, key=lambda pair: -pair.score)[:_MOST_PAIRS])


def _blocks(directions: Tensor) -> Iterator[tuple[int, Tensor]]:
    """Yield the cosine similarities of a block of rows to all rows; -1 of a row to itself."""
    for begin in range(0, len(directions), _ROWS):
        scores = directions[begin : begin + _ROWS] @ directions.T
        places = torch.arange(len(scores))
        scores[places, begin + places] = -1
        yield begin, scores


def _doubts(plan: Plan, features: Tensor, items: Sequence[SnapshotItem]) -> tuple[DoubtfulLabel, ...]:
    labels = np.array([item.label for item in items])
    present = np.unique(labels)
    folds = group_folds(items, plan.recipe.seed)
    if len(present) < 2 or not folds:
        return ()  # too few classes or groups for cross-validation
    from cleanlab.filter import find_label_issues

    places = np.searchsorted(present, labels)
    judged = _unseen(features, places, folds)
    # Images that the confident joint counts in another class. This also finds one wrong label among 40, which
    # pruning by the estimated noise rate would round away.
    found = find_label_issues(
        places,
        judged,
        filter_by="confident_learning",
        return_indices_ranked_by="self_confidence",
        n_jobs=1,
    )
    names = [plan.snapshot.classes[label] for label in present]
    likely = judged.argmax(1)
    return tuple(
        DoubtfulLabel(
            items[one].image_id, names[places[one]], names[likely[one]], float(judged[one, places[one]])
        )
        for one in found
        if likely[one] != places[one]
    )


def _unseen(
    features: Tensor, labels: NDArray[np.intp], folds: Sequence[NDArray[np.intp]]
) -> NDArray[np.float64]:
    """Return (n, classes) probabilities from heads not trained on the image.

    All heads use the regularisation strength that is best overall.
    """
    spread = features.std(0, correction=0)
    standard = (features - features.mean(0)) / torch.where(spread > 0, spread, torch.ones_like(spread))
    weights = torch.ones(int(labels.max()) + 1)
    sides = [torch.from_numpy(fold) for fold in folds]
    task = LogisticRegression(standard, torch.from_numpy(labels), weights, folds=sides)
    solution = best = task.start()
    least = float("inf")
    for strength in _STRENGTHS:
        found = task.solve(strength, solution)
        assert found is not None
        solution, cost = found, float(task.left_out_loss(found).mean())
        if cost < least:
            best, least = found, cost
    answers: NDArray[np.float64] = task.logits(best).softmax(-1)[task.left_out].double().numpy()
    return answers
