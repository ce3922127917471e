"""Marks on figures: spots, blotches and bloom of another colour, with or without a rim.

What distinguishes the pictures of a clinic or a field is often not the thing but what is on it or in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pretraining.drawing.figures import Outline, outline
from pretraining.drawing.palettes import palette
from pretraining.drawing.textures import Texture, texture


@dataclass(frozen=True, slots=True)
class Marks:
    """A kind of marks.

    Attributes:
        skin: their texture.
        form: their outline.
        count: of a figure, on average.
        size: a mark's radius; 1 is about the figure's.
        softness: width of its border, of its radius.
        rim, rim_width: the colour around it, (3,) from 0 to 1, and how far that reaches, of its radius.
        cover: how much of the figure's own texture a mark hides, 0 to 1.
    """

    skin: Texture
    form: Outline
    count: float
    size: float
    softness: float
    rim: Tensor
    rim_width: float
    cover: float


def marks(rng: np.random.Generator) -> Marks:
    """A kind of marks: many small ones or a few large ones."""
    size = math.exp(rng.uniform(math.log(0.03), math.log(0.4)))
    return Marks(
        skin=_plain(palette(rng)[0]) if rng.random() < 0.5 else texture(rng),
        form=outline(rng),
        count=min(40.0, rng.uniform(0.05, 0.4) / size**1.5),
        size=size,
        softness=math.exp(rng.uniform(math.log(0.05), math.log(1.0))),
        rim=palette(rng)[0],
        rim_width=rng.uniform(0.2, 0.8) if rng.random() < 0.4 else 0.0,
        cover=rng.uniform(0.5, 1.0),
    )


def marked(rng: np.random.Generator, kind: Marks, points: Tensor, skin: Tensor) -> tuple[Tensor, Tensor]:
    """A figure's colours with marks on them.

    Args:
        rng: draws how many there are, and where.
        kind: of the marks.
        points: (height, width, 2) on the figure's plane.
        skin: its colours (3, height, width).

    Returns:
        The colours, and how much of each place is a mark, (height, width) from 0 to 1.
    """
    inside = torch.full(points.shape[:2], math.inf)
    for _ in range(int(rng.poisson(kind.count)) + 1):
        size = kind.size * math.exp(rng.normal(0.0, 0.3))
        away = points - torch.tensor(rng.normal(0.0, 0.35, 2), dtype=torch.float32)
        radius = kind.form(torch.atan2(away[..., 1], away[..., 0]) + rng.uniform(0.0, 2.0 * math.pi))
        inside = torch.minimum(inside, away.norm(dim=-1) / (size * radius))
    there = ((1.0 - inside) / kind.softness + 0.5).clamp(0.0, 1.0)
    if kind.rim_width:
        near = ((1.0 + kind.rim_width - inside) / (kind.softness + 0.2) + 0.5).clamp(0.0, 1.0)
        skin = skin + 0.8 * near * (kind.rim[:, None, None] - skin)
    return skin + kind.cover * there * (kind.skin(points) - skin), there


def _plain(colour: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda points: colour[:, None, None].expand(3, *points.shape[:2])
