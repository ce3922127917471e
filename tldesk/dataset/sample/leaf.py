"""A leaf as fields over the picture: where it is, its own coordinates, its veins, its colours and its light.

In the leaf's own coordinates ``u`` runs along the midrib from 0 (stalk) to 1 (tip) and ``v`` across, both in
leaf lengths; everything on a leaf is drawn in them, so it bends and turns with the leaf.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tldesk.dataset.sample.noise import Colours, Field, fractal, paint, ramp, smooth, tinted


@dataclass(frozen=True, slots=True)
class Style:
    """The common properties of the leaves of one plant. Lengths are in leaf lengths."""

    width: float
    base: float  # how blunt the stalk's end is
    tip: float  # how blunt the tip is
    lobes: int
    lobe_depth: float
    teeth: int
    tooth_depth: float
    veins: int
    vein_slant: float
    colour: tuple[float, float, float]
    vein_light: float
    gloss: float


@dataclass(frozen=True, slots=True)
class Pose:
    """The position of a leaf in the picture: centre and length in picture sides, angles in radians."""

    x: float
    y: float
    length: float
    angle: float
    bend: float
    skew: float
    fold: float


@dataclass(frozen=True, slots=True)
class LeafMap:
    """A leaf in a picture, as (size, size) fields."""

    style: Style
    pose: Pose
    u: Field
    v: Field
    edge: Field  # how far inside the outline, across, in leaf lengths; negative outside
    inside: Field  # 0..1, antialiased, without the stalk
    stalk: Field  # 0..1

    @property
    def size(self) -> int:
        """The picture's side in pixels."""
        return int(self.u.shape[0])


def random_style(rng: np.random.Generator) -> Style:
    """Return a random plant: willow to lime, smooth, toothed or lobed, yellow-green to blue-green."""
    lobed = rng.random() < 0.2
    green = np.array([0.27, 0.47, 0.16])
    tint = rng.uniform(-1, 1)
    colour = (green + tint * np.array([0.09, 0.03, -0.04])) * rng.uniform(0.65, 1.2)
    return Style(
        width=float(rng.uniform(0.42, 0.74)),
        base=float(rng.uniform(0.38, 0.8)),
        tip=float(rng.uniform(0.55, 1.15)),
        lobes=int(rng.integers(3, 6)) if lobed else 0,
        lobe_depth=float(rng.uniform(0.10, 0.24)),
        teeth=int(rng.integers(14, 46)),
        tooth_depth=float(rng.uniform(0.02, 0.10)) if rng.random() < 0.6 else 0.0,
        veins=int(rng.integers(6, 13)),
        vein_slant=float(rng.uniform(0.5, 1.2)),
        colour=(float(colour[0]), float(colour[1]), float(colour[2])),
        vein_light=float(rng.uniform(0.15, 0.6)),
        gloss=max(0.0, float(rng.uniform(-0.1, 0.3))),
    )


def random_pose(rng: np.random.Generator, scale: float = 1.0, spread: float = 0.07) -> Pose:
    """Return a random pose near the middle (within ``spread``), at any angle."""
    return Pose(
        x=float(0.5 + rng.uniform(-spread, spread)),
        y=float(0.5 + rng.uniform(-spread, spread)),
        length=float(rng.uniform(0.84, 1.12) * scale),
        angle=float(rng.uniform(0, 2 * np.pi)),
        bend=float(rng.uniform(-0.09, 0.09)),
        skew=float(rng.uniform(-0.14, 0.14)),
        fold=float(rng.uniform(-0.22, 0.22)),
    )


def leaf_map(style: Style, pose: Pose, size: int) -> LeafMap:
    """Place a leaf of ``style`` in a picture of ``size`` x ``size`` pixels."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    dx, dy = x / size - pose.x, y / size - pose.y
    cos, sin = np.float32(np.cos(pose.angle)), np.float32(np.sin(pose.angle))
    u = (dx * cos + dy * sin) / np.float32(pose.length) + np.float32(0.5)
    v = (dy * cos - dx * sin) / np.float32(pose.length)
    v = v - _midrib(pose, u)
    half = half_width(style, u) * (1 + np.float32(pose.skew) * np.sign(v))
    edge = half - np.abs(v)
    sharp = np.float32(size * pose.length * 0.5)
    inside = np.clip(edge * sharp + 0.5, 0, 1) * ((u > 0) & (u < 1))
    thickness = np.float32(0.011) - np.float32(0.004) * np.clip(-u * 4, 0, 1)
    stalk = np.clip((thickness - np.abs(v)) * sharp + 0.5, 0, 1) * ((u > -0.24) & (u < 0.05))
    return LeafMap(style, pose, u, v, edge, inside.astype(np.float32), stalk.astype(np.float32))


def half_width(style: Style, u: Field) -> Field:
    """Return the outline: half the leaf's width at ``u``, in leaf lengths; 0 beyond its ends."""
    along = np.clip(u, 1e-4, 1 - 1e-4)
    peak = style.base / (style.base + style.tip)
    top = peak**style.base * (1 - peak) ** style.tip
    half = along**style.base * (1 - along) ** style.tip / top * (style.width / 2)
    if style.lobes:
        half = half * (1 - style.lobe_depth * (0.5 - 0.5 * np.cos(2 * np.pi * style.lobes * along**0.8)))
    teeth = style.tooth_depth * (along * style.teeth % 1.0)
    return np.asarray(half * (1 - teeth), dtype=np.float32)


def place(leaf: LeafMap, u: float, v: float) -> tuple[float, float]:
    """Return the position (x, y) in pixels of the leaf's point (u, v)."""
    pose = leaf.pose
    across = v + float(_midrib(pose, np.float32(u)))
    cos, sin = np.cos(pose.angle), np.sin(pose.angle)
    along = u - 0.5
    x = pose.x + pose.length * (along * cos - across * sin)
    y = pose.y + pose.length * (along * sin + across * cos)
    return float(x * leaf.size), float(y * leaf.size)


def blade_colours(rng: np.random.Generator, leaf: LeafMap) -> Colours:
    """Return the colours of a healthy blade with its veins, without lighting."""
    style = leaf.style
    mottle = fractal(rng, leaf.size, 5, 4)
    across = np.clip(np.abs(leaf.v) / (style.width / 2), 0, 1)
    tone = 1 + 0.13 * mottle - 0.14 * across + 0.05 * smooth(rng, leaf.size, 2)
    colours = tinted(style.colour, tone)
    colours[0] *= 1 + 0.10 * mottle
    pale = np.array(style.colour) * 1.25 + np.array([0.14, 0.14, 0.05])
    colours = paint(colours, pale, veins(leaf) * np.float32(style.vein_light + 0.25))
    rim = 1 - ramp(leaf.edge, 0.0, 0.012)
    return np.asarray(colours * (1 - 0.25 * rim), dtype=np.float32)


def veins(leaf: LeafMap) -> Field:
    """Return the midrib, the side veins and a faint net between them, as a field of 0..1."""
    v = np.abs(leaf.v)
    rib = np.exp(-((v / (0.0105 - 0.007 * np.clip(leaf.u, 0, 1))) ** 2))
    phase = _side_phase(leaf)
    near = np.abs(phase % 1.0 - 0.5) / leaf.style.veins
    fade = np.clip(1 - v / (leaf.style.width * 0.55), 0.1, 1)
    side = np.exp(-((near / (0.0048 * fade + 0.0012)) ** 2)) * (0.35 + 0.5 * fade)
    net = np.abs((phase * 4 + np.sin(v * 160) * 0.35) % 1.0 - 0.5)
    fine = (net < 0.07) * np.float32(0.12)
    return np.asarray(np.maximum(np.maximum(rib, side), fine), dtype=np.float32)


def light(rng: np.random.Generator, leaf: LeafMap) -> Field:
    """Return the light on each point of the blade, which is folded at the midrib and convex between veins."""
    fold = leaf.pose.fold * np.tanh(leaf.v / 0.035)
    puff = (
        0.055 * np.sin(2 * np.pi * _side_phase(leaf)) * np.sign(leaf.v) * np.clip(np.abs(leaf.v) * 12, 0, 1)
    )
    slope = float(rng.uniform(-0.16, 0.16)) * (leaf.u - 0.5) * 2
    groove = -0.16 * np.exp(-(((np.abs(leaf.v) - 0.012) / 0.008) ** 2))
    return np.asarray(1 + fold + puff + slope + groove + 0.05 * smooth(rng, leaf.size, 5), dtype=np.float32)


def sheen(rng: np.random.Generator, leaf: LeafMap) -> Field:
    """Return the reflection of the sky on a glossy blade, 0..1: soft streaks along one half."""
    side = float(rng.choice([-1.0, 1.0])) * leaf.style.width * 0.2
    streak = np.exp(-(((leaf.v - side) / (leaf.style.width * 0.13)) ** 2))
    broken = ramp(fractal(rng, leaf.size, 6) + 0.25 * np.sin(2 * np.pi * _side_phase(leaf)), -0.2, 0.9)
    return np.asarray(streak * broken * leaf.style.gloss, dtype=np.float32)


def _midrib(pose: Pose, u: Field | np.float32) -> Field:
    return np.asarray(pose.bend * 4 * u * (1 - u), dtype=np.float32)


def _side_phase(leaf: LeafMap) -> Field:
    """Return the phase of the side veins, which curve to the tip and alternate left and right.

    A point is on a vein where the phase is an integer plus one half.
    """
    v = np.abs(leaf.v)
    start = leaf.u - v * leaf.style.vein_slant - 0.6 * v * v
    return np.asarray(start * leaf.style.veins + 0.4 * (leaf.v > 0), dtype=np.float32)
