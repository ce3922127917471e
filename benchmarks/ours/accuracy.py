"""The recommended or a ready-made recipe on one split. Usage: IMAGES PROJECT SEED [PRESET]"""

from __future__ import annotations

from benchmarks.measuring import Parts, emit  # before all else: it times the imports

# isort: split
import sys

from benchmarks.ours.steps import new_project, new_run, ready_made, trained_and_evaluated
from tldesk import Project, Recipe, WeightsLibrary, available_backbones, best_device, recommend


def main(images: str, place: str, seed: str, preset: str = "") -> None:
    """Train with the recommended recipe, or with ``preset``, as a user would."""
    parts = Parts()
    with new_project(place, images, parts) as project:
        recipe = ready_made(preset) if preset else _recommended(project)
        run = new_run(project, recipe.model_copy(update={"seed": int(seed)}), parts)
        answer = trained_and_evaluated(run, "test", parts)
        training = len(run.snapshot.items)
    emit(parts=parts.seconds, recipe=recipe.name, images=training, **answer)


def _recommended(project: Project) -> Recipe:
    weights = available_backbones(WeightsLibrary().present())
    return recommend(project.facts(), best_device(), weights).recipe


if __name__ == "__main__":
    main(*sys.argv[1:])
