"""fastai's epochs of fine-tuning. Usage: IMAGES WEIGHTS last|none BATCH WORKERS EPOCHS TRAIN_BN"""

from __future__ import annotations

from benchmarks.measuring import Parts, emit  # before all else: it times the imports

# isort: split
import sys
import time
from pathlib import Path

from fastai.vision.all import Callback, set_seed

from benchmarks.peers.fastai_learner import learner, loaders, quietly


class Clock(Callback):
    """Records the wall seconds of each epoch, including validation.

    Attributes:
        seconds: one value per epoch.
    """

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def before_epoch(self) -> None:
        """Start timing an epoch."""
        self.began = time.perf_counter()

    def after_epoch(self) -> None:
        """Store the time of the epoch."""
        self.seconds.append(time.perf_counter() - self.began)


def main(images: str, weights: str, line: str, batch: str, workers: str, epochs: str, train_bn: str) -> None:
    """Measure training and validation with fastai's default augmentation."""
    parts = Parts()
    set_seed(0)
    data = loaders(Path(images), int(batch), int(workers), augmented=True)
    made = learner(data, Path(weights), train_bn=train_bn == "yes")
    if line == "last":
        made.freeze_to(-2)
    else:
        made.unfreeze()
    clock = Clock()
    made.add_cb(clock)
    parts.mark("set-up")
    quietly(made.fit_one_cycle, made, int(epochs), slice(1e-5, 1e-3))
    parts.mark("epochs")
    emit(parts=parts.seconds, epochs=clock.seconds, accuracy=float(made.recorder.values[-1][-1]))


if __name__ == "__main__":
    main(*sys.argv[1:])
