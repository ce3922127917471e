"""What the Evaluate page reads of a run and a split, and what follows from it. No Qt in here."""

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
    """One image of the split with its answer.

    Attributes:
        image_id: as the run's snapshot knows it.
        path: where the file lies, None if it is gone.
        truth, said: class indices.
        probability: calibrated, of ``said``, 0 to 1.
        content: the file's content hash, empty if it is gone.
    """

    image_id: int
    path: Path | None
    truth: int
    said: int
    probability: float
    content: str = ""


@dataclass(frozen=True, slots=True)
class SplitResult:
    """A run's numbers on a split, and every image behind them.

    Attributes:
        run: which.
        split: which.
        numbers: metrics with intervals.
        images: in the order of the stored predictions.
        colours: class name to "#rrggbb".
        groups: different groups among the images, 0 without groups.
        today: computed with the current labels.
        left_out: images without a usable current label.
        columns: the table columns the run was trained on besides the pictures.
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
        """The images of a cell of the confusion matrix, surest first."""
        found = [one for one in self.images if one.truth == truth and one.said == said]
        return tuple(sorted(found, key=lambda one: -one.probability))

    def mistakes(self) -> tuple[Judged, ...]:
        """Wrong answers, surest first."""
        wrong = [one for one in self.images if one.truth != one.said]
        return tuple(sorted(wrong, key=lambda one: -one.probability)[:MOST_MISTAKES])


@dataclass(frozen=True, slots=True)
class RunChoice:
    """A run that can be evaluated, and its splits with images, best for an honest number first."""

    run: Run
    title: str
    splits: tuple[tuple[Split, int], ...]


def choices(project: Project) -> list[RunChoice]:
    """The runs that have a model, the one to use by default first."""
    from tldesk.run import Run

    return [found for run in Run.with_model(project) if (found := _choice(run)) is not None]


def is_stored(run: Run, split: Split) -> bool:
    """Whether the predictions are stored, so that no network has to be loaded."""
    return run.files.predictions(split).is_file()


def look(project: Project, run: Run, split: Split, *, today: bool = False) -> SplitResult:
    """The numbers and images of a split; loads torch only if the predictions are not stored.

    With ``today`` the current labels are used instead of the run's own.

    Raises:
        ProblemError: the run has no model, or no images in this split.
    """
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
    colours = {one.name: one.colour for one in project.classes()}
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
