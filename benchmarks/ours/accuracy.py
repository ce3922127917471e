"""The recommended recipe on one split. Usage: IMAGES PROJECT SEED"""

from __future__ import annotations

from benchmarks.measuring import Parts, emit  # before all else: it times the imports

# isort: split
import sys

from benchmarks.ours.steps import new_project, new_run, trained_and_evaluated
from tldesk import WeightsLibrary, available_backbones, best_device, recommend


def main(images: str, place: str, seed: str) -> None:
    """What a user gets who takes what is recommended."""
    parts = Parts()
    with new_project(place, images, parts) as project:
        weights = available_backbones(WeightsLibrary().present())
        advised = recommend(project.facts(), best_device(), weights).recipe
        run = new_run(project, advised.model_copy(update={"seed": int(seed)}), parts)
        answer = trained_and_evaluated(run, "test", parts)
        training = len(run.snapshot.items)
    emit(parts=parts.seconds, recipe=advised.name, images=training, **answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
