"""k-nearest neighbours as a layer: the most similar training images vote for their classes.

Similarity is the cosine between the backbone's features. It is also used to list the most similar training
images of a prediction, so the images shown are those that voted. A vote weighs ``exp(cosine / 0.07)`` (Z. Wu,
Y. Xiong, S. Yu and D. Lin, "Unsupervised feature learning via non-parametric instance discrimination", CVPR
2018). One additional vote, with the similarity of the last neighbour, is shared by all classes: without it, a
class without a neighbour would have probability zero, which calibration could not correct.
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
    """Logits from the votes of the nearest stored images; zeros if none is stored.

    Attributes:
        memory: (n, features) float32, normalised features of the stored images; a parameter, but without
            gradient.
        labels: (n,) int64, class indices of the stored images.
        worth: (classes,) float32, factor applied to the votes for each class.
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
        """Store images, replacing those stored before.

        Args:
            vectors: (n, features) float, the images' features.
            labels: (n,) int64, their class indices.
            worth: (classes,) float, factor of the votes per class, > 0 for classes with images.
        """
        device = self.memory.device
        unit = functional.normalize(vectors.detach().float(), dim=1)
        self.memory = nn.Parameter(unit.to(device), requires_grad=False)
        self.labels, self.worth = labels.to(device), worth.float().to(device)

    def forward(self, vectors: Tensor) -> Tensor:
        """Map features (m, features) float to logits (m, classes)."""
        return self.votes(functional.normalize(vectors, dim=1) @ self.memory.T)

    def votes(self, similarity: Tensor) -> Tensor:
        """Map cosines with all stored images (m, n) to logits (m, classes)."""
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
    """Resize the buffers before loading: only the loaded state says how many images are stored."""
    assert isinstance(module, NearestNeighbours)
    memory, labels = state.get(f"{prefix}memory"), state.get(f"{prefix}labels")
    if memory is None or labels is None or memory.shape[1:] != module.memory.shape[1:]:
        return  # load_state_dict itself reports the error
    module.memory = nn.Parameter(module.memory.new_zeros(memory.shape), requires_grad=False)
    module.labels = module.labels.new_zeros(labels.shape)
