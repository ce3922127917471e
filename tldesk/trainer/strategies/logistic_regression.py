"""Multinomial logistic regression, solved to convergence for a series of regularisation strengths.

The mean loss over the images, plus the sum of squared weights over twice ``strength`` times the images' mass:
scikit-learn's ``LogisticRegression(C=strength)``. The bias is not regularised.

Two things make it quick. Solutions lie where the images lie, so the features are turned onto the images'
principal axes, of which there are never more than images; along these axes the curvature of the loss is
nearly diagonal and known, so that L-BFGS begins with steps of the right length. And the solutions that leave
a fold of images out are found together with the one that sees all: one pass over the features serves all.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController
from torch import Tensor
from torch.nn import functional

# Axes along which the images vary by a smaller share than this of the greatest say nothing.
_LEAST_VARIANCE = 1e-10
# Up to this many numbers, double precision costs next to nothing.
_IN_DOUBLE = 2_000_000
_ROWS = 4096
# Gradient, in units in which the curvature is about one, that counts as none. A third of it moves no
# probability by more than 0.001 and takes a third longer.
_TOLERANCE = {torch.float64: 3e-5, torch.float32: 1e-4}
_MOST_ITERATIONS = 300
# Where the answers are already sure, the loss hardly curves; below this the estimate of it is noise.
_LEAST_CURVATURE = 1e-4


@dataclass(frozen=True, eq=False)
class PrincipalAxes:
    """The principal axes of images' features.

    Attributes:
        directions: (features, r) float64, orthonormal columns, r <= min(images, features).
        variance: (r,) float64, mean square of the images' places along each.
    """

    directions: Tensor
    variance: Tensor

    @classmethod
    def of(cls, features: Tensor) -> PrincipalAxes:
        """From (n, features) float32, on its device."""
        n, width = features.shape
        if n < width:
            values, vectors = torch.linalg.eigh(_products(features.T))
            values, vectors = _that_matter(values, vectors)
            directions = features.T.double() @ (vectors / values.sqrt())
        else:
            values, directions = _that_matter(*torch.linalg.eigh(_products(features)))
        return cls(directions, values / n)


class LogisticRegression:
    """The optimisation problem: images along their principal axes, their labels, and the folds left out.

    Coefficients are (r + 1, copies, classes): the first copy sees all images, copy i + 1 leaves fold i out;
    the last row is the bias.

    Attributes:
        copies: solutions found together, 1 + folds.
        left_out: (n, copies) bool.
    """

    def __init__(
        self,
        features: Tensor,
        labels: Tensor,
        class_weights: Tensor,
        *,
        label_smoothing: float = 0.0,
        folds: Sequence[Tensor] = (),
    ) -> None:
        """Prepare the task.

        Args:
            features: (n, width) float32, standardised.
            labels: (n,) int64 on the same device, as all that follows.
            class_weights: (classes,) float, what a mistake on each class costs.
            label_smoothing: as of torch's cross entropy, [0, 1).
            folds: places of the images that a copy does not see.
        """
        self._axes = PrincipalAxes.of(features)
        dtype = (
            torch.float64 if features.shape[0] * self._axes.variance.numel() <= _IN_DOUBLE else torch.float32
        )
        self._along = _turned(features, self._axes.directions, dtype)
        self._labels = labels
        weights = class_weights.to(dtype)
        self.copies = 1 + len(folds)
        self.left_out = torch.zeros(len(labels), self.copies, dtype=torch.bool, device=labels.device)
        for copy, fold in enumerate(folds, start=1):
            self.left_out[fold, copy] = True
        seen = (~self.left_out).to(dtype)
        self._mass = (seen * weights[labels, None]).sum(0)
        wanted = functional.one_hot(labels, len(weights)).to(dtype)
        wanted = weights * ((1 - label_smoothing) * wanted + label_smoothing / len(weights))
        self._share = (seen / self._mass)[:, :, None]
        self._wanted = wanted[:, None, :] * self._share
        self._certain = self._wanted.sum(-1, keepdim=True)

    def start(self) -> Tensor:
        """Coefficients that find all classes equally likely."""
        rows = self._along.shape[1] + 1
        return self._along.new_zeros(rows, self.copies, self._wanted.shape[2])

    def solve(
        self,
        strength: float,
        start: Tensor,
        *,
        tolerance: float | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Tensor | None:
        """The coefficients of the solution; None when ``stopped`` said so.

        Args:
            strength: > 0; the larger, the freer are the weights (scikit-learn's C).
            start: coefficients to begin with; the nearer, the quicker.
            tolerance: largest gradient that counts as none, where another one is wanted.
            stopped: asked in every iteration.
        """
        # Not torch's L-BFGS: the first optimiser of torch.optim loads a compiler, which takes three seconds.
        from scipy.optimize import minimize

        penalty = 1 / (strength * self._mass)
        scale = self._scale(start, penalty)

        def objective(place: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            loss, slope = self._objective(_shaped(place, start) * scale, penalty)
            return float(loss), _flat(slope * scale)

        def after(_place: NDArray[np.float64]) -> None:
            if stopped():
                raise StopIteration

        options = {"gtol": tolerance or _TOLERANCE[start.dtype], "ftol": 0.0, "maxiter": _MOST_ITERATIONS}
        begin = _flat(start / scale)
        # On vectors this short scipy's own threads gain nothing, and between steps they wait busily, which
        # keeps torch's threads from the processor: six times slower on two cores.
        with _thread_pools().limit(limits=1, user_api="blas"):
            found = minimize(objective, begin, jac=True, method="L-BFGS-B", callback=after, options=options)
        return None if stopped() else _shaped(found.x, start) * scale

    def logits(self, coefficients: Tensor) -> Tensor:
        """(n, copies, classes) of the images."""
        answers = self._along @ coefficients[:-1].flatten(1)
        return answers.reshape(-1, *coefficients.shape[1:]) + coefficients[-1]

    def loss(self, coefficients: Tensor) -> tuple[float, float]:
        """Mean loss (weights and smoothing included, without the penalty) and accuracy of the first copy."""
        logits = self.logits(coefficients)[:, 0]
        loss = -(self._wanted[:, 0] * logits.log_softmax(-1)).sum()
        return float(loss), float((logits.argmax(1) == self._labels).double().mean())

    def left_out_loss(self, coefficients: Tensor) -> Tensor:
        """(m,) what each image costs the copy that did not see it, unweighted; m = 0 without folds."""
        costs = -self.logits(coefficients).log_softmax(-1)
        own = costs.gather(2, self._labels[:, None, None].expand(-1, self.copies, 1))[:, :, 0]
        return own[self.left_out]

    def layer(self, coefficients: Tensor) -> tuple[Tensor, Tensor]:
        """Weight (classes, width) and bias (classes,) of the first copy, float64, for these features."""
        first = coefficients[:, 0].double()
        return (self._axes.directions @ first[:-1]).T, first[-1]

    def _objective(self, coefficients: Tensor, penalty: Tensor) -> tuple[Tensor, Tensor]:
        """The sum of all copies' objectives, and its slope."""
        certainty = self.logits(coefficients).log_softmax(-1)
        weights = coefficients[:-1]
        pull = penalty[:, None] * weights
        # Summed in double precision: the line search compares losses that differ in the last digits.
        loss = 0.5 * (pull * weights).double().sum() - (self._wanted * certainty).double().sum()
        error = certainty.exp_().mul_(self._certain).sub_(self._wanted)
        slope = (self._along.T @ error.flatten(1)).reshape(weights.shape) + pull
        return loss, torch.cat([slope, error.sum(0)[None]])

    def _scale(self, coefficients: Tensor, penalty: Tensor) -> Tensor:
        """(r + 1, copies, 1): one over the root of the curvature along each axis, about."""
        share = self.logits(coefficients).softmax(-1)
        unsure = float((share * (1 - share)).mean()) + _LEAST_CURVATURE
        along = self._axes.variance.to(share.dtype)[:, None] * unsure + penalty
        bias = penalty.new_full((1, self.copies), unsure)
        return torch.cat([along, bias]).rsqrt()[:, :, None]


@functools.cache
def _thread_pools() -> ThreadpoolController:
    """Those of the libraries that are loaded by now; finding them takes half as long as a path."""
    return ThreadpoolController()


def _flat(values: Tensor) -> NDArray[np.float64]:
    return values.double().flatten().cpu().numpy()


def _shaped(values: NDArray[np.float64], like: Tensor) -> Tensor:
    return torch.from_numpy(values).reshape(like.shape).to(like)


def _products(rows: Tensor) -> Tensor:
    """rows.T @ rows in double precision, a part at a time."""
    total = torch.zeros(rows.shape[1], rows.shape[1], dtype=torch.float64, device=rows.device)
    for begin in range(0, len(rows), _ROWS):
        double = rows[begin : begin + _ROWS].double()
        total += double.T @ double
    return total


def _that_matter(values: Tensor, vectors: Tensor) -> tuple[Tensor, Tensor]:
    keep = values > _LEAST_VARIANCE * values.max().clamp(min=torch.finfo(torch.float32).tiny)
    return values[keep], vectors[:, keep]


def _turned(features: Tensor, directions: Tensor, dtype: torch.dtype) -> Tensor:
    matrix = directions.to(dtype)
    starts = range(0, len(features), _ROWS)
    return torch.cat([features[begin : begin + _ROWS].to(dtype) @ matrix for begin in starts])
