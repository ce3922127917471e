"""Draws the backgrounds of the leaves: soil, wood, gravel, other leaves, cloth."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tldesk.dataset.sample.leaf import blade_colours, leaf_map, random_pose, random_style
from tldesk.dataset.sample.noise import (
    Colours,
    fractal,
    from_image,
    paint,
    scaled_colours,
    smooth,
    tinted,
    to_image,
)

_CORNERS = 8
_STONE_LAYERS = ((1.15, 0.14, 0.45), (1.0, 0.0, 0.9), (0.65, -0.12, 1.08))  # size, shift, light

KINDS = ("soil", "wood", "gravel", "leaves", "cloth")


def ground(rng: np.random.Generator, kind: str, size: int) -> Colours:
    """Draw a (3, size, size) background of one of ``KINDS``, slightly out of focus."""
    drawn = _DRAWERS[kind](rng, size // 2)
    focus = float(rng.uniform(0.2, 1.6)) * size / 512
    return scaled_colours(from_image(to_image(drawn).filter(ImageFilter.GaussianBlur(focus))), size)


def _soil(rng: np.random.Generator, size: int) -> Colours:
    base = np.array([0.36, 0.26, 0.18]) * rng.uniform(0.6, 1.35) + rng.uniform(-0.03, 0.03, 3)
    clods = fractal(rng, size, 10, 4)
    grain = rng.normal(0, 0.05, (size, size)).astype(np.float32)
    image = to_image(tinted(base, 1 + 0.32 * clods + grain))
    pen = ImageDraw.Draw(image)
    count = int(rng.integers(8, 40))
    _stones(rng, pen, size, count, radii=(0.004, 0.018), greys=(0.4, 0.8), warm=0.06)
    for _ in range(int(rng.integers(0, 14))):
        _straw(rng, pen, size)
    return from_image(image)


def _wood(rng: np.random.Generator, size: int) -> Colours:
    base = np.array([0.62, 0.46, 0.31]) * rng.uniform(0.55, 1.25) + rng.uniform(-0.04, 0.04, 3)
    waves = smooth(rng, size, 3, 2) * 1.5
    rows = np.linspace(0, float(rng.uniform(25, 60)), size, dtype=np.float32)[:, None]
    rings = np.sin(rows + waves * 3).astype(np.float32)
    fibre = smooth(rng, size, size // 2, 6)
    colours = tinted(base, 1 + 0.07 * rings + 0.10 * fibre + 0.05 * waves)
    planks = int(rng.integers(2, 5))
    for n in range(1, planks):
        row = int(size * (n + rng.uniform(-0.1, 0.1)) / planks)
        colours[:, row : row + max(1, size // 90)] *= np.float32(0.35)
    return np.rot90(colours, int(rng.integers(0, 2)), axes=(1, 2)).copy()


def _gravel(rng: np.random.Generator, size: int) -> Colours:
    image = Image.new("RGB", (size, size), (58, 54, 50))
    pen = ImageDraw.Draw(image)
    warm = float(rng.uniform(-0.03, 0.08))
    _stones(rng, pen, size, 240, radii=(0.02, 0.06), greys=(0.34, 0.7), warm=warm)
    grain = rng.normal(1, 0.06, (size, size)).astype(np.float32)
    return from_image(image) * grain


def _leaves(rng: np.random.Generator, size: int) -> Colours:
    shade = np.array([0.10, 0.15, 0.08]) * rng.uniform(0.6, 1.4)
    colours = tinted(shade, 1 + 0.3 * fractal(rng, size, 6))
    for n in range(int(rng.integers(7, 12))):
        style = random_style(rng)
        pose = random_pose(rng, scale=float(rng.uniform(0.45, 0.9)), spread=0.55)
        leaf = leaf_map(style, pose, size)
        depth = np.float32(0.45 + 0.05 * n)
        colours = paint(colours, blade_colours(rng, leaf) * depth, leaf.inside)
    return colours


def _cloth(rng: np.random.Generator, size: int) -> Colours:
    base = rng.choice(
        np.array([[0.82, 0.80, 0.76], [0.35, 0.40, 0.48], [0.63, 0.58, 0.52], [0.22, 0.22, 0.24]])
    )
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    pitch = float(rng.uniform(1.6, 2.6))
    weave = np.sin(x * pitch) * np.sin(y * pitch)
    folds = smooth(rng, size, 3)
    return tinted(base, 1 + 0.05 * weave + 0.16 * folds)


def _stones(
    rng: np.random.Generator,
    pen: ImageDraw.ImageDraw,
    size: int,
    count: int,
    *,
    radii: tuple[float, float],
    greys: tuple[float, float],
    warm: float,
) -> None:
    """Draw ``count`` stones, each as a dark rim, a body and a lit top, shifted towards the light."""
    middle, radius = rng.uniform(0, size, (count, 1, 2)), rng.uniform(*radii, (count, 1)) * size
    angles = np.sort(rng.uniform(0, 2 * np.pi, (count, _CORNERS)), axis=1)
    reach = radius * rng.uniform(0.75, 1.2, (count, _CORNERS))
    corners = np.stack([np.cos(angles) * reach, np.sin(angles) * reach], axis=2)
    layers = [middle + corners * factor + radius[:, :, None] * shift for factor, shift, _ in _STONE_LAYERS]
    rings = np.stack(layers, axis=1).reshape(count, len(layers), -1).tolist()
    for grey, stone in zip(rng.uniform(*greys, count).tolist(), rings, strict=True):
        for ring, (_, _, light) in zip(stone, _STONE_LAYERS, strict=True):
            pen.polygon(ring, fill=_rgb((grey + warm, grey, grey - warm), light))


def _straw(rng: np.random.Generator, pen: ImageDraw.ImageDraw, size: int) -> None:
    x, y = rng.uniform(0, size, 2)
    angle, reach = rng.uniform(0, np.pi), rng.uniform(0.03, 0.14) * size
    end = (x + np.cos(angle) * reach, y + np.sin(angle) * reach)
    pen.line(
        [(x, y), end],
        fill=_rgb((0.66, 0.55, 0.36), float(rng.uniform(0.6, 1.1))),
        width=max(1, size // 200),
    )


def _rgb(colour: tuple[float, float, float], light: float) -> tuple[int, int, int]:
    red, green, blue = (min(255, max(0, int(value * light * 255))) for value in colour)
    return red, green, blue


_DRAWERS = {"soil": _soil, "wood": _wood, "gravel": _gravel, "leaves": _leaves, "cloth": _cloth}
