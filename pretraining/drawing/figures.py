"""Figures: outlines with a height over the plane, so that light falls on them.

A species is a plan of parts (radial outlines: harmonics or the superformula, Gielis 2003) on a body, some of
them mirrored, some of them limbs. Each individual varies the plan a little.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

Outline = Callable[[Tensor], Tensor]
"""Angles, any shape, to the radius in that direction."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a figure.

    Attributes:
        centre: on the figure's plane.
        turn: radians.
        axes: half its length and half its width.
        outline: its form, about 1.
    """

    centre: tuple[float, float]
    turn: float
    axes: tuple[float, float]
    outline: Outline


Species = tuple[Part, ...]


def species(rng: np.random.Generator) -> Species:
    """A plan of a figure that lies within a circle of about 1."""
    body = Part((0.0, 0.0), 0.0, (rng.uniform(0.3, 0.8), rng.uniform(0.2, 0.7)), outline(rng))
    if rng.random() < 0.35:
        return (body,)
    parts = [body]
    along = rng.uniform(0.0, 1.0) < 0.6
    for index in range(int(rng.integers(1, 5))):
        place = (rng.uniform(-0.8, 0.8), 0.0) if along else tuple(rng.uniform(-0.6, 0.6, 2))
        size = rng.uniform(0.12, 0.45)
        axes = (size, size * rng.uniform(0.4, 1.0))
        parts.append(Part((float(place[0]), float(place[1])), rng.uniform(0, math.pi), axes, outline(rng)))
        if index == 0 and rng.random() < 0.6:
            parts.extend(_limbs(rng))
    return tuple(parts)


def individual(rng: np.random.Generator, plan: Species, variation: float = 0.1) -> Species:
    """The same plan with other measures.

    Args:
        rng: draws the differences.
        plan: the species.
        variation: deviation of logarithms of measures, of radians and of places.
    """
    return tuple(
        Part(
            (
                part.centre[0] + 0.5 * variation * rng.standard_normal(),
                part.centre[1] + 0.5 * variation * rng.standard_normal(),
            ),
            part.turn + variation * rng.standard_normal(),
            (
                part.axes[0] * math.exp(variation * rng.standard_normal()),
                part.axes[1] * math.exp(variation * rng.standard_normal()),
            ),
            part.outline,
        )
        for part in plan
    )


def height(plan: Species, points: Tensor) -> Tensor:
    """How high a figure stands above the plane; (height, width), 0 outside and at its edge, up to about 1."""
    heights = [_part_height(part, points) for part in plan]
    return torch.stack(heights).amax(dim=0)


def _part_height(part: Part, points: Tensor) -> Tensor:
    cosine, sine = math.cos(part.turn), math.sin(part.turn)
    x, y = points[..., 0] - part.centre[0], points[..., 1] - part.centre[1]
    along = (cosine * x + sine * y) / part.axes[0]
    across = (cosine * y - sine * x) / part.axes[1]
    radius = torch.hypot(along, across)
    edge = part.outline(torch.atan2(across, along))
    return (1.0 - (radius / edge) ** 2).clamp(min=0.0).sqrt() * min(part.axes)


def _limbs(rng: np.random.Generator) -> list[Part]:
    count, length, thickness = int(rng.integers(1, 5)), rng.uniform(0.3, 0.7), rng.uniform(0.02, 0.12)
    lean, form = rng.uniform(0.7, 2.4), outline(rng)
    limbs = []
    for place in np.linspace(-0.5, 0.5, count):
        for side in (-1.0, 1.0):
            turn = side * lean
            centre = (float(place + 0.5 * length * math.cos(turn)), float(0.5 * length * math.sin(turn)))
            limbs.append(Part(centre, turn, (length / 1.6, thickness), form))
    return limbs


def outline(rng: np.random.Generator) -> Outline:
    """A form: nearly round, wavy or with corners."""
    return (_harmonics, _superformula, _smooth)[int(rng.integers(3))](rng)


def _smooth(rng: np.random.Generator) -> Outline:
    bulge = rng.uniform(-0.2, 0.2)
    return lambda angle: 1.0 + bulge * torch.cos(angle)


def _harmonics(rng: np.random.Generator) -> Outline:
    orders = np.arange(2, 10)
    sizes = rng.normal(0.0, 0.5, len(orders)) / orders ** rng.uniform(0.6, 1.6)
    phases = rng.uniform(0.0, 2.0 * math.pi, len(orders))

    def radius_at(angle: Tensor) -> Tensor:
        radius = torch.ones_like(angle)
        for order, size, phase in zip(orders, sizes, phases, strict=True):
            radius = radius + float(size) * torch.cos(float(order) * angle + float(phase))
        return radius.clamp(min=0.25)

    return radius_at


def _superformula(rng: np.random.Generator) -> Outline:
    symmetry = int(rng.integers(2, 9))
    powers = np.exp(rng.uniform(math.log(0.4), math.log(6.0), 3))

    def radius_at(angle: Tensor) -> Tensor:
        quarter = symmetry * angle / 4.0
        total = quarter.cos().abs() ** float(powers[1]) + quarter.sin().abs() ** float(powers[2])
        return (total.clamp(min=1e-3) ** (-1.0 / float(powers[0]))).clamp(0.25, 1.6)

    return radius_at
