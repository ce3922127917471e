"""Reads the data for the Evaluate page from a run and a split. No Qt in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tldesk.base import Problem, ProblemError
from tldesk.dataset import Split
from tldesk.evaluation import softmax

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.evaluation import Evaluation
    from tldesk.run import Run

MOST_MISTAKES = 60


@dataclass(frozen=True, slots=True)
class Judged:
    """One image of the split with its prediction.

    Attributes:
        image_id: id of the image in the run's snapshot.
        path: path of the file; None if it is missing.
        truth, said: class indices of the true and the predicted class.
        probability: calibrated probability of ``said``, 0 to 1.
        content: content hash of the file; empty if it is missing.
    """

    image_id: int
    path: Path | None
    truth: int
    said: int
    probability: float
    content: str = ""


@dataclass(frozen=True, slots=True)
class SplitResult:
    """The metrics of a run on a split, and all images behind them.

    Attributes:
        run: the run.
        split: the split.
        numbers: metrics with intervals.
        images: in the order of the stored predictions.
        colours: "#rrggbb" per class name.
        groups: number of different groups among the images; 0 if there are no groups.
        today: whether the current labels were used.
        left_out: number of images without a usable current label.
        columns: the table columns that the run was trained on in addition to the images.
    """

    run: Run
    split: Split
    numbers: Evaluation
    images: tuple[Judged, ...]
    colours: Mapping[str, str]
    groups: int
    today: bool = False
    left_out: int = 0
    columns: tuple[str, ...] = ()

    def cell(self, truth: int, said: int) -> tuple[Judged, ...]:
        """Return the images of a cell of the confusion matrix, highest probability first."""
        found = [one for one in self.images if one.truth == truth and one.said == said]
        return tuple(sorted(found, key=lambda one: -one.probability))

    def mistakes(self) -> tuple[Judged, ...]:
        """Return the wrong predictions, highest probability first."""
        wrong = [one for one in self.images if one.truth != one.said]
        return tuple(sorted(wrong, key=lambda one: -one.probability)[:MOST_MISTAKES])


@dataclass(frozen=True, slots=True)
class RunChoice:
    """A run that can be evaluated, and its splits with images, the least optimistic split first."""

    run: Run
    title: str
    splits: tuple[tuple[Split, int], ...]


def choices(project: Project) -> list[RunChoice]:
    """Return the runs that have a model, the default one first."""
    from tldesk.run import Run

    return [found for run in Run.with_model(project) if (found := _choice(run)) is not None]


def is_stored(run: Run, split: Split) -> bool:
    """Return whether the predictions are stored, so that no network has to be loaded."""
    return run.files.predictions(split).is_file()


def look(project: Project, run: Run, split: Split, *, today: bool = False) -> SplitResult:
    """Return the metrics and images of a split; loads torch only if the predictions are not stored.

    With ``today`` the current labels are used instead of the run's own.

    Raises:
        ProblemError: the run has no model, or there are no images in this split.
    """
    if not is_stored(run, split):
        for _ in project.folders.catching_up():
            pass
    numbers = run.evaluate(split)
    stored = run.predictions(split)
    if stored is None:
        raise ProblemError(
            Problem(run.name, "its predictions could not be kept", "Check that the disk is not full")
        )
    left_out = 0
    if today:
        from tldesk.run import reevaluate

        anew = reevaluate(run, stored, project.current_state())
        numbers, stored, left_out = anew.evaluation, anew.predictions, anew.left_out
    probabilities = softmax(stored.logits, numbers.temperature)
    said = stored.logits.argmax(axis=1)
    items = {item.image_id: item for item in run.snapshot.of(split)}
    images = tuple(
        Judged(
            int(image_id),
            items[int(image_id)].path if int(image_id) in items else None,
            int(truth),
            int(answer),
            float(probability),
            items[int(image_id)].content if int(image_id) in items else "",
        )
        for image_id, truth, answer, probability in zip(
            stored.image_ids, stored.labels, said, np.max(probabilities, axis=1), strict=True
        )
    )
    colours = {one.name: one.colour for one in project.classes}
    groups = len({item.group for item in items.values() if item.group is not None})
    return SplitResult(run, split, numbers, images, colours, groups, today, left_out, run.recipe.columns)


def _choice(run: Run) -> RunChoice | None:
    if run.model is None:
        return None
    try:
        snapshot, recipe = run.snapshot, run.recipe
    except (ProblemError, OSError, ValueError):
        return None  # the Train page shows it as failed
    counted = [(split, len(snapshot.of(split))) for split in (Split.TEST, Split.VALIDATION, Split.TRAIN)]
    title = f"{run.name} · {recipe.name} · {recipe.backbone}"
    if run.fold is not None:
        title += f" · fold {run.fold.words}"
    return RunChoice(run, title, tuple(c for c in counted if c[1]))
