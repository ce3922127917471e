"""A first training, another head and another recipe, in one program as in the window.

Usage: IMAGES PROJECT SPLIT
"""

from __future__ import annotations

from benchmarks.measuring import Parts, emit, timed  # before all else: it times the imports

# isort: split
import sys

from benchmarks.ours.second import CHANGES, changed
from benchmarks.ours.steps import new_project, new_run, ready_made, trained_and_evaluated


def main(images: str, place: str, split: str) -> None:
    """Measure seconds without imports, from the scan to the metrics, and from a new recipe to its metrics."""
    seconds: dict[str, float] = {}
    scores: dict[str, float] = {}
    parts, recipe = Parts(), ready_made("feature_extraction")
    with timed(seconds, "first"):
        project = new_project(place, images, parts)
        scores["first"] = trained_and_evaluated(new_run(project, recipe, parts), split, parts)["accuracy"]
    with project:
        for what in CHANGES:
            with timed(seconds, what):
                run = new_run(project, changed(recipe, what), parts)
                scores[what] = trained_and_evaluated(run, split, parts)["accuracy"]
    emit(parts=parts.seconds, took=seconds, scores=scores)


if __name__ == "__main__":
    main(*sys.argv[1:])
