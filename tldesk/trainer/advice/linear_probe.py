"""A cross-validated linear probe: the accuracy of a solved linear head on images not used to fit it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tldesk.trainer.strategies.learner import class_weights
from tldesk.trainer.strategies.logistic_regression import LogisticRegression
from tldesk.trainer.strategies.regularisation_path import strengths

_STRENGTHS = 20
_PATIENCE = 3  # stop after so many strengths in a row without a smaller loss


@dataclass(frozen=True, eq=False)
class ProbeResult:
    """The probe's predictions.

    ``predicted`` is (n,) int64; each image is predicted by a head not trained on it.
    """

    predicted: NDArray[np.int64]


def probe(
    features: Tensor,
    labels: Tensor,
    classes: int,
    folds: Sequence[NDArray[np.intp]],
    stop: threading.Event | None = None,
) -> ProbeResult | None:
    """Solve a linear head for each fold left out, each class having equal weight; None when stopped.

    The regularisation strength for a fold is chosen on the images of the other folds, so that no image
    influences its own prediction.

    Args:
        features: (n, width) float32; they are standardised here.
        labels: (n,) int64 on the same device.
        classes: number of classes.
        folds: indices of the images of each fold; together they contain every index exactly once.
        stop: set it to stop early.
    """
    weights = class_weights(labels.cpu(), classes).to(features.device)
    places = [torch.from_numpy(fold).to(features.device) for fold in folds]
    task = LogisticRegression(_standardised(features), labels, weights, folds=places)
    losses: list[Tensor] = []
    answers: list[Tensor] = []
    here = before = task.start()
    for strength in strengths(_STRENGTHS):
        found = task.solve(strength, 2 * here - before, stopped=lambda: stop is not None and stop.is_set())
        if found is None:
            return None
        before, here = here, found
        losses.append(task.left_out_loss(found).double() * weights[labels])
        answers.append(task.logits(found).argmax(-1)[task.left_out])
        if _only_grows([float(loss.mean()) for loss in losses]):
            break
    return ProbeResult(_chosen(torch.stack(losses).cpu().numpy(), torch.stack(answers).cpu().numpy(), folds))


def _chosen(
    losses: NDArray[np.float64], answers: NDArray[np.int64], folds: Sequence[NDArray[np.intp]]
) -> NDArray[np.int64]:
    """Return (n,): each fold's predictions at the strength that is best for the other folds.

    Both inputs are (strengths, n).
    """
    predicted = np.empty(answers.shape[1], np.int64)
    for fold in folds:
        others = np.delete(losses, fold, axis=1).mean(axis=1)
        predicted[fold] = answers[int(others.argmin()), fold]
    return predicted


def _only_grows(means: Sequence[float]) -> bool:
    return len(means) > _PATIENCE and min(means[-_PATIENCE:]) > min(means)


def _standardised(features: Tensor) -> Tensor:
    spread, mean = torch.std_mean(features, dim=0)
    return (features - mean) / spread.clamp(min=1e-6)
