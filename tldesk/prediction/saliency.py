"""Where the network looked: a saliency map, and its mapping back to the picture."""

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
    """How much each place of a picture spoke for a class.

    Attributes:
        pixels: (H, W, 3) uint8 RGB, the upright picture.
        marks: (H, W) float32, 0..1, in the coordinates of the upright picture; 0 where the network saw
            nothing (cropped away) or what it saw did not speak for the class.
        class_name: the class that is explained.
        check: whether the map can be trusted.
    """

    pixels: NDArray[np.uint8]
    marks: FloatMap
    class_name: str
    check: SaliencyCheck


def weighted_map(features: Tensor, rest: nn.Module, class_index: int) -> Tensor:
    """ReLU of the channels' sum, each weighted by the spatial mean of the class logit's gradient on it.

    A row of tokens counts as the map of its places; a token that stands for no place is left out.

    Args:
        features: the saliency stage's map (1, C, h, w), or tokens (1, others + h * h, C) of a square.
        rest: what makes logits (1, classes) of it.
        class_index: the class that is explained.

    Returns:
        (h, w), at least 0.
    """
    with torch.enable_grad():
        leaf = features.detach().requires_grad_()
        # The clone keeps a network that begins with an in-place operation from touching the leaf.
        logit = rest(leaf.clone())[0, class_index]
        (gradient,) = torch.autograd.grad(logit, leaf)
    weights = _places(gradient).mean(dim=(2, 3), keepdim=True)
    return (weights * _places(features.detach())).sum(dim=1)[0].clamp(min=0)


def _places(features: Tensor) -> Tensor:
    """(1, C, h, w) as it is; (1, others + h * h, C) without the others, which come first."""
    if features.dim() == 4:
        return features
    side = math.isqrt(features.shape[1])
    return features[:, -side * side :].transpose(1, 2).reshape(len(features), -1, side, side)


def normalised(marks: FloatMap) -> FloatMap:
    """The map divided by its largest value; a map of zeros stays one."""
    top = float(marks.max(initial=0.0))
    scaled: FloatMap = marks / np.float32(top) if top > 0 else np.zeros_like(marks)
    return scaled


def spread(marks: FloatMap, box: tuple[float, float, float, float], height: int, width: int) -> FloatMap:
    """Bring a map from what the model sees to the upright picture.

    Args:
        marks: (h, w) over the model's square input.
        box: left, top, right, bottom of that square in upright picture coordinates (px); it lies inside the
            picture where the picture was cropped and around it where it was padded.
        height: of the upright picture, px.
        width: of the upright picture, px.

    Returns:
        (height, width) float32: bilinear between the map's cells, 0 outside the box.
    """
    left, top, right, bottom = box
    rows = _weights(height, top, bottom, marks.shape[0])
    columns = _weights(width, left, right, marks.shape[1])
    whole: FloatMap = (rows @ marks @ columns.T).astype(np.float32, copy=False)
    return whole


def _weights(length: int, low: float, high: float, cells: int) -> FloatMap:
    """(length, cells): how much each cell of a map over [low, high] counts at each pixel's centre."""
    at = (np.arange(length) + 0.5 - low) / (high - low) * cells - 0.5
    inside = (at >= -0.5) & (at <= cells - 0.5)
    held = np.clip(at, 0, cells - 1)
    distance = np.abs(held[:, None] - np.arange(cells)[None, :])
    weights: FloatMap = (np.maximum(0, 1 - distance) * inside[:, None]).astype(np.float32)
    return weights
