"""JPEG to features of the training and validation images. Usage: IMAGES PROJECT new|again|prepared [BACKBONE]

new: first run. again: caches deleted, the converted network kept. prepared: only the features deleted.
"""

from __future__ import annotations

from benchmarks.measuring import Parts, emit  # before all else: it times the imports

# isort: split
import shutil
import sys
import threading

from benchmarks.ours.steps import new_project, new_run, ready_made, watched
from benchmarks.places import BACKBONE
from tldesk import Project, Run
from tldesk.dataset import Split
from tldesk.trainer import PhaseStarted

_DELETED = {"new": (), "again": ("features", "prepared"), "prepared": ("features",)}


def main(images: str, place: str, state: str, backbone: str = BACKBONE) -> None:
    """Measure from the start of a training to the start of its first phase."""
    setting_up = Parts()
    with new_project(place, images, setting_up) if state == "new" else Project.open(place) as project:
        for name in _DELETED[state]:
            shutil.rmtree(project.cache_dir / name, ignore_errors=True)
        run = new_run(project, ready_made("feature_extraction", backbone), setting_up)
        parts = _until_first_phase(run)
        snapshot = run.snapshot
    count = len(snapshot.of(Split.TRAIN)) + len(snapshot.of(Split.VALIDATION))
    took = sum(parts.values())
    emit(parts=parts, images=count, extracting=took, rate=count / took, scan=setting_up.seconds.get("scan"))


def _until_first_phase(run: Run) -> dict[str, float]:
    stop, parts, took = threading.Event(), Parts(), {}
    for event in watched(run, parts, stop):
        if isinstance(event, PhaseStarted):
            stop.set()
            took = dict(parts.seconds)  # without the time to stop
    return took


if __name__ == "__main__":
    main(*sys.argv[1:])
