"""Explains a prediction by Grad-CAM (Selvaraju et al. 2017, "Visual explanations from deep networks"), and
checks the result.

Only the layers after the saliency stage are differentiated. The layers up to it are a fixed function of the
picture, like a frozen trunk, and are computed by the same engines without gradients; their output is the leaf
of a small graph. So no part of the network needs to be trainable, and no hooks are needed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tldesk.engine.choose_engine import engine_for, evaluator_for, trunk_name
from tldesk.engine.device import Device
from tldesk.engine.trunk import TorchTrunk, TrunkEvaluator
from tldesk.model import LINE_ALL, Preprocessing
from tldesk.model.build import Network
from tldesk.prediction.saliency import FloatMap, weighted_map
from tldesk.prediction.saliency_check import HEADS, SaliencyCheck, check, randomised

_FIRST_LOOK = 32


class Explainer:
    """Computes and checks saliency maps of one network, which is not changed.

    The number of pictures to explain is not known in advance. torch computes the first ones. Each time the
    number of pictures has doubled, the engine is chosen again, assuming that as many more will follow.

    Args:
        network: the complete network, in evaluation mode, on ``device``.
        preprocessing: preprocessing of the pictures.
        device: device to compute on.
        temperature: divisor of the logits, for calibration.
    """

    def __init__(
        self, network: Network, preprocessing: Preprocessing, device: Device, *, temperature: float = 1.0
    ) -> None:
        stage = network.card.saliency_stage
        self._network = network
        self._preprocessing = preprocessing
        self._device = device
        self._temperature = temperature
        self._until = network.until(stage)
        self._stage = stage
        self._engine: TrunkEvaluator | None = None
        self._computed = 0
        self._next_look = _FIRST_LOOK

    def marks(self, pixels: NDArray[np.uint8], class_index: int, row: Tensor | None = None) -> FloatMap:
        """Return the Grad-CAM map of one picture for a class.

        Args:
            pixels: (1, 3, S, S) uint8, the network's input.
            class_index: the class to explain.
            row: the picture's encoded table row, (1, width), on the device; for heads with columns.

        Returns:
            (h, w) float32 at the card's saliency stage, at least 0, not normalised.
        """
        return _array(weighted_map(self._features(pixels), self._after(row), class_index))

    def explain(
        self,
        pixels: NDArray[np.uint8],
        classes: Sequence[str],
        class_index: int | None = None,
        row: Tensor | None = None,
    ) -> tuple[FloatMap, int, SaliencyCheck]:
        """Return the map of one picture, the index of the class that it explains, and its check.

        Args:
            pixels: (1, 3, S, S) uint8, the network's input.
            classes: class names, for the text of the check.
            class_index: the class to explain; None for the predicted one.
            row: as for ``marks``; unchanged while parts of the picture are hidden.
        """
        features, rest = self._features(pixels), self._after(row)
        if class_index is None:
            class_index = int(self._probabilities(features, rest)[0].argmax())
        chosen = class_index

        def probability(pictures: Tensor) -> Tensor:
            return self._probabilities(self._features(pictures.numpy()), rest)[:, chosen]

        marks = _array(weighted_map(features, rest, chosen))
        others = [_with_another_head(rest, seed) for seed in range(HEADS)]
        random_maps = [_array(weighted_map(features, other, chosen)) for other in others]
        result = check(probability, torch.from_numpy(pixels), marks, random_maps, class_name=classes[chosen])
        return marks, chosen, result

    def _after(self, row: Tensor | None) -> nn.Module:
        """Return the module from the saliency stage's output to logits."""
        return self._network.after(self._stage, row)

    def _features(self, pixels: NDArray[np.uint8]) -> Tensor:
        """Return the saliency stage's output, float32, on the device: (n, C, h, w), or tokens."""
        engine = self._chosen_engine()
        self._computed += len(pixels)
        parts = [pixels[start : start + engine.batch] for start in range(0, len(pixels), engine.batch)]
        return torch.from_numpy(np.concatenate(list(engine.stream(parts)))).to(self._device.name)

    def _chosen_engine(self) -> TrunkEvaluator:
        if self._engine is None:
            self._engine = TorchTrunk(self._until, self._preprocessing, self._device)
        elif self._computed >= self._next_look and isinstance(self._engine, TorchTrunk):
            self._next_look = 2 * self._computed
            chosen = engine_for(self._network.card, self._preprocessing, self._device, self._computed)
            found = evaluator_for(self._until, self._name(), self._preprocessing, self._device, chosen)
            self._engine = self._engine if isinstance(found, TorchTrunk) else found
        return self._engine

    def _name(self) -> str:
        """Return the key of the layers up to the map: the trunk before the next stage, or all, unpooled."""
        names = self._network.card.stage_names
        following = names.index(self._network.card.saliency_stage) + 1
        if following < len(names):
            return trunk_name(self._network, names[following])
        return f"{self._network.trunk_hash(LINE_ALL)}-map"

    def _probabilities(self, features: Tensor, rest: nn.Module) -> Tensor:
        with torch.no_grad():
            return torch.softmax(rest(features.clone()).float() / self._temperature, dim=1)


def _with_another_head(rest: nn.Module, seed: int) -> nn.Module:
    *stages, head = rest.children()
    return nn.Sequential(*stages, randomised(head, seed))


def _array(marks: Tensor) -> FloatMap:
    array: FloatMap = marks.float().cpu().numpy()
    return array
