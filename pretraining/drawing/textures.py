"""Textures: fields of numbers over the plane, from families of formulas, in the colours of a palette.

A texture is drawn once and can then be evaluated at any points: each look at it shows another piece at
another scale and angle. Sources of the families: small random coordinate networks and procedural programs
(Baradad et al. 2021, "Learning to See by Looking at Noise"; 2022, "Procedural Image Programs for
Representation Learning"), iterated function systems (Kataoka et al. 2020, "Pre-training without Natural
Images"), cells (Worley 1996, "A cellular texture basis function").
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from pretraining.drawing.palettes import coloured, palette
from pretraining.drawing.points import looked_up, spectral_noise, warping

Field = Callable[[Tensor], Tensor]
"""(height, width, 2) points to (height, width) numbers."""

Texture = Callable[[Tensor], Tensor]
"""(height, width, 2) points to (3, height, width) colours from 0 to 1."""


def texture(rng: np.random.Generator) -> Texture:
    """One texture, to be looked at as often as wanted."""
    fields = [_warped_field(rng) for _ in range(1 if rng.random() < 0.5 else 2)]
    palettes = [palette(rng) for _ in fields]
    gain = math.exp(rng.normal(0.5, 0.6))
    kind = rng.random()
    grain, grain_size = (rng.uniform(0.0, 0.12) if rng.random() < 0.5 else 0.0), rng.uniform(1.0, 4.0)
    tile = spectral_noise(rng, 128, 0.3)[None]

    def evaluated(points: Tensor) -> Tensor:
        values = [_even(field(points)) for field in fields]
        colours = coloured(values[0], palettes[0], gain)
        if len(fields) == 2:
            other = coloured(values[1], palettes[1], gain)
            colours = (colours + other) / 2 if kind < 0.4 else torch.where(values[1] > 0.4, other, colours)
        if grain:
            colours = colours + grain * looked_up(tile, points * grain_size)
        return colours.clamp(0.0, 1.0)

    return evaluated


def _warped_field(rng: np.random.Generator) -> Field:
    field = _FAMILIES[int(rng.integers(len(_FAMILIES)))](rng)
    if rng.random() < 0.4:
        return field
    warp = warping(rng, math.exp(rng.uniform(math.log(0.02), math.log(0.4))))
    return lambda points: field(warp(points))


def _even(field: Tensor) -> Tensor:
    return (field - field.mean()) / (field.std() + 1e-3)


def _noise(rng: np.random.Generator) -> Field:
    tile = spectral_noise(rng, 256, rng.uniform(0.4, 2.2), math.exp(rng.normal(0.0, 0.5)))[None]
    bend = rng.random()

    def field(points: Tensor) -> Tensor:
        values = looked_up(tile, points)[0]
        return values.abs() if bend < 0.25 else values

    return field


def _waves(rng: np.random.Generator) -> Field:
    count = int(rng.integers(1, 6))
    pitch = math.exp(rng.uniform(math.log(3.0), math.log(40.0)))
    turns = rng.uniform(0.0, math.pi) + rng.normal(0.0, rng.choice([0.1, 1.0]), count)
    pitches = pitch * np.exp(rng.normal(0.0, 0.3, count))
    vectors = torch.tensor(np.stack((np.cos(turns), np.sin(turns))) * pitches, dtype=torch.float32)
    phases = torch.tensor(rng.uniform(0.0, 2.0 * math.pi, count), dtype=torch.float32)
    product = rng.random() < 0.3

    def field(points: Tensor) -> Tensor:
        waves = torch.sin(points @ vectors + phases)
        return waves.prod(dim=-1) if product else waves.sum(dim=-1)

    return field


def _network(rng: np.random.Generator) -> Field:
    width, depth = 20, int(rng.integers(1, 4))
    spread = math.exp(rng.uniform(math.log(2.0), math.log(16.0)))
    layers = [_layer(rng, 2, width, spread)]
    layers += [_layer(rng, width, width, math.sqrt(2.0 / width) * 1.5) for _ in range(depth)]
    last = torch.tensor(rng.normal(0.0, 1.0, width), dtype=torch.float32)
    bends = [_BENDS[int(rng.integers(len(_BENDS)))] for _ in layers]

    def field(points: Tensor) -> Tensor:
        values = points
        for (weight, offset), bend in zip(layers, bends, strict=True):
            values = bend(values @ weight + offset)
        return values @ last

    return field


def _layer(rng: np.random.Generator, inside: int, outside: int, spread: float) -> tuple[Tensor, Tensor]:
    weight = torch.tensor(rng.normal(0.0, spread, (inside, outside)), dtype=torch.float32)
    return weight, torch.tensor(rng.uniform(-math.pi, math.pi, outside), dtype=torch.float32)


def _cells(rng: np.random.Generator) -> Field:
    count = int(math.exp(rng.uniform(math.log(12), math.log(120))))
    centres = torch.tensor(rng.uniform(-2.0, 2.0, (count, 2)), dtype=torch.float32)
    shades = torch.tensor(rng.standard_normal(count), dtype=torch.float32)
    kind = int(rng.integers(4))

    def field(points: Tensor) -> Tensor:
        nearest = torch.cdist(points.reshape(-1, 2), centres).topk(2, largest=False)
        first, second = nearest.values.unbind(dim=1)
        shade = shades[nearest.indices[:, 0]]
        edge = (second - first) * math.sqrt(count)
        found = (first, edge.clamp(max=0.5), shade, shade + 2.0 * (edge < 0.15))[kind]
        return found.reshape(points.shape[:2])

    return field


def _spots(rng: np.random.Generator) -> Field:
    pitch = math.exp(rng.uniform(math.log(2.0), math.log(9.0)))
    jitter = torch.tensor(rng.uniform(-0.35, 0.35, (64, 64, 2)) * rng.random(), dtype=torch.float32)
    radii = torch.tensor(
        np.exp(rng.normal(math.log(0.25), 0.3 * rng.random(), (64, 64))), dtype=torch.float32
    )
    there = torch.tensor(rng.random((64, 64)) < rng.uniform(0.3, 1.0), dtype=torch.float32)
    edge = math.exp(rng.uniform(math.log(3.0), math.log(30.0)))

    def field(points: Tensor) -> Tensor:
        scaled = points * pitch
        cell = scaled.floor()
        column, row = (cell.long() % 64).unbind(dim=-1)
        away = (scaled - cell - 0.5 - jitter[row, column]).norm(dim=-1)
        return torch.sigmoid(edge * (radii[row, column] - away)) * there[row, column]

    return field


def _fractal(rng: np.random.Generator) -> Field:
    density = ifs_density(rng, 96)
    values = torch.log1p(density)[None]
    return lambda points: looked_up(values, points * 0.6)[0]


def ifs_density(rng: np.random.Generator, size: int) -> Tensor:
    """How often the chaos game of a random iterated function system visits each pixel; (size, size)."""
    maps = int(rng.integers(2, 6))
    left, right = rng.uniform(-math.pi, math.pi, (2, maps))
    stretch = np.sort(rng.uniform(0.2, 0.95, (maps, 2)), axis=1)
    matrices = _turn(left) @ (stretch[:, :, None] * np.eye(2)) @ _turn(right)
    moves = rng.uniform(-1.0, 1.0, (maps, 2))
    chance = np.abs(np.linalg.det(matrices)) + 0.02
    spots, visited = rng.uniform(-1.0, 1.0, (600, 2)), []
    for step in range(60):
        which = rng.choice(maps, 600, p=chance / chance.sum())
        spots = np.einsum("nij,nj->ni", matrices[which], spots) + moves[which]
        if step >= 10:
            visited.append(spots)
    cloud = np.concatenate(visited)
    low, high = np.quantile(cloud, 0.01, axis=0), np.quantile(cloud, 0.99, axis=0)
    cloud = (cloud - low) / (high - low + 1e-6)
    counts, _, _ = np.histogram2d(cloud[:, 0], cloud[:, 1], bins=size, range=((0.0, 1.0), (0.0, 1.0)))
    return torch.from_numpy(counts.astype(np.float32))


def _turn(angles: np.ndarray) -> np.ndarray:
    cosines, sines = np.cos(angles), np.sin(angles)
    return np.stack((np.stack((cosines, -sines), -1), np.stack((sines, cosines), -1)), -2)


_FAMILIES: tuple[Callable[[np.random.Generator], Field], ...] = (
    _noise,
    _noise,
    _waves,
    _network,
    _network,
    _cells,
    _spots,
    _fractal,
)
_BENDS: tuple[Callable[[Tensor], Tensor], ...] = (torch.sin, torch.tanh, torch.abs, torch.cos)
