"""Draws one picture: ground, shadow, leaf with its marks, then effects of weather and camera."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from tldesk.dataset.sample import leaf_marks
from tldesk.dataset.sample.grounds import ground
from tldesk.dataset.sample.leaf import LeafMap, Style, blade_colours, leaf_map, light, random_pose, sheen
from tldesk.dataset.sample.noise import Colours, Field, blurred, paint, ramp, smooth, tinted, to_image

_OVERSAMPLING = 1.25
_DISEASES = {"rust": leaf_marks.rust, "mildew": leaf_marks.mildew, "blight": leaf_marks.blight}
_LOOK_ALIKES = (
    (leaf_marks.yellowing, 0.2),
    (leaf_marks.dirt, 0.22),
    (leaf_marks.scorch, 0.16),
    (leaf_marks.glare, 0.12),
    (leaf_marks.drops, 0.2),
)


def draw_photo(rng: np.random.Generator, style: Style, kind: str, ground_kind: str, side: int) -> Image.Image:
    """Draw a leaf of one plant with the disease ``kind``, or "healthy", as a (side, side) RGB picture."""
    size = int(side * _OVERSAMPLING)
    leaf = leaf_map(style, random_pose(rng), size)
    colours = blade_colours(rng, leaf)
    for mark, chance in _LOOK_ALIKES[:3]:
        colours = mark(rng, leaf, colours) if rng.random() < chance else colours
    if kind in _DISEASES:
        colours = _DISEASES[kind](rng, leaf, colours, 0.27 + 0.73 * float(rng.beta(1.2, 1.6)))
    colours = paint(colours * light(rng, leaf), (0.93, 0.96, 1.0), sheen(rng, leaf))
    for mark, chance in _LOOK_ALIKES[3:]:
        colours = mark(rng, leaf, colours) if rng.random() < chance else colours
    return _expose(rng, _assemble(rng, leaf, colours, ground(rng, ground_kind, size)), side)


def _assemble(rng: np.random.Generator, leaf: LeafMap, blade: Colours, behind: Colours) -> Colours:
    eaten = leaf_marks.holes(rng, leaf) if rng.random() < 0.25 else np.zeros_like(leaf.u)
    cover: Field = leaf.inside * (1 - eaten)
    browned = blurred(eaten, leaf.size / 170) * (1 - eaten)
    blade = paint(blade, (0.42, 0.33, 0.16), np.clip(browned * 1.6, 0, 0.8).astype(np.float32))
    whole = np.maximum(cover, leaf.stalk)
    pale = tuple(0.8 * value + 0.12 for value in leaf.style.colour)
    scene = _shade(rng, behind, whole)
    scene = paint(scene, (pale[0] * 1.1, pale[1], pale[2]), leaf.stalk)
    return paint(scene, blade, cover)


def _shade(rng: np.random.Generator, behind: Colours, cover: Field) -> Colours:
    """Draw the leaf's shadow on the ground; the higher the leaf, the farther away and softer it is."""
    height = float(rng.uniform(0.004, 0.03))
    down, right = (int(value * cover.shape[0] * height) for value in rng.uniform(-1, 1, 2))
    shadow = blurred(np.roll(cover, (down, right), axis=(0, 1)), cover.shape[0] * height * 0.5)
    return np.asarray(behind * (1 - np.float32(rng.uniform(0.35, 0.7)) * shadow), dtype=np.float32)


def _expose(rng: np.random.Generator, scene: Colours, side: int) -> Image.Image:
    size = scene.shape[1]
    if rng.random() < 0.35:  # shadows of a tree above
        dapple = ramp(smooth(rng, size, int(rng.integers(3, 7))), -0.15, 0.25)
        scene = scene * (1 - float(rng.uniform(0.25, 0.5)) * dapple)
    y, x = np.ogrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    vignette = 1 - float(rng.uniform(0.02, 0.2)) * (x * x + y * y) / 2
    sun = 1 + float(rng.uniform(-0.15, 0.15)) * x + float(rng.uniform(-0.15, 0.15)) * y
    white_balance = rng.normal(1, 0.03, 3).astype(np.float32)
    exposed = scene * tinted(white_balance, vignette * sun * float(rng.uniform(0.78, 1.28)))
    image = to_image(exposed).resize((side, side), Image.Resampling.LANCZOS)
    image = image.point(_film(float(rng.uniform(0.8, 1.0))))
    image = image.filter(ImageFilter.GaussianBlur(max(0.0, float(rng.normal(0.25, 0.45))) * side / 256))
    grain = rng.standard_normal((side, side, 3), dtype=np.float32) * np.float32(rng.uniform(0.5, 5))
    noisy = np.asarray(image, dtype=np.float32) + grain
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def _film(gamma: float) -> list[int]:
    """Return a tone curve for three channels of 0..255 with a soft shoulder, to avoid hard clipping."""
    level = (np.arange(256) / 255) ** gamma
    curve = np.where(level > 0.75, 0.75 + np.tanh((level - 0.75) * 3) / np.tanh(0.75) * 0.25, level)
    return [round(value) for value in (curve * 255).tolist()] * 3
