"""The comparison of the three ways to train: a folder that lists the three runs. No torch.

``NAME.tldesk/comparisons/0001`` contains ``recipe.toml`` (the recipe that the three are made from),
``snapshot.json`` (the images of all three) and ``runs.json`` (the run of each way). They are ordinary runs.
For the reasons see docs/adr/0025-the-three-ways.md.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tldesk.base import Problem, ProblemError
from tldesk.dataset import Snapshot, Split
from tldesk.evaluation import Interval
from tldesk.model import Card, card
from tldesk.model.missing_weights import to_bring
from tldesk.recipe import Recipe
from tldesk.recipe.three_ways import WAYS, WayName, three_ways
from tldesk.run.record_folder import (
    RECIPE,
    SNAPSHOT,
    RecordFolder,
    new_record_folder,
    newest_record,
    record_numbered,
)
from tldesk.run.run import Run
from tldesk.run.run_status import RunState
from tldesk.trainer.costs.recipe_estimate import head_parameters
from tldesk.trainer.plan import find_problems

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.trainer.events import EpochFinished
    from tldesk.trainer.plan import Plan

_RUNS = "runs.json"


@dataclass(frozen=True, slots=True)
class SplitNumbers:
    """Metrics of a run's model on a split, with 95 % intervals, as in its evaluation.

    Attributes:
        n: number of images.
        accuracy, balanced_accuracy: in [0, 1].
    """

    n: int
    accuracy: Interval
    balanced_accuracy: Interval


@dataclass(frozen=True)
class WayResult:
    """The state and results of one of the three ways.

    Attributes:
        way: the way.
        recipe: the recipe of the way.
        run: number of its run; None if it has not begun.
        state: "waiting" before it has begun, else the run's status; "finished" only once there is a model.
        message: why it failed; empty if it did not.
        seconds: duration of the training, without reading the pictures before it.
        trained: largest number of trainable parameters of its phases.
        epochs, epochs_done, best_epoch: planned, finished and kept (0 if there is none yet).
        validation, test: metrics of the kept epoch; None if there are none yet or no such images.
        curve: (seconds since its start, balanced accuracy on the validation images) after every epoch.
    """

    way: WayName
    recipe: Recipe
    run: int | None
    state: RunState | Literal["waiting"]
    message: str
    seconds: float
    trained: int
    epochs: int
    epochs_done: int = 0
    best_epoch: int = 0
    validation: SplitNumbers | None = None
    test: SplitNumbers | None = None
    curve: tuple[tuple[float, float], ...] = ()

    @property
    def done(self) -> bool:
        """Whether it was trained to its end and has a model."""
        return self.state == "finished"


class ThreeWays:
    """One comparison in the project's ``comparisons`` folder. Cheap to create; all is read on request."""

    def __init__(self, project: Project, record: RecordFolder) -> None:
        self.project = project
        self.record = record

    @classmethod
    def create(cls, project: Project, plan: Plan) -> ThreeWays:
        """Create a comparison of the three ways derived from the plan's recipe, on the plan's images.

        Raises:
            ProblemError: one of the three cannot be trained (weights are missing), or there are no validation
                images.
        """
        found: dict[tuple[str, str], Problem] = {}
        if plan.card.name not in plan.library.present():
            found["weights", ""] = without_weights(plan.card)
        for recipe in three_ways(plan.recipe, plan.card.stage_names).values():
            for one in find_problems(project, recipe, plan.library):
                if one.where != "weights":
                    found.setdefault((one.where, one.what), one)
        if not plan.snapshot.of(Split.VALIDATION):
            what = "there are no validation images, by which the best epoch of each way could be kept"
            fix = "Split the images into train, validation and test"
            found["split", what] = Problem("split", what, fix)
        if found:
            raise ProblemError(*found.values())
        files = {RECIPE: plan.recipe.to_toml(), SNAPSHOT: plan.snapshot.to_json()}
        return cls(project, new_record_folder(_folder(project), files))

    @classmethod
    def last(cls, project: Project) -> ThreeWays | None:
        """Return the newest comparison of the project; None if there are none."""
        record = newest_record(_folder(project))
        return None if record is None else cls(project, record)

    @property
    def number(self) -> int:
        """The comparison's number, from 1."""
        return self.record.number

    @property
    def folder(self) -> Path:
        """``NAME.tldesk/comparisons/0001``."""
        return self.record.path

    @property
    def running(self) -> bool:
        """Whether a process is working on the comparison now."""
        return self.record.running

    @property
    def recipe(self) -> Recipe:
        """The recipe that the three are made from."""
        return self.record.recipe()

    @property
    def recipes(self) -> dict[WayName, Recipe]:
        """The recipes of the three ways."""
        recipe = self.recipe
        return three_ways(recipe, card(recipe.backbone).stage_names)

    @cached_property
    def snapshot(self) -> Snapshot:
        """The images of all three, with labels and splits from when the comparison began; read once."""
        return self.record.snapshot()

    def run_of(self, way: WayName) -> Run | None:
        """Return the run of a way; None if it has not begun or its folder is missing."""
        record = record_numbered(self.project.runs_dir, self._numbers().get(way, 0))
        return None if record is None else Run(self.project, record)

    def note(self, way: WayName, run: Run) -> None:
        """Record which run belongs to a way; it is on disk when this returns."""
        self.record.write_json(_RUNS, {**self._numbers(), way: run.number})

    @property
    def results(self) -> tuple[WayResult, ...]:
        """Return the results of the three ways, in the order of ``WAYS``."""
        recipes, classes = self.recipes, len(self.snapshot.classes)
        return tuple(_result(way, recipes[way], self.run_of(way), classes) for way in WAYS)

    @property
    def done(self) -> bool:
        """Whether all three were trained to their end."""
        return all(one.done for one in self.results)

    def _numbers(self) -> dict[str, int]:
        return self.record.read_json(_RUNS) or {}


def not_begun(recipe: Recipe, classes: int) -> tuple[WayResult, ...]:
    """Return the results of a recipe's three ways before anything is trained.

    Raises:
        ProblemError: the head learns nothing (nearest neighbours), so there is nothing to compare.
    """
    made = three_ways(recipe, card(recipe.backbone).stage_names)
    return tuple(_result(way, one, None, classes) for way, one in made.items())


def without_weights(known: Card) -> Problem:
    """Return the problem that two of the three ways cannot be trained without weights, and how to fix it."""
    what = (
        f"feature extraction and fine-tuning begin with pretrained weights of {known.title}, which are not "
        "on this computer"
    )
    fix = f"{to_bring(known)}, or choose a backbone whose weights are on this computer"
    return Problem("weights", what, fix, command="" if known.ships else "tldesk weights import FILE")


def _folder(project: Project) -> Path:
    return project.path / "comparisons"


def _result(way: WayName, recipe: Recipe, run: Run | None, classes: int) -> WayResult:
    recipe = (
        recipe if run is None else run.recipe
    )  # it stays what it was, whatever the ready-made ones become
    known = card(recipe.backbone)
    tail = max(known.trained_parameters(phase.freeze) for phase in recipe.phases)
    trained = tail + head_parameters(known, recipe, classes)
    if run is None:
        return WayResult(way, recipe, None, "waiting", "", 0.0, trained, recipe.epochs)
    summary = run.summary
    # The process can also be killed between the last epoch and the model file; resuming then makes the file.
    state: RunState = summary.status if summary.model or summary.status != "finished" else "interrupted"
    return WayResult(
        way,
        recipe,
        run.number,
        state,
        summary.message,
        summary.seconds,
        trained,
        summary.epochs,
        summary.epochs_done,
        summary.best_epoch,
        _numbers(run, Split.VALIDATION),
        _numbers(run, Split.TEST),
        _curve(run.history(), summary.seconds),
    )


def _numbers(run: Run, split: Split) -> SplitNumbers | None:
    path = run.files.evaluation(split)
    if run.model is None or not path.is_file():
        return None
    values: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return SplitNumbers(
        int(values["n"]), _interval(values["accuracy"]), _interval(values["balanced_accuracy"])
    )


def _interval(values: Mapping[str, Any]) -> Interval:
    value = math.nan if values["value"] is None else float(values["value"])
    return Interval(value, float(values["low"]), float(values["high"]))


def _curve(epochs: Sequence[EpochFinished], seconds: float) -> tuple[tuple[float, float], ...]:
    """Return the curve; the time before the first epoch (running images through frozen stages) counts too."""
    ends = list(accumulate(one.seconds for one in epochs))
    before = max(0.0, seconds - ends[-1]) if ends else 0.0
    return tuple(
        (before + end, one.validation_balanced_accuracy)
        for one, end in zip(epochs, ends, strict=True)
        if one.validation_balanced_accuracy is not None
    )
