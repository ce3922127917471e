"""The metrics of a run's split, from stored predictions where they are there, else computed once more."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tldesk.base import Problem, ProblemError, plural
from tldesk.dataset import Split
from tldesk.evaluation import Evaluation
from tldesk.evaluation import evaluate as evaluate_arrays
from tldesk.run.calibration_file import Calibration, read_calibration
from tldesk.run.predictions import read_predictions

if TYPE_CHECKING:
    from tldesk.run.run import Run


def evaluate(run: Run, split: Split, stop: threading.Event | None) -> Evaluation:
    """See ``Run.evaluate``."""
    calibration = read_calibration(run.files.calibration)
    if calibration is None or run.model is None:
        raise ProblemError(
            Problem(
                run.name, f"it has no model yet (it is {run.status})", "Train it to the end, or finish it"
            )
        )
    stored = read_predictions(run.files.predictions(split))
    if stored is None:
        return _computed(run, split, calibration, stop)
    return evaluate_arrays(
        stored.logits,
        stored.labels,
        run.snapshot.classes,
        temperature=calibration.temperature,
        unsure_below=calibration.unsure_below,
    )


def _computed(run: Run, split: Split, calibration: Calibration, stop: threading.Event | None) -> Evaluation:
    from tldesk.run.reload import answers_of

    snapshot = run.snapshot
    if not snapshot.of(split):
        have = ", ".join(f"{plural(len(snapshot.of(one)), 'image')} in {one}" for one in Split)
        raise ProblemError(
            Problem(run.name, f"it has no images in '{split}'", f"Choose another split: {have}")
        )
    return answers_of(run, split, calibration, stop)
