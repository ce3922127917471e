"""fastai's ``fine_tune``. Usage: IMAGES WEIGHTS SEED BATCH WORKERS EPOCHS"""

from __future__ import annotations

from benchmarks.measuring import Parts, emit  # before all else: it times the imports

# isort: split
import sys
from pathlib import Path

from fastai.vision.all import set_seed

from benchmarks.peers.fastai_learner import accuracy_on, learner, loaders, quietly


def main(images: str, weights: str, seed: str, batch: str, workers: str, epochs: str) -> None:
    """One epoch of the head, then ``epochs`` of everything, at fastai's own rates and augmentation."""
    parts = Parts()
    set_seed(int(seed))
    made = learner(loaders(Path(images), int(batch), int(workers), augmented=True), Path(weights))
    parts.mark("set-up")
    quietly(made.fine_tune, made, int(epochs))
    parts.mark("epochs")
    validation = float(made.recorder.values[-1][-1])
    emit(parts=parts.seconds, accuracy=accuracy_on(made, Path(images), "test"), validation=validation)


if __name__ == "__main__":
    main(*sys.argv[1:])
