"""Draws the marks on a leaf: those of three diseases, and harmless ones that look similar."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tldesk.dataset.sample.leaf import LeafMap, half_width, place
from tldesk.dataset.sample.noise import Colours, Field, fractal, paint, ramp, smooth, tinted


def rust(rng: np.random.Generator, leaf: LeafMap, colours: Colours, severity: float) -> Colours:
    """Draw small orange-brown pustules, each in a yellow ring, in loose swarms."""
    pustule = np.array([0.66, 0.30, 0.08]) * rng.uniform(0.7, 1.15) + rng.uniform(-0.04, 0.04, 3)
    halo = np.array([0.68, 0.62, 0.20]) * rng.uniform(0.8, 1.1)
    swarms = [_spot(rng, leaf) for _ in range(int(rng.integers(1, 5)))]
    cover, yellow = np.zeros_like(leaf.u), np.zeros_like(leaf.u)
    for _ in range(int(10 + 95 * severity)):
        centre = swarms[int(rng.integers(len(swarms)))] if rng.random() < 0.6 else _spot(rng, leaf)
        at = (centre[0] + rng.normal(0, 0.09), centre[1] + rng.normal(0, 0.06))
        radius = float(rng.uniform(0.005, 0.014) * (1 + 0.5 * severity))
        _dab(cover, leaf, at, radius, float(rng.uniform(0.6, 1.0)), rough=rng)
        _dab(
            yellow, leaf, at, radius * float(rng.uniform(1.8, 3.2)), float(rng.uniform(0.25, 0.6)), soft=True
        )
    colours = paint(colours, halo, yellow)
    grain = 1 + 0.16 * smooth(rng, leaf.size, leaf.size // 4)
    return paint(colours, tinted(pustule, grain), cover)


def mildew(rng: np.random.Generator, leaf: LeafMap, colours: Colours, severity: float) -> Colours:
    """Draw white, powdery patches with frayed edges, through which the green is visible."""
    powder = np.array([0.87, 0.88, 0.84]) * rng.uniform(0.82, 1.04)
    patches = np.zeros_like(leaf.u)
    for _ in range(int(rng.integers(3, 6) + 9 * severity)):
        _dab(
            patches,
            leaf,
            _spot(rng, leaf),
            float(rng.uniform(0.035, 0.11)),
            float(rng.uniform(0.5, 1)),
            soft=True,
        )
    frayed = patches + 0.26 * fractal(rng, leaf.size, 14, 4)
    dust = 0.75 + 0.5 * rng.random(leaf.u.shape, dtype=np.float32)
    cover = ramp(frayed, 0.16, 0.75) * np.clip(dust, 0, 1) * float(0.55 + 0.4 * severity)
    return paint(colours, powder, np.clip(cover, 0, 0.92).astype(np.float32))


def blight(rng: np.random.Generator, leaf: LeafMap, colours: Colours, severity: float) -> Colours:
    """Draw a few large brown lesions with rings and a yellow border, often from the edge inwards."""
    dead = np.array([0.36, 0.25, 0.14]) * rng.uniform(0.65, 1.25) + rng.uniform(-0.03, 0.03, 3)
    wobble = 0.5 * fractal(rng, leaf.size, 7, 3)
    for _ in range(int(1 + rng.integers(0, 2) + 3 * severity)):
        u, v = _spot(rng, leaf, at_edge=rng.random() < 0.6)
        radius = float(rng.uniform(0.05, 0.10) + 0.09 * severity)
        x, y = place(leaf, u, v)
        far = _distance(leaf, x, y, float(rng.uniform(0.7, 1.4))) / radius + wobble
        rings = 1 + 0.10 * np.sin(far * float(rng.uniform(12, 22)))
        colours = paint(colours, (0.66, 0.60, 0.22), (1 - ramp(far, 0.95, 1.5)) * np.float32(0.75))
        wound = tinted(dead, rings * (0.8 + 0.35 * np.clip(far, 0, 1)))
        colours = paint(colours, wound, (1 - ramp(far, 0.86, 1.06)) * np.float32(0.94))
    return colours


def yellowing(rng: np.random.Generator, leaf: LeafMap, colours: Colours) -> Colours:
    """Draw yellowing from the edge, the tip or between the veins: age or lack of nutrients, no disease."""
    kind = int(rng.integers(3))
    if kind == 0:
        cover = 1 - ramp(leaf.edge, 0.01, float(rng.uniform(0.04, 0.1)))
    elif kind == 1:
        cover = ramp(leaf.u, float(rng.uniform(0.4, 0.7)), 1.05)
    else:
        cover = ramp(fractal(rng, leaf.size, 4), -0.1, 0.9)
    tint = np.array([0.72, 0.66, 0.22]) * rng.uniform(0.8, 1.1)
    return paint(colours, tint, cover * np.float32(rng.uniform(0.3, 0.75)))


def dirt(rng: np.random.Generator, leaf: LeafMap, colours: Colours) -> Colours:
    """Draw splashes of soil: similar to rust, but dull, without rings and of all sizes."""
    cover = np.zeros_like(leaf.u)
    for _ in range(int(rng.integers(8, 50))):
        _dab(
            cover,
            leaf,
            _spot(rng, leaf),
            float(rng.uniform(0.002, 0.011)),
            float(rng.uniform(0.4, 0.9)),
            rough=rng,
        )
    tint = np.array([0.34, 0.25, 0.17]) * rng.uniform(0.6, 1.3)
    return paint(colours, tint, cover)


def scorch(rng: np.random.Generator, leaf: LeafMap, colours: Colours) -> Colours:
    """Draw a dry brown tip or rim, from sun or salt: similar to blight, but thin and without a border."""
    at_tip = rng.random() < 0.5
    depth = ramp(leaf.u, float(rng.uniform(0.86, 0.95)), 1.0) if at_tip else 1 - ramp(leaf.edge, 0.0, 0.022)
    frayed = ramp(depth + 0.3 * fractal(rng, leaf.size, 12), 0.45, 0.75)
    tint = np.array([0.50, 0.37, 0.20]) * rng.uniform(0.8, 1.1)
    return paint(colours, tint, frayed * np.float32(0.85))


def drops(rng: np.random.Generator, leaf: LeafMap, colours: Colours) -> Colours:
    """Draw water drops: dark upper rim, light lower rim and a highlight; from afar as white as mildew."""
    body, spark, glow = (np.zeros_like(leaf.u) for _ in range(3))
    for _ in range(int(rng.integers(4, 22))):
        at, radius = _spot(rng, leaf), float(rng.uniform(0.006, 0.022))
        _dab(body, leaf, at, radius, 0.28)
        _dab(glow, leaf, (at[0] + radius * 0.3, at[1] + radius * 0.3), radius * 0.62, 0.5, soft=True)
        _dab(spark, leaf, (at[0] - radius * 0.35, at[1] - radius * 0.35), radius * 0.3, 0.95, soft=True)
    wet = paint(paint(colours, (0.08, 0.14, 0.07), body), (0.75, 0.85, 0.7), glow)
    return paint(wet, (1.0, 1.0, 1.0), spark)


def glare(rng: np.random.Generator, leaf: LeafMap, colours: Colours) -> Colours:
    """Draw reflections of the sky on a waxy blade: white like mildew, but smooth and along the veins."""
    patch = ramp(smooth(rng, leaf.size, 5) + 0.3 * np.sin(leaf.u * 40 - np.abs(leaf.v) * 30), 0.35, 1.0)
    return paint(colours, (0.88, 0.92, 0.95), patch * np.float32(rng.uniform(0.3, 0.65)))


def holes(rng: np.random.Generator, leaf: LeafMap) -> Field:
    """Return the holes eaten by insects, as a field of 0..1 to be cut out of the blade."""
    cover = np.zeros_like(leaf.u)
    for _ in range(int(rng.integers(1, 7))):
        spot = _spot(rng, leaf, at_edge=rng.random() < 0.3)
        for _ in range(int(rng.integers(1, 4))):
            at = (spot[0] + rng.normal(0, 0.012), spot[1] + rng.normal(0, 0.012))
            _dab(cover, leaf, at, float(rng.uniform(0.008, 0.024)), 1.0, rough=rng)
    return cover


def _spot(rng: np.random.Generator, leaf: LeafMap, *, at_edge: bool = False) -> tuple[float, float]:
    """Return a random point (u, v) on the blade."""
    u = float(rng.uniform(0.1, 0.93))
    half = float(half_width(leaf.style, np.array(u, dtype=np.float32)))
    share = rng.uniform(0.8, 1.0) * rng.choice([-1, 1]) if at_edge else rng.uniform(-0.9, 0.9)
    return u, float(share * half)


def _distance(leaf: LeafMap, x: float, y: float, stretch: float) -> Field:
    """Return the distance of each pixel from (x, y), in leaf lengths, stretched along the picture's rows."""
    rows, columns = np.ogrid[0 : leaf.size, 0 : leaf.size]
    scale = leaf.size * leaf.pose.length
    return np.asarray(
        np.hypot((columns - x) / scale * stretch, (rows - y) / scale / stretch), dtype=np.float32
    )


def _dab(
    field: Field,
    leaf: LeafMap,
    at: tuple[float, float],
    radius: float,
    strength: float,
    *,
    soft: bool = False,
    rough: np.random.Generator | None = None,
) -> None:
    """Raise ``field`` to ``strength`` in a disc around a point of the leaf, touching only pixels near it."""
    x, y = place(leaf, *at)
    reach = radius * leaf.size * leaf.pose.length
    for rows, columns in _window(leaf.size, x, y, reach * 1.6 + 2):
        dy, dx = np.ogrid[rows, columns]
        far = np.hypot(dx - x, dy - y)
        if rough is not None:
            turn = np.arctan2(dy - y, dx - x)
            a, b = rough.uniform(0, 6.28, 2)
            far = far * (1 + 0.18 * np.sin(2 * turn + a) + 0.12 * np.sin(3 * turn + b))
        disc = np.exp(-((far / reach) ** 2) * 1.4) if soft else np.clip(reach - far + 0.5, 0, 1)
        part = field[rows, columns]
        np.maximum(part, disc.astype(np.float32) * np.float32(strength), out=part)


def _window(size: int, x: float, y: float, reach: float) -> Iterator[tuple[slice, slice]]:
    top, left = max(0, int(y - reach)), max(0, int(x - reach))
    bottom, right = min(size, int(y + reach) + 1), min(size, int(x + reach) + 1)
    if top < bottom and left < right:
        yield slice(top, bottom), slice(left, right)
