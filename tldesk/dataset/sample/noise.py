"""Smooth random fields, from which soil, wood, leaf blades and mould are drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageFilter

Field = NDArray[np.float32]
"""(H, W) float32."""
Colours = NDArray[np.float32]
"""(3, H, W) float32 RGB, visible range 0..1; as planes, because numpy is slow with colours as last axis."""


def smooth(rng: np.random.Generator, size: int, cells: int, cells_across: int | None = None) -> Field:
    """Return a (size, size) field of about -1..1 with bumps size/cells high and size/cells_across wide."""
    grid = rng.uniform(-1, 1, (cells + 1, (cells_across or cells) + 1)).astype(np.float32)
    return scaled(grid, (size, size))


def fractal(rng: np.random.Generator, size: int, cells: int, octaves: int = 3) -> Field:
    """Return a sum of ``smooth`` fields, each twice as fine and half as strong as the one before."""
    # Summed at half the size, which is fine enough for these bumps and a quarter of the work.
    half = size // 2
    total = smooth(rng, half, cells)
    for octave in range(1, octaves):
        total = total + smooth(rng, half, cells << octave) * np.float32(0.5**octave)
    return scaled(total, (size, size))


def scaled(field: Field, shape: tuple[int, int]) -> Field:
    """Resample a field to (height, width) (bicubic)."""
    image = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    return np.asarray(image.resize(shape[::-1], Image.Resampling.BICUBIC), dtype=np.float32)


def scaled_colours(colours: Colours, size: int) -> Colours:
    """Resample colours to (3, size, size) (bicubic)."""
    return np.stack([scaled(plane, (size, size)) for plane in colours])


def tinted(colour: ArrayLike, tone: NDArray[np.floating]) -> Colours:
    """Return one colour, made lighter and darker by ``tone`` (H, W)."""
    return np.asarray(colour, dtype=np.float32)[:, None, None] * tone.astype(np.float32)


def to_image(colours: Colours) -> Image.Image:
    """Convert colours to an 8-bit RGB picture."""
    return Image.fromarray((np.clip(colours, 0, 1) * 255).astype(np.uint8).transpose(1, 2, 0))


def from_image(image: Image.Image) -> Colours:
    """Convert an RGB picture to colours."""
    return np.ascontiguousarray(np.asarray(image).transpose(2, 0, 1), dtype=np.float32) / np.float32(255)


def blurred(field: Field, radius: float) -> Field:
    """Blur a field of 0..1 by a Gaussian of ``radius`` pixels."""
    if radius <= 0:
        return field
    image = Image.fromarray((np.clip(field, 0, 1) * 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32) / np.float32(255)


def ramp(field: Field, low: float, high: float) -> Field:
    """Map a field to 0 below ``low``, 1 above ``high`` and smoothly in between."""
    t = np.clip((field - low) / (high - low), 0, 1).astype(np.float32)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def paint(below: Colours, colour: ArrayLike, cover: Field) -> Colours:
    """Blend ``colour``, one colour or (3, H, W), over ``below`` with the opacity ``cover`` (0..1)."""
    above = np.asarray(colour, dtype=np.float32)
    above = above[:, None, None] if above.ndim == 1 else above
    return np.asarray(below + (above - below) * cover.astype(np.float32, copy=False), dtype=np.float32)
