"""A linear head on frozen stages, solved for a series of regularisation strengths, one per epoch."""

from __future__ import annotations

import math
import threading
from collections.abc import Generator, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from tldesk.base import Problem, ProblemError
from tldesk.model import LINE_ALL
from tldesk.model.build import Network
from tldesk.model.heads import Head
from tldesk.trainer.data.batches import BatchSource
from tldesk.trainer.data.inner_folds import group_folds
from tldesk.trainer.data.phase_data import PhaseData
from tldesk.trainer.events import Event
from tldesk.trainer.plan import Plan
from tldesk.trainer.strategies.best_weights import Score
from tldesk.trainer.strategies.learner import ValidationResult, class_weights, validation_result
from tldesk.trainer.strategies.logistic_regression import LogisticRegression
from tldesk.trainer.strategies.strategy import EpochPosition, EpochResult, PhaseClock

# As scikit-learn's C. On standardised features, the best value is between 0.001 and 10 for data sets of 50 to
# 5,000 images; few images with informative features need more, many images less.
WEAKEST, STRONGEST = 1e2, 1e-6
# Size limit of all training features for solving directly.
_MOST_BYTES = 2**30
_ROWS = 4096


def strengths(count: int) -> list[float]:
    """Return strengths from strong to weak regularisation.

    They are the midpoints of ``count`` equal parts of the logarithmic range.
    """
    low, high = math.log10(STRONGEST), math.log10(WEAKEST)
    return [10 ** (low + (high - low) * (part + 0.5) / count) for part in range(count)]


def is_solvable(plan: Plan, phase: int, images: int) -> bool:
    """Return whether a phase is solved directly.

    The recipe must permit it, only a linear head may be trained, and the features must fit in memory.
    """
    chosen = plan.recipe.phases[phase]
    convex = chosen.freeze == LINE_ALL and plan.recipe.head.kind == "linear"
    return (
        chosen.solver == "auto"
        and convex
        and images * (plan.card.features + plan.table.width) * 4 <= _MOST_BYTES
    )


class RegularisationPath:
    """Goes from strong to weak regularisation; each solution starts from an extrapolation of the last two.

    A strength is scored by the mean loss of images that its solution was not fitted to: the validation
    images, and each training image by the solution that leaves out its fold. A few validation images alone
    would give a random choice. The kept solution is fitted to all training images.
    """

    batch_size = None

    def __init__(self, plan: Plan, network: Network, phase: int, data: PhaseData) -> None:
        """Read the features and set up the problem.

        Raises:
            ProblemError: some features are NaN or infinite.
            RuntimeError, MemoryError: memory ran out; which of them depends on torch.
        """
        network.freeze(LINE_ALL)
        network.eval()
        assert isinstance(network.head, Head)
        self._head = network.head
        self.epochs = plan.recipe.phases[phase].epochs
        self._strengths = strengths(self.epochs)
        device = plan.device.name if plan.device.kind == "cuda" else "cpu"
        labels = data.train.labels.to(device)
        self._weights = self._class_weights(plan, data.train.labels).to(device)
        folds = group_folds(data.train.items, plan.recipe.seed)
        self._task = LogisticRegression(
            _finite(self._joined(data.train).to(device), phase),
            labels,
            self._weights,
            label_smoothing=plan.recipe.label_smoothing,
            folds=[torch.from_numpy(fold).to(device) for fold in folds],
        )
        self._left_out_weights = self._weights[labels[self._task.left_out.nonzero()[:, 0]]]
        self._validation = data.validation
        self._here = self._before = self._task.start()
        self.trainable = sum(one.numel() for one in network.head.parameters())
        self.judges = bool(folds)

    def epoch(
        self, at: EpochPosition, clock: PhaseClock, stop: threading.Event | None
    ) -> Generator[Event, None, EpochResult | None]:
        """Solve for the next strength; None if it was stopped."""
        del clock
        yield from ()  # makes this a generator; a strength is solved too quickly to report progress
        strength = self._strengths[at.phase_epoch]
        # The strengths are evenly spaced, so their solutions nearly are too.
        ahead = 2 * self._here - self._before
        found = self._task.solve(strength, ahead, stopped=lambda: stop is not None and stop.is_set())
        if found is None:
            return None
        self._before, self._here = self._here, found
        self._put(found)
        check, costs = self._checked()
        loss, accuracy = self._task.loss(found)
        return EpochResult(loss, accuracy, check, 0.0, strength, self._judged(found, costs))

    def state(self) -> dict[str, Any]:
        """Return the last two solutions."""
        return {"path": {"here": self._here.cpu(), "before": self._before.cpu()}}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Restore the last two solutions.

        If an image is missing, start over, which gives the same solutions.
        """
        path = state.get("path")
        if path is not None and path["here"].shape == self._here.shape:
            self._here, self._before = path["here"].to(self._here), path["before"].to(self._here)

    def _class_weights(self, plan: Plan, labels: Tensor) -> Tensor:
        classes = len(plan.snapshot.classes)
        if plan.recipe.class_balance == "weighted":
            return class_weights(labels, classes)
        return torch.ones(classes)

    def _joined(self, source: BatchSource) -> Tensor:
        """Return (n, features + table width) float32, in the form in which the weights are applied."""
        with torch.inference_mode(False), torch.no_grad():
            return torch.cat([self._head.joined(vectors, rows) for vectors, rows in self._parts(source)])

    def _parts(self, source: BatchSource) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield pooled vectors and table rows in chunks."""
        for begin in range(0, len(source.items), _ROWS):
            end = min(begin + _ROWS, len(source.items))
            yield self._head.pool(source.batch(range(begin, end))), source.table[begin:end]

    def _put(self, coefficients: Tensor) -> None:
        weight, bias = self._task.layer(coefficients)
        self._head.put(weight.float(), bias.float())

    def _checked(self) -> tuple[ValidationResult | None, Tensor]:
        """Return the validation result of the network, and the loss of each of these images, (n,)."""
        if self._validation is None:
            return None, torch.empty(0)
        labels = self._validation.labels
        with torch.no_grad():
            parts = [self._head.classify(*part).float().cpu() for part in self._parts(self._validation)]
        logits = torch.cat(parts)
        return validation_result(logits, labels), nn.functional.cross_entropy(
            logits, labels, reduction="none"
        )

    def _judged(self, found: Tensor, validation: Tensor) -> Score:
        """Return minus the mean loss of unseen images, with class weights; empty without such images."""
        left_out = self._task.left_out_loss(found)
        weights = self._left_out_weights
        if self._validation is not None:
            left_out = torch.cat([left_out, validation.to(left_out)])
            weights = torch.cat([weights, self._weights[self._validation.labels.to(weights.device)]])
        if not len(left_out):
            return ()
        return (-float((left_out.double() * weights).sum() / weights.double().sum()),)


def _finite(features: Tensor, phase: int) -> Tensor:
    if bool(torch.isfinite(features).all()):
        return features
    raise ProblemError(
        Problem(
            f"phases.{phase}.solver",
            "what the network sees in some training images are not numbers, so the head cannot be solved",
            "Choose another backbone, or look for damaged images",
        )
    )
