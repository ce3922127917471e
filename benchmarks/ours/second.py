"""Another head or recipe on images used for an earlier training. Usage: PROJECT SPLIT head|recipe"""

from __future__ import annotations

from benchmarks.measuring import Parts, emit  # before all else: it times the imports

# isort: split
import sys

from benchmarks.ours.steps import new_run, ready_made, trained_and_evaluated
from tldesk import Project, Recipe
from tldesk.cli.quick_exit import QuickExit
from tldesk.recipe import HeadSpec

CHANGES = ("head", "recipe")


def main(place: str, split: str, what: str) -> None:
    """Train in a second process on the project of the first."""
    parts = Parts()
    with Project.open(place) as project:
        parts.mark("open")
        run = new_run(project, changed(ready_made("feature_extraction"), what), parts)
        answer = trained_and_evaluated(run, split, parts)
    emit(parts=parts.seconds, **answer)


def changed(recipe: Recipe, what: str) -> Recipe:
    """Return ``recipe`` with another head, or with other settings for training its head."""
    if what == "head":
        return recipe.model_copy(update={"head": HeadSpec(kind="dense", dropout=0.5)})
    return recipe.model_copy(update={"label_smoothing": 0.1, "class_balance": "weighted", "seed": 1})


if __name__ == "__main__":
    end = QuickExit()  # as the command ends
    main(*sys.argv[1:])
    end.code = 0
