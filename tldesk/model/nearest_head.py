"""k-nearest neighbours as a layer: the most similar training images vote.

Similarity is the cosine between features as the backbone gives them, the same by which a prediction names its
most similar training images: those are the ones that vote. A vote weighs ``exp(cosine / 0.07)`` (Z. Wu, Y.
Xiong, S. Yu and D. Lin, "Unsupervised feature learning via non-parametric instance discrimination", CVPR
2018). One more vote, as far away as the last neighbour, is shared by all classes: without it a class with no
neighbour would have probability zero, which no calibration could correct.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

TEMPERATURE = 0.07


class NearestNeighbours(nn.Module):
    """Logits from the votes of the nearest stored images; all classes are equal while none is stored.

    Attributes:
        memory: (n, features) float32, rows of length 1; what was learnt, though by no gradient.
        labels: (n,) int64.
        worth: (classes,) float32, what a vote for each class counts.
    """

    memory: nn.Parameter
    labels: Tensor
    worth: Tensor

    def __init__(self, features: int, classes: int, neighbours: int) -> None:
        super().__init__()
        self._neighbours = neighbours
        self.memory = nn.Parameter(torch.zeros(0, features), requires_grad=False)
        self.register_buffer("labels", torch.zeros(0, dtype=torch.int64))
        self.register_buffer("worth", torch.ones(classes))
        self.register_load_state_dict_pre_hook(_make_room)  # type: ignore[no-untyped-call]

    def remember(self, vectors: Tensor, labels: Tensor, worth: Tensor) -> None:
        """Store these images, replacing those stored before.

        Args:
            vectors: (n, features) float.
            labels: (n,) int64, index of each one's class.
            worth: (classes,) float, > 0 for classes that occur.
        """
        device = self.memory.device
        unit = functional.normalize(vectors.detach().float(), dim=1)
        self.memory = nn.Parameter(unit.to(device), requires_grad=False)
        self.labels, self.worth = labels.to(device), worth.float().to(device)

    def forward(self, vectors: Tensor) -> Tensor:
        """(m, features) float to logits (m, classes)."""
        return self.votes(functional.normalize(vectors, dim=1) @ self.memory.T)

    def votes(self, similarity: Tensor) -> Tensor:
        """Cosines with all remembered images, (m, n), to logits (m, classes)."""
        classes = len(self.worth)
        if not similarity.shape[1]:
            return similarity.new_zeros(len(similarity), classes)
        near, places = similarity.topk(min(self._neighbours, similarity.shape[1]), dim=1)
        labels = self.labels[places]
        weights = near / TEMPERATURE + self.worth.clamp(min=torch.finfo(torch.float32).tiny).log()[labels]
        own = functional.one_hot(labels, classes).bool()
        each = torch.where(own, weights[:, :, None], -math.inf)
        shared = near[:, -1:, None].detach() / TEMPERATURE - math.log(classes)
        return torch.cat([each, shared.expand(-1, 1, classes)], dim=1).logsumexp(dim=1)


def _make_room(module: nn.Module, state: Mapping[str, Any], prefix: str, *_others: object) -> None:
    """How many images are remembered is known only from what is loaded."""
    assert isinstance(module, NearestNeighbours)
    memory, labels = state.get(f"{prefix}memory"), state.get(f"{prefix}labels")
    if memory is None or labels is None or memory.shape[1:] != module.memory.shape[1:]:
        return  # what is wrong is told when it is loaded
    module.memory = nn.Parameter(module.memory.new_zeros(memory.shape), requires_grad=False)
    module.labels = module.labels.new_zeros(labels.shape)
