"""Mixup: images laid over each other in pairs, with their labels (H. Zhang, M. Cisse, Y. N. Dauphin and D.
Lopez-Paz, "mixup: beyond empirical risk minimization", ICLR 2018).

What is mixed is what goes into the tail: the pictures themselves where everything is trained, else what the
frozen stages make of them (V. Verma et al., "Manifold mixup", ICML 2019, at the layer of the freeze line).
Averaging over places is linear, so mixing pooled features and mixing maps is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Mixup:
    """How the images of one batch are mixed.

    Attributes:
        share: of the image itself, 0..1; 1 mixes nothing.
        partner: (n,) int64, which other image of the batch has the rest.
    """

    share: float
    partner: Tensor

    def inputs(self, inputs: Tensor) -> Tensor:
        """(n, ...) float, mixed."""
        if self.share == 1:
            return inputs
        return self.share * inputs + (1 - self.share) * inputs[self.partner.to(inputs.device)]

    def mean(self, cost: Callable[[Tensor], Tensor], labels: Tensor) -> Tensor:
        """The mean of ``cost`` for the images' own labels (n,) and their partners', weighted by share."""
        if self.share == 1:
            return cost(labels)
        other = cost(labels[self.partner.to(labels.device)])
        return self.share * cost(labels) + (1 - self.share) * other


def mixup_of(images: int, alpha: float, seed: int) -> Mixup:
    """Share and partners of a batch, decided by the seed; the share is drawn from Beta(alpha, alpha).

    One share serves the whole batch, as in the authors' code. With ``alpha`` 0 nothing is mixed.
    """
    if not alpha or images < 2:
        return Mixup(1.0, torch.arange(images))
    random = np.random.default_rng(seed)
    share = float(random.beta(alpha, alpha))
    return Mixup(share, torch.from_numpy(random.permutation(images)))
