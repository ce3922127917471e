"""Multinomial logistic regression, solved to convergence for a series of regularisation strengths.

Minimised is the mean loss over the images plus the sum of squared weights divided by (2 * ``strength`` *
total weight of the images), as in scikit-learn's ``LogisticRegression(C=strength)``. The bias is not
regularised.

Two things make it fast. The weights lie in the span of the images, so the features are rotated onto the
images' principal axes, of which there are never more than images; along these axes the curvature of the loss
is nearly diagonal and known, so that L-BFGS starts with steps of the right length. And the solutions for
every fold left out are found together with the one for all images: one pass over the features serves all.
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

# Axes along which the variance is smaller than this share of the largest carry no information.
_LEAST_VARIANCE = 1e-10
# Up to this many values, double precision costs almost nothing.
_IN_DOUBLE = 2_000_000
_ROWS = 4096
# Gradient, in units in which the curvature is about one, that counts as zero. A third of it changes no
# probability by more than 0.001 and takes a third longer.
_TOLERANCE = {torch.float64: 3e-5, torch.float32: 1e-4}
_MOST_ITERATIONS = 300
# Where the predictions are already confident, the loss hardly curves; below this, the curvature estimate is
# noise.
_LEAST_CURVATURE = 1e-4


@dataclass(frozen=True, eq=False)
class PrincipalAxes:
    """The principal axes of the images' features.

    Attributes:
        directions: (features, r) float64, orthonormal columns, r <= min(images, features).
        variance: (r,) float64, mean square of the images' coordinates along each axis.
    """

    directions: Tensor
    variance: Tensor

    @classmethod
    def of(cls, features: Tensor) -> PrincipalAxes:
        """Compute them from (n, features) float32, on the same device."""
        n, width = features.shape
        if n < width:
            values, vectors = torch.linalg.eigh(_products(features.T))
            values, vectors = _that_matter(values, vectors)
            directions = features.T.double() @ (vectors / values.sqrt())
        else:
            values, directions = _that_matter(*torch.linalg.eigh(_products(features)))
        return cls(directions, values / n)


class LogisticRegression:
    """The optimisation problem: images in principal coordinates, their labels, and the folds left out.

    Coefficients have the shape (r + 1, copies, classes): the first copy uses all images, copy i + 1 leaves
    out fold i; the last row is the bias.

    Attributes:
        copies: number of solutions found together, 1 + folds.
        left_out: (n, copies) bool, True where a copy does not use an image.
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
        """Prepare the problem.

        Args:
            features: (n, width) float32, standardised.
            labels: (n,) int64 on the same device, like all the following.
            class_weights: (classes,) float, the loss weight of each class.
            label_smoothing: as in torch's cross entropy, [0, 1).
            folds: indices of the images that each copy leaves out.
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
        """Return coefficients that predict all classes with equal probability."""
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
        """Return the coefficients of the solution; None if ``stopped`` returned True.

        Args:
            strength: > 0; larger values regularise less (scikit-learn's C).
            start: initial coefficients; the closer to the solution, the faster.
            tolerance: largest gradient that counts as zero; None for the default.
            stopped: called in every iteration.
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
        # On vectors this short scipy's own threads gain nothing, and between steps they busy-wait, which
        # keeps torch's threads off the processor: six times slower on two cores.
        with _thread_pools().limit(limits=1, user_api="blas"):
            found = minimize(objective, begin, jac=True, method="L-BFGS-B", callback=after, options=options)
        return None if stopped() else _shaped(found.x, start) * scale

    def logits(self, coefficients: Tensor) -> Tensor:
        """Return the logits of the images, (n, copies, classes)."""
        answers = self._along @ coefficients[:-1].flatten(1)
        return answers.reshape(-1, *coefficients.shape[1:]) + coefficients[-1]

    def loss(self, coefficients: Tensor) -> tuple[float, float]:
        """Return mean loss and accuracy of the first copy.

        The loss includes class weights and label smoothing, but not the penalty.
        """
        logits = self.logits(coefficients)[:, 0]
        loss = -(self._wanted[:, 0] * logits.log_softmax(-1)).sum()
        return float(loss), float((logits.argmax(1) == self._labels).double().mean())

    def left_out_loss(self, coefficients: Tensor) -> Tensor:
        """Return (m,): each image's unweighted loss in the copy that leaves it out; m = 0 without folds."""
        costs = -self.logits(coefficients).log_softmax(-1)
        own = costs.gather(2, self._labels[:, None, None].expand(-1, self.copies, 1))[:, :, 0]
        return own[self.left_out]

    def layer(self, coefficients: Tensor) -> tuple[Tensor, Tensor]:
        """Return weight (classes, width) and bias (classes,) of the first copy, float64.

        They apply to the original features.
        """
        first = coefficients[:, 0].double()
        return (self._axes.directions @ first[:-1]).T, first[-1]

    def _objective(self, coefficients: Tensor, penalty: Tensor) -> tuple[Tensor, Tensor]:
        """Return the sum of all copies' objectives, and its gradient."""
        certainty = self.logits(coefficients).log_softmax(-1)
        weights = coefficients[:-1]
        pull = penalty[:, None] * weights
        # Summed in double precision: the line search compares losses that differ only in the last digits.
        loss = 0.5 * (pull * weights).double().sum() - (self._wanted * certainty).double().sum()
        error = certainty.exp_().mul_(self._certain).sub_(self._wanted)
        slope = (self._along.T @ error.flatten(1)).reshape(weights.shape) + pull
        return loss, torch.cat([slope, error.sum(0)[None]])

    def _scale(self, coefficients: Tensor, penalty: Tensor) -> Tensor:
        """Return (r + 1, copies, 1): about 1 / sqrt(curvature) along each axis."""
        share = self.logits(coefficients).softmax(-1)
        unsure = float((share * (1 - share)).mean()) + _LEAST_CURVATURE
        along = self._axes.variance.to(share.dtype)[:, None] * unsure + penalty
        bias = penalty.new_full((1, self.copies), unsure)
        return torch.cat([along, bias]).rsqrt()[:, :, None]


@functools.cache
def _thread_pools() -> ThreadpoolController:
    """Return the thread pools of the libraries loaded so far.

    They are cached, because finding them takes half as long as a whole path.
    """
    return ThreadpoolController()


def _flat(values: Tensor) -> NDArray[np.float64]:
    return values.double().flatten().cpu().numpy()


def _shaped(values: NDArray[np.float64], like: Tensor) -> Tensor:
    return torch.from_numpy(values).reshape(like.shape).to(like)


def _products(rows: Tensor) -> Tensor:
    """Return rows.T @ rows in double precision, computed in chunks."""
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
