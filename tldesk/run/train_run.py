"""Trains a run and records it; also restores the plan of an earlier run. Loads torch."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from tldesk.base import Problem, ProblemError, plural
from tldesk.base.file_names import on_disk
from tldesk.dataset import Snapshot, SnapshotItem
from tldesk.model.library import WeightsLibrary
from tldesk.run.changed_pictures import changed_images
from tldesk.run.checkpoint import read_last
from tldesk.run.environment import changes, environment
from tldesk.run.epoch_times import EpochTimes
from tldesk.run.recorded_events import keep_epochs
from tldesk.run.recorder import Recorder
from tldesk.run.run_status import RunStatus, read_status
from tldesk.trainer.events import Notice
from tldesk.trainer.loop import Training
from tldesk.trainer.plan import Plan, plan_for

if TYPE_CHECKING:
    from tldesk.dataset import Project
    from tldesk.run.stored_run import StoredRun
    from tldesk.trainer.events import Event


def train(run: StoredRun, plan: Plan, stop: threading.Event | None) -> Iterator[Event]:
    """See ``Run.train``."""
    with run.hold():
        status = read_status(run.files.status)
        _refuse_finished(run, status)
        training = _training(run, plan)
        recorder = Recorder(run.files, training, status)
        timing = EpochTimes(plan)
        recorder.status("running")
        elsewhere = _told_elsewhere(run, plan)
        try:
            for event in chain(elsewhere, training.events(stop)):
                recorder.record(event)
                timing.hear(event)
                yield event
        except GeneratorExit:
            # The consumer stopped iterating: as after a kill, the run is shown as interrupted and can be
            # resumed.
            raise
        except Exception as error:
            recorder.status("failed", str(error) or type(error).__name__)
            raise


def plan_of(run: StoredRun, device: str | None) -> Plan:
    """Return the plan of an earlier run from its folder.

    Raises:
        ProblemError: the weights that it started with are no longer in the library.
    """
    snapshot = found_again(run.project, run.snapshot)
    library = WeightsLibrary(project=run.project.path)
    plan = plan_for(snapshot, run.recipe, run.project.cache_dir, device, library)
    if plan.recipe.weights == "pretrained":
        began_with = (run.environment.get("weights") or {}).get("sha256")
        if began_with and plan.library.sha256(plan.card.name) != began_with:
            raise ProblemError(
                Problem(
                    run.name,
                    f"the weights library holds other weights of {plan.card.title} than the run began with",
                    "Import the earlier file again, or start a new run",
                )
            )
    return plan


def _training(run: StoredRun, plan: Plan) -> Training:
    training = Training(plan)
    state = read_last(run.files.last)
    if state is not None:
        training.load_state(state)
    keep_epochs(run.files.metrics, training.epoch)
    return training


def _told_elsewhere(run: StoredRun, plan: Plan) -> list[Notice]:
    """Return a notice if a resumed run goes on with other versions, or elsewhere."""
    if not run.files.events.is_file():
        return []
    found = [
        f"{one.name} {one.now} instead of {one.before}" for one in changes(run.environment, environment(plan))
    ]
    if not found:
        return []
    return [
        Notice(f"It goes on with {', '.join(found)}: its numbers may differ from an uninterrupted run's.")
    ]


def _refuse_finished(run: StoredRun, status: RunStatus) -> None:
    if status.status == "finished":
        raise ProblemError(Problem(run.name, "the run is finished already", "Start a new run"))


def found_again(project: Project, snapshot: Snapshot) -> Snapshot:
    """Return the same images at their current paths.

    Files are searched by content only if they are missing from their old path.

    Raises:
        ProblemError: pictures have changed since, so a training cannot be continued with the same images.
    """
    changed = changed_images(snapshot, project.current_state())
    if changed:
        what = f"{plural(len(changed), 'picture')} that it is trained on changed since it began"
        raise ProblemError(Problem("images", what, "Put the former pictures back, or start a new one"))
    return at_current_paths(project, snapshot)


def at_current_paths(project: Project, snapshot: Snapshot) -> Snapshot:
    """Return the same images at their current paths, whether or not their files have changed."""
    items = tuple(_moved(project, item) for item in snapshot.items)
    return replace(snapshot, items=items)


def _moved(project: Project, item: SnapshotItem) -> SnapshotItem:
    if Path(on_disk(item.path)).exists():
        return item
    path = project.path_of(item.content)
    return item if path is None else replace(item, path=path)
