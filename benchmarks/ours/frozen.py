"""A folder of photos to an evaluated model, everything frozen. Usage: IMAGES PROJECT SPLIT"""

from __future__ import annotations

from benchmarks.measuring import Parts, emit  # before all else: it times the imports

# isort: split
import sys

from benchmarks.ours.steps import new_project, new_run, ready_made, trained_and_evaluated
from tldesk.cli.quick_exit import QuickExit


def main(images: str, place: str, split: str) -> None:
    """One process from the scan to the metrics."""
    parts = Parts()
    with new_project(place, images, parts) as project:
        run = new_run(project, ready_made("feature_extraction"), parts)
        answer = trained_and_evaluated(run, split, parts)
        count = len(project.snapshot().items)
        facts = {"device": run.summary.device, "model": str(run.model), "epochs": run.summary.epochs_done}
    emit(parts=parts.seconds, images=count, **facts, **answer)


if __name__ == "__main__":
    end = QuickExit()  # as the command ends
    main(*sys.argv[1:])
    end.code = 0
