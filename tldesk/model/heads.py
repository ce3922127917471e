"""Heads: the classifiers on top of a backbone.

A head begins with the pool, which has no parameters, so it accepts a map (N, C, H, W) or an already pooled
vector (N, C). Then each feature is standardised by fixed statistics of the training images. This makes
training the head of a frozen backbone well conditioned: raw features differ in scale by orders of magnitude,
and gradient descent is slow along those with a small scale.

Table columns, if the recipe uses any, are added to the standardised features and scaled so that all columns
together have the same weight as all features together. Without this scaling, a few columns against hundreds
of features would be suppressed by regularisation. For a linear head this is the sum of two kernels of equal
trace (M. Gönen and E. Alpaydın, "Multiple kernel learning algorithms", JMLR 12, 2011).
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
"""The smallest divisor, as a fraction of the median standard deviation, of a feature that hardly varies. It
prevents a small change in a new picture from becoming huge."""


class Pool(nn.Module):
    """Averages a map (N, C, H, W) over its positions to (N, C); a vector (N, C) is unchanged."""

    def forward(self, features: Tensor) -> Tensor:
        """Map (N, C, H, W) or (N, C) float to (N, C)."""
        if features.dim() == 4:
            return functional.adaptive_avg_pool2d(features, 1).flatten(1)
        return features


class Standardise(nn.Module):
    """``(vector - mean) / std`` with untrained buffers, 0 and 1 until ``set_statistics`` is called."""

    mean: Tensor
    std: Tensor

    def __init__(self, features: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("std", torch.ones(features))

    def forward(self, vector: Tensor) -> Tensor:
        """Standardise (N, C) float; same shape."""
        return (vector - self.mean) / self.std

    def set_statistics(self, features: Tensor) -> None:
        """Set mean and standard deviation from pooled features (N, C); constant features are only centred."""
        values = features.detach().double()
        spread = values.std(dim=0, correction=0)
        typical = spread[spread > 0].median() if bool((spread > 0).any()) else spread.new_tensor(1.0)
        self.mean.copy_(values.mean(dim=0))
        self.std.copy_(torch.where(spread > 0, spread.clamp(min=_LEAST_SHARE * float(typical)), 1.0))


class TableLinear(nn.Module):
    """The contribution of the table columns to the head's first layer; zero before training.

    Attributes:
        weight: (outputs, width).
        scale: factor applied to the rows (see the module's docstring).
    """

    def __init__(self, features: int, outputs: int, table: TableCode) -> None:
        super().__init__()
        self.scale = math.sqrt(features / len(table.columns))
        self.weight = nn.Parameter(torch.zeros(outputs, table.width))

    def forward(self, rows: Tensor) -> Tensor:
        """Map encoded rows (N, width) float to (N, outputs)."""
        return functional.linear(self.scale * rows, self.weight)


class Head(nn.Module):
    """A head: pool -> standardise -> layers; the table's contribution is added to the first linear layer.

    The layers by kind: "linear": dropout, linear. "dense": linear to ``hidden``, ReLU, dropout, linear.
    "knn": ``NearestNeighbours``, which compares raw features (not standardised) and ignores the table.

    Attributes:
        pool: maps a map or vector to a vector.
        standardise: the fixed standardisation.
        layers: the trainable layers.
        beside: the trainable contribution of the table; None without columns.
    """

    def __init__(self, features: int, classes: int, spec: HeadSpec, table: TableCode = NO_TABLE) -> None:
        super().__init__()
        self.pool = Pool()
        self.standardise = Standardise(features)
        self.layers = _layers(features, classes, spec)
        wanted = bool(table.width) and not isinstance(self.layers, NearestNeighbours)
        self.beside = TableLinear(features, self._entry.out_features, table) if wanted else None

    def forward(self, features: Tensor, table: Tensor | None = None) -> Tensor:
        """Map features (N, C, H, W) or (N, C), and table rows (N, width), to logits (N, classes)."""
        return self.classify(self.pool(features), table)

    def classify(self, vector: Tensor, table: Tensor | None = None) -> Tensor:
        """Map pooled vectors (N, C) and table rows (N, width) to logits (N, classes).

        The rows may be on any device. They may be omitted if the head has no columns.
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
        """Return the inputs (N, C + width) of a linear head, in the order of the weights given to ``put``."""
        plain: Tensor = self.standardise(vector)
        if self.beside is None:
            return plain
        return torch.cat([plain, self.beside.scale * table.to(plain)], dim=1)

    def put(self, weight: Tensor, bias: Tensor) -> None:
        """Set the weights (classes, C + width) and biases (classes,) of a linear head, solved directly."""
        features = self._entry.in_features
        with torch.no_grad():
            self._entry.weight.copy_(weight[:, :features])
            self._entry.bias.copy_(bias)
            if self.beside is not None:
                self.beside.weight.copy_(weight[:, features:])

    @property
    def _entry(self) -> nn.Linear:
        """The first linear layer."""
        assert isinstance(self.layers, nn.Sequential)
        return next(layer for layer in self.layers if isinstance(layer, nn.Linear))

    def set_statistics(self, features: Tensor) -> None:
        """Fit the standardisation to features of the training images: maps or pooled vectors, N >= 2."""
        if self.nearest is None:
            self.standardise.set_statistics(self.pool(features))

    @property
    def nearest(self) -> NearestNeighbours | None:
        """The nearest-neighbour layer, or None for other kinds of head."""
        return self.layers if isinstance(self.layers, NearestNeighbours) else None


class WithTable(nn.Module):
    """A head with a fixed table row, so that its only input is the features."""

    row: Tensor

    def __init__(self, head: nn.Module, row: Tensor) -> None:
        """Wrap ``head`` with the encoded table row ``row`` (1, width)."""
        super().__init__()
        self.head = head
        self.register_buffer("row", row)

    def forward(self, features: Tensor) -> Tensor:
        """Map features (N, ...) to logits (N, classes)."""
        logits: Tensor = self.head(features, self.row.expand(len(features), -1))
        return logits


def build_head(
    features: int, classes: int, spec: HeadSpec, *, seed: int, table: TableCode = NO_TABLE
) -> Head:
    """Return a head with random weights that depend only on the arguments."""
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
    """Return a layer with small weights, so that an untrained head predicts nearly equal probabilities."""
    layer = nn.Linear(features, classes)
    nn.init.normal_(layer.weight, std=0.01)
    nn.init.zeros_(layer.bias)
    return layer
