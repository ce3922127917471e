"""Fine-tuning epochs with a freeze line. Usage: IMAGES PROJECT LINE BATCH EPOCHS [BACKBONE]"""

from __future__ import annotations

from benchmarks.measuring import Parts, emit  # before all else: it times the imports

# isort: split
import sys

from benchmarks.ours.steps import new_project, new_run, ready_made, watched
from benchmarks.places import BACKBONE
from tldesk import Recipe
from tldesk.model import card
from tldesk.recipe import Phase
from tldesk.trainer import EpochFinished

RATE = 1e-4


def main(images: str, place: str, line: str, batch: str, epochs: str, backbone: str = BACKBONE) -> None:
    """Measure the seconds of each epoch, and of the preparation before the first."""
    parts, line = Parts(), _line(line, backbone)
    with new_project(place, images, parts) as project:
        run = new_run(project, _recipe(backbone, line, int(batch), int(epochs)), parts)
        finished = [event for event in watched(run, parts) if isinstance(event, EpochFinished)]
        device = run.summary.device
    emit(
        parts=parts.seconds,
        epochs=[event.seconds for event in finished],
        accuracy=finished[-1].validation_accuracy,
        line=line,
        device=device,
    )


def _line(line: str, backbone: str) -> str:
    return card(backbone).stage_names[-1] if line == "last" else line


def _recipe(backbone: str, line: str, batch: int, epochs: int) -> Recipe:
    recipe = ready_made("two_phase", backbone)
    phase = Phase(freeze=line, epochs=epochs, learning_rate=RATE)
    return recipe.model_copy(update={"phases": (phase,), "batch_size": batch, "early_stopping": 0})


if __name__ == "__main__":
    main(*sys.argv[1:])
