"""Where the network looked: Grad-CAM (Selvaraju et al. 2017, "Visual explanations from deep networks").

Only what comes after the saliency stage is differentiated: the stages before it run once without gradients,
their map becomes the leaf of a small graph. Nothing of the network has to be trainable, nothing is hooked,
and a failure leaves nothing behind on it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tldesk.model.build import Network
from tldesk.prediction.saliency_check import HEADS, SaliencyCheck, check, randomised

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


def grad_cam(network: Network, batch: Tensor, class_index: int) -> FloatMap:
    """The Grad-CAM map of one picture at the card's saliency stage, not normalised.

    Args:
        network: any network with a freeze line; its weights, gradients and modes are as before afterwards.
        batch: (1, 3, S, S) float32, preprocessed, on the network's device.
        class_index: the class that is explained.

    Returns:
        (h, w) float32, at least 0.
    """
    stage = network.card.saliency_stage
    with evaluating(network):
        marks = weighted_map(_features(network, batch), network.after(stage), class_index)
    return _array(marks)


def explain(
    network: Network, batch: Tensor, class_index: int, class_name: str, *, temperature: float = 1.0
) -> tuple[FloatMap, SaliencyCheck]:
    """The map of ``grad_cam`` and its check, the stages before the map computed once for all of it.

    Args:
        network: as for ``grad_cam``.
        batch: (1, 3, S, S) float32, preprocessed, on the network's device.
        class_index: the class that is explained.
        class_name: for the check's text.
        temperature: by which logits are divided to be calibrated.
    """

    def probability(pictures: Tensor) -> Tensor:
        return torch.softmax(network(pictures).float() / temperature, dim=1)[:, class_index]

    with evaluating(network):
        features = _features(network, batch)
        rest = network.after(network.card.saliency_stage)
        marks = _array(weighted_map(features, rest, class_index))
        others = [_with_another_head(rest, seed) for seed in range(HEADS)]
        random_maps = [_array(weighted_map(features, other, class_index)) for other in others]
        result = check(probability, batch, marks, random_maps, class_name=class_name)
    return marks, result


def _features(network: Network, batch: Tensor) -> Tensor:
    with torch.no_grad():
        features: Tensor = network.until(network.card.saliency_stage)(batch)
    return features


def _with_another_head(rest: nn.Module, seed: int) -> nn.Module:
    *stages, head = rest.children()
    return nn.Sequential(*stages, randomised(head, seed))


def _array(marks: Tensor) -> FloatMap:
    array: FloatMap = marks.float().cpu().numpy()
    return array


def weighted_map(features: Tensor, rest: nn.Module, class_index: int) -> Tensor:
    """ReLU of the channels' sum, each weighted by the spatial mean of the class logit's gradient on it.

    Args:
        features: (1, C, h, w) the saliency stage's map.
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
    weights = gradient.mean(dim=(2, 3), keepdim=True)
    return (weights * features.detach()).sum(dim=1)[0].clamp(min=0)


def normalised(marks: FloatMap) -> FloatMap:
    """The map divided by its largest value; a map of zeros stays one."""
    top = float(marks.max(initial=0.0))
    scaled: FloatMap = marks / np.float32(top) if top > 0 else np.zeros_like(marks)
    return scaled


@contextlib.contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """The network in evaluation mode; each module's own mode is put back, also after an error."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


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
