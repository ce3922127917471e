"""Evaluates a run's stored predictions against the current labels, without running the network again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tldesk.base import Problem, ProblemError
from tldesk.dataset.current_state import NO_CLASS, CurrentState, short_content
from tldesk.evaluation import Evaluation
from tldesk.evaluation import evaluate as evaluate_arrays
from tldesk.run.calibration_file import read_calibration
from tldesk.run.predictions import Predictions

if TYPE_CHECKING:
    from tldesk.dataset import Snapshot
    from tldesk.run.calibration_file import Calibration
    from tldesk.run.run import Run


@dataclass(frozen=True)
class Reevaluation:
    """A run's metrics with current labels, on the images of a split that can still be evaluated.

    Attributes:
        evaluation: uses the run's classes with their current names; merged classes count as one.
        predictions: with current labels; probabilities of merged classes are summed.
        left_out: images that are excluded, whose file has changed, or whose label the run does not know.
    """

    evaluation: Evaluation
    predictions: Predictions
    left_out: int


def reevaluate(run: Run, predictions: Predictions, now: CurrentState) -> Reevaluation:
    """Evaluate stored predictions against the current labels.

    The split is the run's own, because the images it was trained on do not change.

    Raises:
        ProblemError: none of the images can be evaluated any more, or the run has no model.
    """
    calibration = read_calibration(run.files.calibration)
    if calibration is None:
        raise ProblemError(Problem(run.name, "it has no model yet", "Train it to the end"))
    columns, ids, names = _classes(run.snapshot, now)
    known = _with_present_labels(predictions, now, ids)
    if not len(known.labels):
        what = "each of these images has another file today, is excluded, or has no label that the run knows"
        raise ProblemError(Problem(run.name, what, "Train a new run with the present files and labels"))
    merged = _merged(known, columns, len(ids), calibration)
    evaluation = evaluate_arrays(
        merged.logits,
        merged.labels,
        names,
        temperature=calibration.temperature,
        unsure_below=calibration.unsure_below,
    )
    return Reevaluation(evaluation, merged, len(predictions.labels) - len(known.labels))


def _classes(snapshot: Snapshot, now: CurrentState) -> tuple[NDArray[np.intp], list[int], tuple[str, ...]]:
    """Return a column per class of the run; then the columns' current classes (0 = deleted) and names."""
    numbers = snapshot.class_ids or tuple(now.class_named(name) for name in snapshot.classes)
    columns, ids, names = [], [], []
    for number, name in zip(numbers, snapshot.classes, strict=True):
        heir = now.heir(number, name)
        if heir == NO_CLASS or heir not in ids:
            ids.append(heir)
            names.append(now.names.get(heir, name))
            columns.append(len(ids) - 1)
        else:
            columns.append(ids.index(heir))
    return np.array(columns, dtype=np.intp), ids, tuple(names)


def _with_present_labels(predictions: Predictions, now: CurrentState, ids: list[int]) -> Predictions:
    """Return the predictions that can still be evaluated; ``labels`` are column indices."""
    column = {number: place for place, number in enumerate(ids) if number != NO_CLASS}
    places = now.places(predictions.image_ids)
    labels = np.array([column.get(int(one), -1) for one in now.labels[places]], dtype=np.int64)
    contents = np.array([short_content(one) for one in predictions.contents], dtype=np.uint64)
    same = (now.contents[places] == contents) | (now.contents[places] == 0)
    counts = (places >= 0) & (labels >= 0) & ~now.excluded[places] & same
    return Predictions(
        predictions.image_ids[counts],
        tuple(one for one, wanted in zip(predictions.contents, counts, strict=True) if wanted),
        predictions.logits[counts],
        labels[counts],
    )


def _merged(
    predictions: Predictions, columns: NDArray[np.intp], classes: int, calibration: Calibration
) -> Predictions:
    """Return logits whose probabilities are the sums over the merged classes."""
    if classes == len(columns):
        return predictions
    warmth = calibration.temperature
    logits = np.stack(
        [
            warmth * np.logaddexp.reduce(predictions.logits[:, columns == one] / warmth, axis=1)
            for one in range(classes)
        ],
        axis=1,
    )
    return Predictions(
        predictions.image_ids, predictions.contents, logits.astype(np.float32), predictions.labels
    )
