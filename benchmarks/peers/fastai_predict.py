"""fastai's ``get_preds`` on many files. Usage: SET IMAGES WEIGHTS BATCH WORKERS [STATE]

SET is the folder with the classes, IMAGES the files to predict, STATE the tensors of a trained network.
"""

from __future__ import annotations

from benchmarks.measuring import emit, timed  # before all else: it times the imports

# isort: split
import sys
from pathlib import Path

import torch

from benchmarks.peers.fastai_learner import learner, loaders


def main(folder: str, images: str, weights: str, batch: str, workers: str, state: str = "") -> None:
    """Measure the rate of the predictions only."""
    made = learner(loaders(Path(folder), int(batch), int(workers), augmented=False), Path(weights))
    trained = bool(state) and Path(state).exists()
    if trained:
        made.model.load_state_dict(torch.load(state, weights_only=True))
    paths = sorted(Path(images).rglob("*.jpg"))
    took: dict[str, float] = {}
    with timed(took, "predict"):
        chances, _ = made.get_preds(dl=made.dls.test_dl(paths))
    answers = [made.dls.vocab[place] for place in chances.argmax(dim=1).tolist()]
    right = sum(answer == path.parent.name for answer, path in zip(answers, paths, strict=True))
    emit(
        images=len(paths),
        predicting=took["predict"],
        rate=len(paths) / took["predict"],
        accuracy=right / len(paths) if trained else None,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
