"""Steps shared by tldesk's programs, each timed as a part."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import Parts
from benchmarks.places import BACKBONE
from tldesk import Project, Recipe, Run, make_plan
from tldesk.dataset import Split
from tldesk.model import card
from tldesk.recipe import preset
from tldesk.trainer import Event, PhaseStarted, Preparing

SPLITS = {"val": Split.VALIDATION, "test": Split.TEST}


def new_project(place: str, images: str, parts: Parts) -> Project:
    """Create a project, scan and split it (the folders' own splits are kept)."""
    project = Project.create(place, images=images)
    parts.mark("scan")
    project.split()
    parts.mark("split")
    return project


def ready_made(name: str, backbone: str = BACKBONE) -> Recipe:
    """Return a preset recipe."""
    return preset(name, backbone, stages=card(backbone).stage_names)


def new_run(project: Project, recipe: Recipe, parts: Parts) -> Run:
    """Plan and create a run."""
    run = Run.create(project, make_plan(project, recipe))
    parts.mark("plan")
    return run


def watched(run: Run, parts: Parts, stop: threading.Event | None = None) -> Iterator[Event]:
    """Run a training and time its parts: preparation under its own names, the rest as "training"."""
    training = False
    for event in run.train(stop):
        if isinstance(event, PhaseStarted):
            parts.mark("other preparation")
            training = True
        elif isinstance(event, Preparing):
            parts.mark(event.what)
            training = False
        elif training:
            parts.mark("training")
        yield event
    parts.mark("training" if training else "other preparation")


def trained_and_evaluated(run: Run, split: str, parts: Parts) -> dict[str, float]:
    """Train to a calibrated model file; return the accuracy on ``split`` and on the validation images."""
    for _ in watched(run, parts):
        pass
    run.finish()
    parts.mark("finishing")
    return evaluated(run, split, parts)


def evaluated(run: Run, split: str, parts: Parts) -> dict[str, float]:
    """Return the accuracy on ``split`` and on the validation images."""
    accuracy = run.evaluate(SPLITS[split]).accuracy.value
    validation = run.evaluate(Split.VALIDATION).accuracy.value
    parts.mark("evaluation")
    return {"accuracy": accuracy, "validation": validation}


def content_places(project: Project) -> dict[str, Path]:
    """Return the file of every image in a split, by content hash."""
    return {item.content: item.path for item in project.snapshot().items}
