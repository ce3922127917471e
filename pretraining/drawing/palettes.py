"""Colours for fields of numbers."""

from __future__ import annotations

import colorsys

import numpy as np
import torch
from torch import Tensor

_GREY = 0.15  # share of palettes without any colour
_WIDE = 0.3  # share of palettes that go once through many hues


def palette(rng: np.random.Generator) -> Tensor:
    """Two to five colours between which a field moves; (count, 3) from 0 to 1."""
    count = int(rng.integers(2, 6))
    values = _values(rng, count)
    if rng.random() < _GREY:
        return torch.tensor(np.repeat(values[:, None], 3, axis=1), dtype=torch.float32)
    hue, spread = rng.random(), 0.35 if rng.random() < _WIDE else 0.06
    saturation = rng.beta(1.6, 2.0)
    colours = [
        colorsys.hsv_to_rgb(
            (hue + rng.normal(0.0, spread)) % 1.0,
            float(np.clip(saturation + rng.normal(0.0, 0.15), 0.0, 1.0)),
            float(value),
        )
        for value in values
    ]
    return torch.tensor(colours, dtype=torch.float32)


def coloured(field: Tensor, colours: Tensor, gain: float) -> Tensor:
    """A field of numbers in the colours of a palette; (3, height, width) from 0 to 1.

    Args:
        field: (height, width), about mean 0 and deviation 1.
        colours: (count, 3).
        gain: how steeply the field passes through the colours.
    """
    place = torch.sigmoid(gain * field) * (len(colours) - 1)
    below = place.floor().clamp(max=len(colours) - 2)
    share = (place - below)[..., None]
    index = below.long()
    return (colours[index] * (1.0 - share) + colours[index + 1] * share).permute(2, 0, 1)


def _values(rng: np.random.Generator, count: int) -> np.ndarray:
    middle, reach = rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.6)
    values = np.clip(middle + reach * rng.uniform(-1.0, 1.0, count), 0.0, 1.0)
    return np.sort(values) if rng.random() < 0.5 else values
