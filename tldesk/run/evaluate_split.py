"""The metrics of one split of a finished run, from stored predictions or computed with its model file.

Either way they are about the pictures that the run knew. Stored predictions still count after a file was
changed; what has to be computed leaves changed files out, because the run never saw them.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

from tldesk.base import Problem, ProblemError, Progress, plural
from tldesk.dataset import Snapshot, Split
from tldesk.evaluation import Evaluation
from tldesk.evaluation import evaluate as evaluate_arrays
from tldesk.run.calibration_file import Calibration, read_calibration
from tldesk.run.changed_pictures import changed_images
from tldesk.run.names_today import class_names
from tldesk.run.predictions import read_predictions

if TYPE_CHECKING:
    from tldesk.run.stored_run import StoredRun
    from tldesk.trainer.data.network_outputs import NetworkOutputs


def evaluate(run: StoredRun, split: Split, stop: threading.Event | None) -> Evaluation:
    """See ``Run.evaluate``; classes have their present names."""
    calibration = read_calibration(run.files.calibration)
    if calibration is None or run.model is None:
        raise ProblemError(
            Problem(
                run.name, f"it has no model yet (it is {run.status})", "Train it to the end, or finish it"
            )
        )
    names = class_names(run.snapshot.classes, run.snapshot.class_ids, run.project.current_classes()).today
    stored = read_predictions(run.files.predictions(split))
    if stored is None:
        return _with_names(_computed(run, split, calibration, stop), names)
    return evaluate_arrays(
        stored.logits,
        stored.labels,
        names,
        temperature=calibration.temperature,
        unsure_below=calibration.unsure_below,
    )


def _with_names(found: Evaluation, names: tuple[str, ...]) -> Evaluation:
    named = (replace(one, name=name) for one, name in zip(found.per_class, names, strict=True))
    return replace(found, classes=names, per_class=tuple(named))


def _computed(
    run: StoredRun, split: Split, calibration: Calibration, stop: threading.Event | None
) -> Evaluation:
    """Compute, store and evaluate a split with the run's model file; the weights library is not needed.

    Raises:
        ProblemError: the split has no images, none of them can be read, or ``stop`` was set.
    """
    snapshot = run.snapshot
    if not snapshot.of(split):
        have = ", ".join(f"{plural(len(snapshot.of(one)), 'image')} in {one}" for one in Split)
        raise ProblemError(
            Problem(run.name, f"it has no images in '{split}'", f"Choose another split: {have}")
        )
    # Imported here because these modules load torch: stored predictions are evaluated without it.
    import torch

    from tldesk.run.checked_model import open_model
    from tldesk.run.finish_run import store_split
    from tldesk.run.train_run import at_current_paths
    from tldesk.trainer.data.network_outputs import network_outputs
    from tldesk.trainer.data.phase_data import TrainingData
    from tldesk.trainer.plan import plan_for

    known = _unchanged(run, snapshot, split)
    plan = plan_for(at_current_paths(run.project, known), run.recipe, run.project.cache_dir)
    network = open_model(run.files.model).network()
    network.to(memory_format=torch.channels_last)
    network.to(plan.device.name)
    steps = network_outputs(
        TrainingData(plan, network), plan.snapshot.of(split), f"Evaluating on {split} images", stop
    )
    answers = _result_of(steps)
    if answers is None or not len(answers.items):
        what = "it was stopped" if answers is None else "none of the pictures can be read"
        raise ProblemError(
            Problem(run.name, what, "Check that the folder of pictures is there, and try again")
        )
    return store_split(run, plan, answers, split, calibration)


def _unchanged(run: StoredRun, snapshot: Snapshot, split: Split) -> Snapshot:
    """Return the snapshot without images whose file has changed since: the run never saw these pictures.

    Raises:
        ProblemError: all images of the split have changed.
    """
    changed = changed_images(snapshot, run.project.current_state())
    known = replace(snapshot, items=tuple(item for item in snapshot.items if item.image_id not in changed))
    if not known.of(split):
        what = f"the files of all its images in '{split}' have changed, and no earlier answers were kept"
        raise ProblemError(Problem(run.name, what, "Train a new run with the present pictures"))
    return known


def _result_of(steps: Generator[Progress, None, NetworkOutputs | None]) -> NetworkOutputs | None:
    """Run a generator of progress to its end and return its result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: NetworkOutputs | None = end.value
            return found
