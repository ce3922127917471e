"""Saliency maps: computing them (Grad-CAM), and mapping them back to the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tldesk.prediction.saliency_check import SaliencyCheck

FloatMap = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Saliency:
    """A saliency map: how much each pixel of a picture supports a class.

    Attributes:
        pixels: (H, W, 3) uint8 RGB, the upright picture.
        marks: (H, W) float32, 0..1, in the coordinates of the upright picture; 0 where the picture was
            cropped or does not support the class.
        class_name: the class that is explained.
        check: whether the map can be trusted.
    """

    pixels: NDArray[np.uint8]
    marks: FloatMap
    class_name: str
    check: SaliencyCheck


def weighted_map(features: Tensor, rest: nn.Module, class_index: int) -> Tensor:
    """Return the Grad-CAM map: the ReLU of the sum of channels, each weighted by its mean gradient.

    The gradient is that of the class logit, averaged over positions. Tokens are treated as the map of their
    positions; tokens without a position (the class token) are ignored.

    Args:
        features: the saliency stage's map (1, C, h, w), or tokens (1, others + h * h, C) of a square map.
        rest: the module from ``features`` to logits (1, classes).
        class_index: the class to explain.

    Returns:
        (h, w), at least 0.
    """
    with torch.enable_grad():
        leaf = features.detach().requires_grad_()
        # The clone protects the leaf if ``rest`` begins with an in-place operation.
        logit = rest(leaf.clone())[0, class_index]
        (gradient,) = torch.autograd.grad(logit, leaf)
    weights = _places(gradient).mean(dim=(2, 3), keepdim=True)
    return (weights * _places(features.detach())).sum(dim=1)[0].clamp(min=0)


def _places(features: Tensor) -> Tensor:
    """Return a map (1, C, h, w) unchanged; convert tokens to one, without the first ``others`` tokens."""
    if features.dim() == 4:
        return features
    side = math.isqrt(features.shape[1])
    return features[:, -side * side :].transpose(1, 2).reshape(len(features), -1, side, side)


def normalised(marks: FloatMap) -> FloatMap:
    """Return the map divided by its largest value; a map of zeros is unchanged."""
    top = float(marks.max(initial=0.0))
    scaled: FloatMap = marks / np.float32(top) if top > 0 else np.zeros_like(marks)
    return scaled


def spread(marks: FloatMap, box: tuple[float, float, float, float], height: int, width: int) -> FloatMap:
    """Map a saliency map from the network's input to the upright picture.

    Args:
        marks: (h, w) over the network's square input.
        box: left, top, right, bottom of that square in coordinates of the upright picture (px); inside the
            picture if it was cropped, larger than the picture if it was padded.
        height: height of the upright picture in px.
        width: width of the upright picture in px.

    Returns:
        (height, width) float32, interpolated bilinearly between the map's cells; 0 outside the box.
    """
    left, top, right, bottom = box
    rows = _weights(height, top, bottom, marks.shape[0])
    columns = _weights(width, left, right, marks.shape[1])
    whole: FloatMap = (rows @ marks @ columns.T).astype(np.float32, copy=False)
    return whole


def _weights(length: int, low: float, high: float, cells: int) -> FloatMap:
    """Return (length, cells): the weight of each cell of a map over [low, high] at each pixel's centre."""
    at = (np.arange(length) + 0.5 - low) / (high - low) * cells - 0.5
    inside = (at >= -0.5) & (at <= cells - 0.5)
    held = np.clip(at, 0, cells - 1)
    distance = np.abs(held[:, None] - np.arange(cells)[None, :])
    weights: FloatMap = (np.maximum(0, 1 - distance) * inside[:, None]).astype(np.float32)
    return weights
