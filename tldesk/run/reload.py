"""Computing a split's predictions from a finished run's model file."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import torch

from tldesk.base import Problem, ProblemError
from tldesk.dataset import Split
from tldesk.model.model_file import ModelFile
from tldesk.run.finishing import store_split
from tldesk.run.training import found_again
from tldesk.trainer.data.network_outputs import outputs
from tldesk.trainer.data.phase_data import Material
from tldesk.trainer.plan import plan_for

if TYPE_CHECKING:
    from tldesk.evaluation import Evaluation
    from tldesk.run.calibration_file import Calibration
    from tldesk.run.run import Run


def answers_of(run: Run, split: Split, calibration: Calibration, stop: threading.Event | None) -> Evaluation:
    """Compute, store and evaluate a split. The weights library is not needed.

    Raises:
        ProblemError: none of the pictures can be read, or ``stop`` was set.
    """
    plan = plan_for(found_again(run.project, run.snapshot), run.recipe, run.project.cache_dir)
    network = ModelFile.load(run.files.model).network()
    network.to(memory_format=torch.channels_last)
    network.to(plan.device.name)
    steps = outputs(Material(plan, network), plan.snapshot.of(split), f"Evaluating on {split} images", stop)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            answers = end.value
            break
    if answers is None or not len(answers.items):
        what = "it was stopped" if answers is None else "none of the pictures can be read"
        raise ProblemError(
            Problem(run.name, what, "Check that the folder of pictures is there, and try again")
        )
    return store_split(run, plan, answers, split, calibration)
