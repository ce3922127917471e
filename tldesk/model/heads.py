"""Heads: the classifiers put behind a backbone.

A head begins with the pool, which has no parameters, so that a map (N, C, H, W) or an already pooled vector
(N, C) may be given to it. Then every feature is standardised by fixed statistics of the training images. That
makes training the head of a frozen backbone well conditioned: raw features differ in scale by orders of
magnitude, and gradient descent creeps along the small ones.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from tldesk.base import derive_seed
from tldesk.model.nearest import Nearest
from tldesk.model.seeded import seeded
from tldesk.recipe import HeadSpec

_LEAST_SHARE = 0.01
"""A feature that hardly varies is divided by at least this share of the typical spread, so that a small
change in a new picture is not blown up."""


class Pool(nn.Module):
    """Averages a map (N, C, H, W) over its places to (N, C); a vector (N, C) passes unchanged."""

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) or (N, C) float to (N, C)."""
        if features.dim() == 4:
            return functional.adaptive_avg_pool2d(features, 1).flatten(1)
        return features


class Standardise(nn.Module):
    """``(vector - mean) / std`` by fixed buffers: 0 and 1 until ``set_statistics``; never trained."""

    mean: Tensor
    std: Tensor

    def __init__(self, features: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("std", torch.ones(features))

    def forward(self, vector: Tensor) -> Tensor:
        """(N, C) float to the same shape."""
        return (vector - self.mean) / self.std

    def set_statistics(self, features: Tensor) -> None:
        """Take mean and spread from pooled training features (N, C); constant ones are only centred."""
        values = features.detach().double()
        spread = values.std(dim=0, correction=0)
        typical = spread[spread > 0].median() if bool((spread > 0).any()) else spread.new_tensor(1.0)
        self.mean.copy_(values.mean(dim=0))
        self.std.copy_(torch.where(spread > 0, spread.clamp(min=_LEAST_SHARE * float(typical)), 1.0))


class Head(nn.Module):
    """pool -> standardise -> layers.

    linear: dropout, linear. dense: linear to ``hidden``, ReLU, dropout, linear. knn: ``Nearest``, which
    compares features as they are and is not standardised.

    Attributes:
        pool: map or vector to vector.
        standardise: the fixed standardisation.
        layers: what is trained.
    """

    def __init__(self, features: int, classes: int, spec: HeadSpec) -> None:
        super().__init__()
        self.pool = Pool()
        self.standardise = Standardise(features)
        self.layers = _layers(features, classes, spec)

    def forward(self, features: Tensor) -> Tensor:
        """A map (N, C, H, W) or pooled vector (N, C) to logits (N, classes)."""
        return self.classify(self.pool(features))

    def classify(self, vector: Tensor) -> Tensor:
        """A pooled vector (N, C) to logits (N, classes)."""
        logits: Tensor = self.layers(self.standardise(vector))
        return logits

    def set_statistics(self, features: Tensor) -> None:
        """Fit the standardisation to the training images' features: maps or pooled vectors, N >= 2."""
        if self.nearest is None:
            self.standardise.set_statistics(self.pool(features))

    @property
    def nearest(self) -> Nearest | None:
        """The layer that remembers images, where this head is one of neighbours."""
        return self.layers if isinstance(self.layers, Nearest) else None


def build_head(features: int, classes: int, spec: HeadSpec, *, seed: int) -> Head:
    """A head with random weights that depend on nothing but the arguments."""
    with seeded(derive_seed(seed, "head")):
        return Head(features, classes, spec)


def _layers(features: int, classes: int, spec: HeadSpec) -> nn.Sequential | Nearest:
    if spec.kind == "knn":
        return Nearest(features, classes, spec.neighbours)
    if spec.kind == "dense":
        return nn.Sequential(
            nn.Linear(features, spec.hidden),
            nn.ReLU(),
            nn.Dropout(spec.dropout),
            _last_layer(spec.hidden, classes),
        )
    return nn.Sequential(nn.Dropout(spec.dropout), _last_layer(features, classes))


def _last_layer(features: int, classes: int) -> nn.Linear:
    """Small weights: an untrained head finds all classes about equally likely."""
    layer = nn.Linear(features, classes)
    nn.init.normal_(layer.weight, std=0.01)
    nn.init.zeros_(layer.bias)
    return layer
