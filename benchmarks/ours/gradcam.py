"""Grad-CAM of one picture: tldesk's, and captum's on the whole network, alternating. Usage: MODEL PICTURE"""

from __future__ import annotations

from benchmarks.measuring import emit  # before all else: it times the imports

# isort: split
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from captum.attr import LayerGradCam
from torch import Tensor

from tldesk import Predictor
from tldesk.engine import device_named, normalise, read_input
from tldesk.model.build import Network
from tldesk.model.model_file import ModelFile
from tldesk.prediction.explainer import Explainer
from tldesk.prediction.saliency import normalised

_TIMES = 15
_WARM_UP = 3
_BEFORE = 25
"""Pictures explained before measuring, after which the faster engine is in use."""


def main(model: str, picture: str) -> None:
    """Compute both on the same prepared image, layer and class; captum in both memory formats."""
    content = ModelFile.load(Path(model))
    pixels = read_input(Path(picture), content.preprocessing)[None]
    batch = normalise(torch.from_numpy(pixels), content.preprocessing)
    batch = batch.contiguous(memory_format=torch.channels_last)
    first, later = _explainer(content), _explainer(content)
    for _ in range(_BEFORE):
        later.explain(pixels, content.classes)
    plain, last = content.network(), content.network().to(memory_format=torch.channels_last)
    with torch.no_grad():
        index = int(plain.eval()(batch)[0].argmax())
    programs = {
        "tldesk": lambda: later.marks(pixels, index),
        "tldesk, first pictures": lambda: first.marks(pixels, index),
        "captum": lambda: _captum(plain, batch.contiguous(), index),
        "captum, channels last": lambda: _captum(last, batch, index),
    }
    took = _alternating(programs)
    maps = [normalised(np.asarray(program(), np.float32)) for program in programs.values()]
    predictor = Predictor.open(model)
    for _ in range(_BEFORE):
        predictor.explain(picture, longest_side=512)
    explaining = _alternating({"explain": lambda: predictor.explain(picture, longest_side=512)}, 3)
    emit(
        took={name: statistics.median(times) for name, times in took.items()},
        explain=statistics.median(explaining["explain"]),
        difference=max(float(np.abs(maps[0] - other).max()) for other in maps[1:]),
        shape=list(maps[0].shape),
    )


def _explainer(content: ModelFile) -> Explainer:
    network = content.network().to(memory_format=torch.channels_last)
    return Explainer(network, content.preprocessing, device_named("cpu"))


def _captum(network: Network, batch: Tensor, index: int) -> np.ndarray:
    layer = network.stages[network.card.saliency_stage]
    marks = LayerGradCam(network, layer).attribute(batch, target=index, relu_attributions=True)
    return marks[0, 0].detach().numpy()


def _alternating(programs: Mapping[str, Callable[[], object]], times: int = _TIMES) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {name: [] for name in programs}
    for number in range(_WARM_UP + times):
        for name, program in programs.items():
            began = time.perf_counter()
            program()
            if number >= _WARM_UP:
                took[name].append(time.perf_counter() - began)
    return took


if __name__ == "__main__":
    main(*sys.argv[1:])
