"""Batch prediction. Usage: MODEL IMAGES"""

from __future__ import annotations

from benchmarks.measuring import emit, timed  # before all else: it times the imports

# isort: split
import sys
from pathlib import Path

from tldesk import Predictor
from tldesk.cli.quick_exit import QuickExit


def main(model: str, images: str) -> None:
    """Measure the rate of the predictions only; opening is part of the program's total time."""
    took: dict[str, float] = {}
    paths = sorted(Path(images).rglob("*.jpg"))
    with timed(took, "open"):
        predictor = Predictor.open(model)
    with timed(took, "predict"):
        answers = list(predictor.predict_many(paths))
    right = [
        answer.predicted == answer.path.parent.name for answer in answers if hasattr(answer, "predicted")
    ]
    emit(
        images=len(paths),
        opening=took["open"],
        predicting=took["predict"],
        rate=len(paths) / took["predict"],
        accuracy=sum(right) / len(paths),
    )


if __name__ == "__main__":
    end = QuickExit()  # as the command ends
    main(*sys.argv[1:])
    end.code = 0
