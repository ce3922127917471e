"""A run: one execution of a recipe on one snapshot of the data, with all its results.

This module loads no torch, so that runs can be listed and read before torch is loaded. The training itself is
in ``tldesk.run.train_run``, which is imported only when needed.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldesk.base import Problem, ProblemError, Progress
from tldesk.dataset import Snapshot, Split
from tldesk.recipe import Recipe
from tldesk.run.damage import WAY_OUT, damage_of, refuse_damaged
from tldesk.run.fold import Fold, read_fold
from tldesk.run.record_folder import RecordFolder, delete_record, new_record_folder, record_folders
from tldesk.run.recorded_events import read_epochs, read_notices
from tldesk.run.run_files import RunFiles
from tldesk.run.run_status import RunState, RunStatus, read_status

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.evaluation import Evaluation
    from tldesk.run.predictions import Predictions
    from tldesk.trainer.events import EpochFinished, Event
    from tldesk.trainer.plan import Plan

# Checking whether the lock is held takes the lock briefly, so training waits a few seconds for it.
_LOCK_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One row of the table of runs.

    Attributes:
        number, name, status: see ``Run``.
        recipe, backbone, freeze, device: names; ``freeze`` is the freeze line of the last phase.
        started: ISO 8601 with offset.
        seconds: computing time.
        epochs, epochs_done, best_epoch: planned, finished and kept (0 if there is none yet).
        validation_accuracy, validation_balanced_accuracy: at the best epoch, [0, 1]; None without validation.
        test_accuracy: [0, 1]; None if not evaluated.
        model: the model file; None if there is none yet.
        message: why the run failed.
        fold: fold of a cross-validation, "2 of 5"; empty for other runs.
    """

    number: int
    name: str
    status: RunState
    recipe: str
    backbone: str
    freeze: str
    device: str
    started: str
    seconds: float
    epochs: int
    epochs_done: int
    best_epoch: int
    validation_accuracy: float | None
    validation_balanced_accuracy: float | None
    test_accuracy: float | None
    model: Path | None
    message: str = ""
    fold: str = ""


class Run:
    """One run in a project's ``runs`` folder. Cheap to create; everything is read from disk on request."""

    def __init__(self, project: Project, record: RecordFolder, plan: Plan | None = None) -> None:
        self.project = project
        self.record = record
        self._files = RunFiles(record)
        self._plan = plan

    @classmethod
    def create(cls, project: Project, plan: Plan, fold: Fold | None = None) -> Run:
        """Create a run folder with recipe, snapshot and environment, before the first step.

        Args:
            project: the project that the run belongs to.
            plan: what is trained, on which images and where.
            fold: the fold of a cross-validation; None for other runs.

        Raises:
            ProblemError: the folder cannot be written.
        """
        from tldesk.run.environment import environment

        status = RunStatus(
            "running",
            datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
            plan.recipe.backbone,
            plan.device.title,
            plan.recipe.epochs,
        )
        files = {
            "recipe.toml": plan.recipe.to_toml(),
            "snapshot.json": plan.snapshot.to_json(),
            "environment.json": json.dumps(environment(plan), indent=1, ensure_ascii=False) + "\n",
            "status.json": status.to_json(),
        }
        if plan.table.columns:
            files["columns.json"] = plan.table.to_json()
        if fold is not None:
            files["fold.json"] = fold.to_json()
        return cls(project, new_record_folder(project.runs_dir, files), plan)

    @classmethod
    def open(cls, project: Project, which: int | str) -> Run:
        """Return a run by number or name: ``3``, ``"3"``, ``"0003"``, ``"run 3"``, ``"last"``.

        Raises:
            ProblemError: there is no such run, or it is damaged.
        """
        run = cls.find(project, which)
        refuse_damaged(run.name, run.record, run.files)
        return run

    @classmethod
    def find(cls, project: Project, which: int | str) -> Run:
        """Do the same as ``open``, but return a damaged run as well, to delete it.

        Raises:
            ProblemError: there is no such run.
        """
        runs = cls.runs(project)
        text = str(which).strip().lower().removeprefix("run").strip()
        if text in ("last", "latest") and runs:
            return runs[-1]
        for run in runs:
            if text.isdecimal() and run.number == int(text):
                return run
        have = ", ".join(run.name for run in runs) or "none yet"
        raise ProblemError(Problem(str(which), "the project has no such run", f"Its runs: {have}"))

    @classmethod
    def runs(cls, project: Project) -> list[Run]:
        """Return all runs of the project, oldest first."""
        return [cls(project, folder) for folder in record_folders(project.runs_dir)]

    @classmethod
    def with_model(cls, project: Project) -> list[Run]:
        """Return the undamaged runs that have a model, newest first.

        Folds come last, because they were trained on fewer images.
        """
        runs = [run for run in reversed(cls.runs(project)) if run.model is not None and not run.damage]
        return sorted(runs, key=lambda run: run.fold is not None)

    @classmethod
    def resume(cls, project: Project, which: int | str, device: str | None = None) -> Run:
        """Return an interrupted or stopped run; ``train()`` then continues from its last checkpoint.

        Raises:
            ProblemError: there is no such run, or its images or weights are missing.
        """
        from tldesk.run.train_run import plan_of

        run = cls.open(project, which)
        run._plan = plan_of(run, device)
        return run

    @property
    def number(self) -> int:
        """The run's number, from 1."""
        return self.record.number

    @property
    def name(self) -> str:
        """``run 3``."""
        return f"run {self.number}"

    @property
    def folder(self) -> Path:
        """``NAME.tldesk/runs/0003``."""
        return self.record.path

    @property
    def files(self) -> RunFiles:
        """The files in the run's folder."""
        return self._files

    @property
    def recipe(self) -> Recipe:
        """The recipe as it was when the run began."""
        return self.record.recipe()

    @property
    def snapshot(self) -> Snapshot:
        """The classes and images as they were when the run began."""
        return self.record.snapshot()

    @property
    def environment(self) -> dict[str, Any]:
        """Versions, computer, device and weights."""
        values: dict[str, Any] = json.loads(self._files.environment.read_text(encoding="utf-8"))
        return values

    @property
    def fold(self) -> Fold | None:
        """Which fold of a cross-validation the run is; None if it is not one."""
        return read_fold(self._files.fold)

    @property
    def status(self) -> RunState:
        """``running``, ``finished``, ``stopped``, ``failed`` or ``interrupted`` (its process is gone)."""
        return self._status().status

    @property
    def message(self) -> str:
        """Why the run failed, in words; empty if it did not."""
        return self._status().message

    @property
    def damage(self) -> str:
        """What is damaged about the run's files, in words; "" if nothing is."""
        return damage_of(self.record, self._files)

    @property
    def model(self) -> Path | None:
        """The model file; None until the run is finished."""
        return self._files.model if self._files.model.is_file() else None

    @property
    def summary(self) -> RunSummary:
        """Return the row for the table of runs; a damaged run has one too, whose message says what to do."""
        damage = self.damage
        return self._damaged_summary(damage) if damage else self._whole_summary()

    def _damaged_summary(self, damage: str) -> RunSummary:
        said = f"{damage}. {WAY_OUT}"
        nothing = (None, None, None, None)
        return RunSummary(self.number, self.name, "damaged", "", "", "", "", "", 0.0, 0, 0, 0, *nothing, said)

    def _whole_summary(self) -> RunSummary:
        status, recipe, best, fold = self._status(), self.recipe, self._best_epoch(), self.fold
        return RunSummary(
            self.number,
            self.name,
            status.status,
            recipe.name,
            recipe.backbone,
            recipe.phases[-1].freeze,
            status.device,
            status.started,
            status.seconds,
            recipe.epochs,
            status.epochs_done,
            status.best_epoch,
            best.validation_accuracy if best else None,
            best.validation_balanced_accuracy if best else None,
            self._accuracy(Split.TEST),
            self.model,
            status.message,
            fold.words if fold is not None else "",
        )

    def delete(self) -> None:
        """Delete the run with its model, checkpoints and evaluations; this cannot be undone.

        The numbers of the other runs stay.

        Raises:
            ProblemError: the run is being trained, or its folder cannot be deleted.
        """
        if self.record.running:
            fix = "Wait until it is done, or stop it there; then delete it"
            raise ProblemError(Problem(self.name, "this run is being trained", fix))
        delete_record(self.record)

    def hold(self) -> AbstractContextManager[None]:
        """Hold the run's lock while training or finishing it.

        Raises:
            ProblemError: another process is training this run.
        """
        return self.record.hold(self.name, "is training this run", patience=_LOCK_PATIENCE)

    def history(self) -> list[EpochFinished]:
        """Return all finished epochs in order."""
        return read_epochs(self._files.metrics)

    def notices(self) -> list[str]:
        """Return the run's notices, oldest first."""
        return read_notices(self._files.events)

    def train(self, stop: threading.Event | None = None) -> Iterator[Event]:
        """Train, or resume from the last checkpoint; every event is recorded before it is yielded.

        Raises:
            ProblemError: the run cannot be trained (its status is then "failed") or another process is
                training it.
        """
        from tldesk.run.train_run import plan_of, train

        if self._plan is None:
            self._plan = plan_of(self, None)
        return train(self, self._plan, stop)

    def finish(self, stop: threading.Event | None = None) -> Path:
        """Make the model file from the best weights: calibrated, with its thresholds, and evaluated.

        Raises:
            ProblemError: no epoch was finished, or ``stop`` was set before the end.
        """
        steps = self.finishing(stop)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                model: Path = end.value
                return model

    def finishing(self, stop: threading.Event | None = None) -> Generator[Progress, None, Path]:
        """Do the same as ``finish``, as a generator of its progress."""
        from tldesk.run.finish_run import finishing
        from tldesk.run.train_run import plan_of

        if self._plan is None:
            self._plan = plan_of(self, None)
        return finishing(self, self._plan, stop)

    def evaluate(self, split: Split | str = Split.TEST, stop: threading.Event | None = None) -> Evaluation:
        """Return the metrics of a split, with the present names of its classes.

        Stored predictions are used if there are any.

        Raises:
            ProblemError: the run has no model file, or the split no images.
        """
        from tldesk.run.evaluate_split import evaluate

        return evaluate(self, Split(split), stop)

    def predictions(self, split: Split | str = Split.TEST) -> Predictions | None:
        """Return the stored predictions of a split; None if there are none."""
        from tldesk.run.predictions import read_predictions

        return read_predictions(self._files.predictions(Split(split)))

    def _status(self) -> RunStatus:
        status = read_status(self._files.status)
        if status.status == "running" and not self.record.running:
            return status.but(status="interrupted")
        return status

    def _best_epoch(self) -> EpochFinished | None:
        best = [event for event in self.history() if event.best]
        return best[-1] if best else None

    def _accuracy(self, split: Split) -> float | None:
        values = self.record.read_json(self._files.evaluation(split).name) or {}
        value = values.get("accuracy", {}).get("value")
        return float(value) if value is not None else None
