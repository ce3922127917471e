"""fastai, frozen, one-cycle epochs until an accuracy is reached.

Usage: IMAGES WEIGHTS SPLIT TARGET BATCH WORKERS CYCLE EPOCHS SECONDS [SAVE_TO]
Cycles of CYCLE epochs are repeated until the validation accuracy is at least TARGET, or EPOCHS epochs or
SECONDS seconds have passed. Then the accuracy on SPLIT is reported.
"""

from __future__ import annotations

from benchmarks.measuring import Parts, emit  # before all else: it times the imports

# isort: split
import sys
import time
from pathlib import Path

import torch
from fastai.callback.core import CancelFitException
from fastai.vision.all import Callback, set_seed

from benchmarks.peers.fastai_learner import accuracy_on, learner, loaders, quietly

_RATE = 2e-3  # what fastai's own fine_tune takes for the frozen epochs


class UntilReached(Callback):
    """Ends the fit once the validation accuracy is good enough or the time limit is reached."""

    order = 90  # after the recorder

    def __init__(self, target: float, epochs: int, seconds: float) -> None:
        self.target, self.most, self.end = target, epochs, time.perf_counter() + seconds
        self.seen: list[float] = []
        self.seconds: list[float] = []
        self.began = time.perf_counter()

    @property
    def is_reached(self) -> bool:
        """Whether the last epoch was good enough."""
        return bool(self.seen) and self.seen[-1] >= self.target

    @property
    def is_over(self) -> bool:
        """Whether to stop."""
        return self.is_reached or len(self.seen) >= self.most or time.perf_counter() > self.end

    def after_epoch(self) -> None:
        """Read the last epoch's accuracy from the recorder."""
        self.seen.append(float(self.recorder.values[-1][-1]))
        self.seconds.append(time.perf_counter() - self.began - sum(self.seconds))
        if self.is_over:
            raise CancelFitException


def main(images: str, weights: str, split: str, target: str, *numbers: str) -> None:
    """Measure everything from the folder to the accuracy on the split."""
    batch, workers, cycle, epochs = map(int, numbers[:4])
    parts = Parts()
    set_seed(0)
    data = loaders(Path(images), batch, workers, augmented=False)
    made = learner(data, Path(weights))
    parts.mark("set-up")
    watch = UntilReached(float(target), epochs, float(numbers[4]))
    made.add_cb(watch)
    while not watch.is_over:
        quietly(made.fit_one_cycle, made, cycle, _RATE)
    made.remove_cb(watch)
    parts.mark("epochs")
    scored = accuracy_on(made, Path(images), split)
    parts.mark("evaluation")
    if len(numbers) > 5:
        torch.save(made.model.state_dict(), numbers[5])
    emit(
        parts=parts.seconds,
        accuracy=scored,
        validation=watch.seen[-1],
        best=max(watch.seen),
        seen=watch.seen,
        epochs=watch.seconds,
        reached=watch.is_reached,
        target=float(target),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
