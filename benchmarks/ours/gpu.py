"""On a GPU: frozen extraction, fine-tuning, GPU utilisation, and agreement with the CPU.

Usage: IMAGES PROJECT BACKBONE BATCH EPOCHS. Without a GPU it reports that.
"""

from __future__ import annotations

from benchmarks.measuring import Parts, emit, timed  # before all else: it times the imports

# isort: split
import sys

import numpy as np

from benchmarks.busy import BusyCard
from benchmarks.ours.steps import new_project, new_run, ready_made, watched
from tldesk import Predictor, Project, Recipe, best_device
from tldesk.dataset import Split
from tldesk.engine import Device, device_named
from tldesk.recipe import Phase
from tldesk.trainer import EpochFinished, PhaseStarted

_RATE = 1e-4
_COMPARED = 200


def main(images: str, place: str, backbone: str, batch: str, epochs: str, *, anyway: bool = False) -> None:
    """Measure everything on the best device; with ``anyway`` also without a GPU, as a trial."""
    device = best_device()
    if device.kind == "cpu" and not anyway:
        emit(skipped="there is no usable GPU")
        return
    with new_project(place, images, Parts()) as project:
        found = {
            "extraction": _extraction(project, backbone),
            "tuning": _tuning(project, backbone, int(batch), int(epochs)),
            "agreement": _agreement(project, device),
        }
    emit(device=device.title, **found)


def _extraction(project: Project, backbone: str) -> dict[str, object]:
    """Compute the features of training and validation images, including first-time compilation."""
    run = new_run(project, ready_made("feature_extraction", backbone), Parts())
    parts = Parts()
    took: dict[str, float] = {}
    with BusyCard() as card:
        for event in watched(run, parts):
            if isinstance(event, PhaseStarted) and not took:
                took = dict(parts.seconds)
                card.stop()
    run.finish()
    count = len(run.snapshot.of(Split.TRAIN)) + len(run.snapshot.of(Split.VALIDATION))
    return {"parts": took, "rate": count / sum(took.values()), "busy": card.share}


def _tuning(project: Project, backbone: str, batch: int, epochs: int) -> dict[str, object]:
    """Train everything; measure images per second (training and validation) after the first epoch."""
    recipe: Recipe = ready_made("two_phase", backbone)
    phase = Phase(freeze="none", epochs=epochs, learning_rate=_RATE)
    changes = {"phases": (phase,), "batch_size": batch, "early_stopping": 0}
    run = new_run(project, recipe.model_copy(update=changes), Parts())
    card = BusyCard()
    seconds = []
    for event in watched(run, Parts()):
        if isinstance(event, EpochFinished):
            seconds.append(event.seconds)
            card.start()  # after the first epoch
    card.stop()
    count = len(run.snapshot.of(Split.TRAIN)) + len(run.snapshot.of(Split.VALIDATION))
    return {"epochs": seconds, "rate": count / min(seconds[1:] or seconds), "busy": card.share}


def _agreement(project: Project, device: Device) -> dict[str, object]:
    """Compare the same model file on both devices."""
    paths = [item.path for item in project.snapshot().of(Split.TEST)][:_COMPARED]
    took: dict[str, float] = {}
    answers = []
    for one in (device, device_named("cpu")):
        predictor = Predictor.open(project, one)
        with timed(took, one.kind):
            answers.append(list(predictor.predict_many(paths)))
    chances = [np.array([answer.probabilities for answer in some]) for some in answers]
    same = [one.predicted == other.predicted for one, other in zip(*answers, strict=True)]
    return {
        "images": len(paths),
        "same": float(np.mean(same)),
        "largest_difference": float(np.abs(chances[0] - chances[1]).max()),
        "seconds": took,
    }


if __name__ == "__main__":
    main(*sys.argv[1:6], anyway="--anyway" in sys.argv)
