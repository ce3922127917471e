"""Heads: the classifiers on top of a backbone.

A head begins with the pool, which has no parameters, so that a map (N, C, H, W) or an already pooled vector
(N, C) may be given to it. Then every feature is standardised by fixed statistics of the training images. That
makes training the head of a frozen backbone well conditioned: raw features differ in scale by orders of
magnitude, and gradient descent creeps along the small ones.

Columns of a table, where a recipe names some, stand beside the standardised features and together weigh as
much as all of these. A column is about as wide as one feature, and their numbers differ by hundreds: without
that, regularisation would leave next to nothing of the table. For a linear head it is the sum of two kernels
of equal trace (M. Gönen and E. Alpaydın, "Multiple kernel learning algorithms", JMLR 12, 2011).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from tldesk.base import derive_seed
from tldesk.model.nearest_head import NearestNeighbours
from tldesk.model.seeded_init import seeded
from tldesk.model.table_code import NO_TABLE, TableCode
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


class TableLinear(nn.Module):
    """The table's contribution to the head's first layer; zero before training.

    Attributes:
        weight: (outputs, width).
        scale: the rows are multiplied by it.
    """

    def __init__(self, features: int, outputs: int, table: TableCode) -> None:
        super().__init__()
        self.scale = math.sqrt(features / len(table.columns))
        self.weight = nn.Parameter(torch.zeros(outputs, table.width))

    def forward(self, rows: Tensor) -> Tensor:
        """(N, width) float to (N, outputs)."""
        return functional.linear(self.scale * rows, self.weight)


class Head(nn.Module):
    """pool -> standardise -> layers; the table's contribution is added to the first of them.

    linear: dropout, linear. dense: linear to ``hidden``, ReLU, dropout, linear. knn: ``NearestNeighbours``,
    which compares features as they are, is not standardised and knows no table.

    Attributes:
        pool: map or vector to vector.
        standardise: the fixed standardisation.
        layers: what is trained.
        beside: what is trained of the table; None without columns.
    """

    def __init__(self, features: int, classes: int, spec: HeadSpec, table: TableCode = NO_TABLE) -> None:
        super().__init__()
        self.pool = Pool()
        self.standardise = Standardise(features)
        self.layers = _layers(features, classes, spec)
        wanted = bool(table.width) and not isinstance(self.layers, NearestNeighbours)
        self.beside = TableLinear(features, self._entry.out_features, table) if wanted else None

    def forward(self, features: Tensor, table: Tensor | None = None) -> Tensor:
        """A map (N, C, H, W) or pooled vector (N, C), and table rows (N, width), to logits (N, classes)."""
        return self.classify(self.pool(features), table)

    def classify(self, vector: Tensor, table: Tensor | None = None) -> Tensor:
        """A pooled vector (N, C), and table rows (N, width), to logits (N, classes).

        The rows may lie on any device; where the head has no columns they may be left out.
        """
        values: Tensor = self.standardise(vector)
        if isinstance(self.layers, NearestNeighbours) or self.beside is None:
            logits: Tensor = self.layers(values)
            return logits
        for layer in self.layers:
            values = layer(values)
            if layer is self._entry:
                values = values + self.beside(_given(table).to(vector.device))
        return values

    def joined(self, vector: Tensor, table: Tensor) -> Tensor:
        """(N, C + width): what a linear head's weights, ``put`` in this order, are multiplied with."""
        plain: Tensor = self.standardise(vector)
        if self.beside is None:
            return plain
        return torch.cat([plain, self.beside.scale * table.to(plain)], dim=1)

    def put(self, weight: Tensor, bias: Tensor) -> None:
        """Set solved weights in a linear head: (classes, C + width) and (classes,)."""
        features = self._entry.in_features
        with torch.no_grad():
            self._entry.weight.copy_(weight[:, :features])
            self._entry.bias.copy_(bias)
            if self.beside is not None:
                self.beside.weight.copy_(weight[:, features:])

    @property
    def _entry(self) -> nn.Linear:
        """The first layer that multiplies."""
        assert isinstance(self.layers, nn.Sequential)
        return next(layer for layer in self.layers if isinstance(layer, nn.Linear))

    def set_statistics(self, features: Tensor) -> None:
        """Fit the standardisation to the training images' features: maps or pooled vectors, N >= 2."""
        if self.nearest is None:
            self.standardise.set_statistics(self.pool(features))

    @property
    def nearest(self) -> NearestNeighbours | None:
        """The nearest-neighbour layer, if this head is one."""
        return self.layers if isinstance(self.layers, NearestNeighbours) else None


class WithTable(nn.Module):
    """A head with one picture's table row already applied, so that it takes pictures only."""

    row: Tensor

    def __init__(self, head: nn.Module, row: Tensor) -> None:
        """``row``: encoded, (1, width)."""
        super().__init__()
        self.head = head
        self.register_buffer("row", row)

    def forward(self, features: Tensor) -> Tensor:
        """Maps or vectors (N, ...) to logits (N, classes)."""
        logits: Tensor = self.head(features, self.row.expand(len(features), -1))
        return logits


def build_head(
    features: int, classes: int, spec: HeadSpec, *, seed: int, table: TableCode = NO_TABLE
) -> Head:
    """A head with random weights that depend on nothing but the arguments."""
    with seeded(derive_seed(seed, "head")):
        return Head(features, classes, spec, table)


def _layers(features: int, classes: int, spec: HeadSpec) -> nn.Sequential | NearestNeighbours:
    if spec.kind == "knn":
        return NearestNeighbours(features, classes, spec.neighbours)
    if spec.kind == "dense":
        return nn.Sequential(
            nn.Linear(features, spec.hidden),
            nn.ReLU(),
            nn.Dropout(spec.dropout),
            _last_layer(spec.hidden, classes),
        )
    return nn.Sequential(nn.Dropout(spec.dropout), _last_layer(features, classes))


def _given(table: Tensor | None) -> Tensor:
    if table is None:
        raise ValueError("the head has columns beside the picture, and no table was given")
    return table


def _last_layer(features: int, classes: int) -> nn.Linear:
    """Small weights: an untrained head finds all classes about equally likely."""
    layer = nn.Linear(features, classes)
    nn.init.normal_(layer.weight, std=0.01)
    nn.init.zeros_(layer.bias)
    return layer
