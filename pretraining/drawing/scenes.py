"""Scenes: figures in their textures on a ground, with clutter that hides parts, light, blur and noise.

A programme fixes what a scene is of: the species, its texture, the ground. Each drawing of it chooses anew
where things lie, from where they are seen, how light falls and what the camera adds. Clutter follows the dead
leaves model (Lee, Mumford and Huang 2001, "Occlusion models for natural images").
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from pretraining.drawing.figures import Species, height, individual, species
from pretraining.drawing.marks import Marks, marked, marks
from pretraining.drawing.palettes import palette
from pretraining.drawing.points import plane, seen_from, spectral_noise
from pretraining.drawing.textures import Texture, texture

_MARKED = 0.9  # of figures that can have marks


@dataclass(frozen=True, slots=True)
class Programme:
    """What a scene is of.

    Attributes:
        figure, skin: the species and its texture.
        marks: what is on it; None if nothing.
        ground: the texture behind; None is a plain colour.
        plain: that colour, (3,) from 0 to 1.
        litter: textures of the clutter.
        crowd: about how many individuals there are.
        scale: about how large they are, of half the picture's side.
        grey: whether the scene has no colours at all.
    """

    figure: Species
    skin: Texture
    marks: Marks | None
    ground: Texture | None
    plain: Tensor
    litter: tuple[Texture, ...]
    crowd: float
    scale: float
    grey: bool


def programme(rng: np.random.Generator) -> Programme:
    """A scene's programme."""
    crowd = float(rng.choice([1.0, 1.0, 1.5, 4.0, 12.0]))
    return Programme(
        figure=species(rng),
        skin=texture(rng),
        marks=marks(rng) if rng.random() < 0.6 else None,
        ground=texture(rng) if rng.random() < 0.8 else None,
        plain=_plain_colour(rng),
        litter=tuple(texture(rng) for _ in range(int(rng.integers(1, 3)))) if rng.random() < 0.4 else (),
        crowd=crowd,
        scale=rng.uniform(0.4, 1.4) / crowd**0.4,
        grey=bool(rng.random() < 0.15),
    )


def drawn(rng: np.random.Generator, what: Programme, size: int) -> Tensor:
    """One drawing of a programme, and what is where in it.

    Args:
        rng: draws everything that the programme leaves open.
        what: the programme.
        size: side in pixels.

    Returns:
        (5, size, size) uint8: red, green, blue; how much of each pixel is a figure; how much a mark on one.
    """
    points = plane(size)
    canvas = torch.cat((_ground(rng, what, points), torch.zeros(2, size, size)))
    light = _light(rng)
    _litter(rng, what, canvas, light)
    for _ in range(max(1, int(rng.poisson(what.crowd)))):
        scale = what.scale * math.exp(rng.normal(0.0, 0.15))
        thing = _Thing(individual(rng, what.figure), what.skin, scale, light, what.marks, is_figure=True)
        _lay(rng, canvas, points, thing)
    if rng.random() < 0.3:
        _litter(rng, what, canvas, light)
    photo = _photographed(rng, canvas[:3], grey=what.grey)
    return torch.cat((photo, (canvas[3:].clamp(0.0, 1.0) * 255.0 + 0.5).to(torch.uint8)))


def _litter(rng: np.random.Generator, what: Programme, canvas: Tensor, light: Tensor) -> None:
    """Things that are none of the figures, and hide what lies below them."""
    points = plane(canvas.shape[1])
    for _ in range(int(rng.integers(3, 16)) if what.litter else 0):
        skin = what.litter[int(rng.integers(len(what.litter)))]
        leaf, scale = individual(rng, species(rng)[:2]), 0.15 * rng.pareto(2.5) + 0.06
        _lay(rng, canvas, points, _Thing(leaf, skin, min(scale, 0.8), light, None, is_figure=False))


@dataclass(frozen=True, slots=True)
class _Thing:
    figure: Species
    skin: Texture
    scale: float
    light: Tensor
    marks: Marks | None
    is_figure: bool


def _ground(rng: np.random.Generator, what: Programme, points: Tensor) -> Tensor:
    if what.ground is None:
        return what.plain[:, None, None].expand(3, *points.shape[:2]).clone()
    picture = what.ground(seen_from(rng, points, (0.4, 1.1), 0.5))
    return _blurred(picture, int(rng.choice([0, 0, 1, 2, 3])))


def _light(rng: np.random.Generator) -> Tensor:
    """Its direction times its strength: (2,)."""
    angle, strength = rng.uniform(0.0, 2.0 * math.pi), rng.uniform(0.0, 1.2)
    return strength * torch.tensor([math.cos(angle), math.sin(angle)])


def _lay(rng: np.random.Generator, canvas: Tensor, points: Tensor, thing: _Thing) -> None:
    """Put a thing on the canvas, shaded and with its shadow; only the part that it can reach changes."""
    centre = rng.uniform(-0.6, 0.6, 2)
    box = _reach(centre, 1.3 * thing.scale, points.shape[0])
    here = points[box]
    own = seen_from(rng, (here - torch.tensor(centre, dtype=torch.float32)) / thing.scale, (0.9, 1.1), 0.0)
    stands = height(thing.figure, own)
    pixel = 2.0 / (points.shape[0] * thing.scale)
    mask = (stands / (0.25 * pixel**0.5 + 0.02)).clamp(max=1.0)
    skin, there = thing.skin(seen_from(rng, own, (0.4, 0.9), 0.5)), torch.zeros_like(mask)
    if thing.marks is not None and rng.random() < _MARKED:
        skin, there = marked(rng, thing.marks, own, skin)
    skin = skin * _shading(stands, thing.light / (4.0 * pixel))
    shadow = torch.roll(mask, tuple(int(step) for step in rng.integers(-3, 4, 2)), (0, 1))
    darker = 1.0 - rng.uniform(0.0, 0.5) * _blurred(shadow[None], 2)
    below = canvas[(slice(None), *box)]
    below[:3] *= darker
    of_figure = torch.stack((torch.ones_like(mask), there)) * thing.is_figure
    below += mask * (torch.cat((skin, of_figure)) - below)


def _reach(centre: np.ndarray, reach: float, size: int) -> tuple[slice, slice]:
    """Rows and columns that a thing at a centre can touch, eight at least."""
    first = np.clip(np.floor((centre - reach + 1.0) * size / 2.0), 0, size - 8).astype(int)
    last = np.clip(np.ceil((centre + reach + 1.0) * size / 2.0), first + 8, size).astype(int)
    return slice(int(first[1]), int(last[1])), slice(int(first[0]), int(last[0]))


def _shading(stands: Tensor, light: Tensor) -> Tensor:
    down, across = torch.gradient(_blurred(stands[None], 1)[0])
    return (1.0 + (across * light[0] + down * light[1]).clamp(-0.85, 0.8)).clamp(0.15, 1.8)


def _photographed(rng: np.random.Generator, picture: Tensor, *, grey: bool) -> Tensor:
    """What a camera adds: uneven light, contrast, a disc, blur, noise."""
    side = picture.shape[1]
    if rng.random() < 0.5:
        uneven = spectral_noise(rng, side, 2.5) * rng.uniform(0.05, 0.25)
        picture = picture * (1.0 + uneven).clamp(0.2, 2.0)
    if rng.random() < 0.1:
        seen = plane(side).norm(dim=-1) < rng.uniform(0.7, 1.1)
        picture = torch.where(seen, picture, torch.tensor(float(rng.random() < 0.3)))
    if grey:
        picture = picture.mean(dim=0, keepdim=True).expand(3, -1, -1)
    picture = _blurred(picture, int(rng.choice([0, 0, 0, 1])))
    if rng.random() < 0.5:
        noise = torch.from_numpy(rng.standard_normal(tuple(picture.shape[1:]), dtype=np.float32))
        picture = picture + rng.uniform(0.0, 0.05) * noise
    return (picture.clamp(0.0, 1.0) * 255.0 + 0.5).to(torch.uint8)


def _plain_colour(rng: np.random.Generator) -> Tensor:
    kind = rng.random()
    if kind < 0.35:
        return torch.zeros(3)
    return torch.ones(3) if kind < 0.6 else palette(rng)[0]


def _blurred(picture: Tensor, radius: int) -> Tensor:
    """A box of 2 radius + 1 pixels, twice; the edges keep their mean."""
    if radius == 0:
        return picture
    for _ in range(2):
        picture = avg_pool2d(
            picture[None], 2 * radius + 1, stride=1, padding=radius, count_include_pad=False
        )[0]
    return picture
