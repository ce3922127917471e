"""Mixup: blends pairs of images and their labels.

Source: H. Zhang, M. Cisse, Y. N. Dauphin and D. Lopez-Paz, "mixup: beyond empirical risk minimization", ICLR
2018.

The blended values are the inputs of the trained part: the images themselves if all stages are trained,
otherwise the outputs of the frozen stages (V. Verma et al., "Manifold mixup", ICML 2019, at the layer of the
freeze line). Pooling is linear, so blending pooled features and blending feature maps is the same.
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
        share: weight of the image itself, 0..1; 1 mixes nothing.
        partner: (n,) int64, index of the image in the batch that it is blended with.
    """

    share: float
    partner: Tensor

    def inputs(self, inputs: Tensor) -> Tensor:
        """Return the blended inputs, (n, ...) float."""
        if self.share == 1:
            return inputs
        return self.share * inputs + (1 - self.share) * inputs[self.partner.to(inputs.device)]

    def mean(self, cost: Callable[[Tensor], Tensor], labels: Tensor) -> Tensor:
        """Return the mean of ``cost`` for the labels (n,) of images and partners, weighted by share."""
        if self.share == 1:
            return cost(labels)
        other = cost(labels[self.partner.to(labels.device)])
        return self.share * cost(labels) + (1 - self.share) * other


def mixup_of(images: int, alpha: float, seed: int) -> Mixup:
    """Return share and partners for a batch, determined by the seed.

    The share is drawn from Beta(alpha, alpha).

    One share is used for the whole batch, as in the authors' code. If ``alpha`` is 0, nothing is mixed.
    """
    if not alpha or images < 2:
        return Mixup(1.0, torch.arange(images))
    random = np.random.default_rng(seed)
    share = float(random.beta(alpha, alpha))
    return Mixup(share, torch.from_numpy(random.permutation(images)))
