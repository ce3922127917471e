"""OpenVINO alone, on tensors that are ready. Usage: WEIGHTS IMAGES_COUNT

mobilenet_v2's features and pool, converted once; uint8 NCHW input, normalised inside; throughput hint,
asynchronous requests, bf16 where the processor has it. Several batch sizes are tried and the fastest counts.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import openvino as ov
import torch
import torchvision
from numpy.typing import NDArray
from openvino.preprocess import PrePostProcessor
from torch import nn

from benchmarks.measuring import emit  # isort: split - before all else: it times the imports

_BATCHES = (1, 2, 4, 8, 16)
_ROUNDS = 3
_TRIED = 128
_WIDTH = 1280


class Pooled(nn.Module):
    """Pictures to pooled features."""

    def __init__(self, features: nn.Module) -> None:
        super().__init__()
        self.features = features

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """(n, 3, 224, 224) to (n, 1280)."""
        return self.features(pictures).mean(dim=(2, 3))


def main(weights: str, count: str) -> None:
    """Images a second: the median of three rounds at the batch size that is best in a short try."""
    core = ov.Core()
    precision = "bf16" if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"
    pictures = np.random.default_rng(0).integers(0, 256, (int(count), 3, 224, 224), dtype=np.uint8)
    wanted = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": precision}
    compiled = core.compile_model(_model(weights), "CPU", wanted)
    _rate(compiled, pictures[:_TRIED], 1)  # warm
    tried = {batch: _rate(compiled, pictures[:_TRIED], batch) for batch in _BATCHES}
    best = max(tried, key=lambda batch: tried[batch])
    rates = [_rate(compiled, pictures, best) for _ in range(_ROUNDS)]
    emit(rate=float(np.median(rates)), tried=tried, batch=best, precision=precision, images=int(count))


def _model(weights: str) -> ov.Model:
    network = torchvision.models.mobilenet_v2()
    network.load_state_dict(torch.load(weights, weights_only=True))
    with torch.no_grad():
        model = ov.convert_model(Pooled(network.features).eval(), example_input=torch.zeros(1, 3, 224, 224))
    model.reshape([-1, 3, 224, 224])
    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NCHW"))
    steps.input().preprocess().convert_element_type(ov.Type.f32)
    steps.input().preprocess().mean([255 * one for one in (0.485, 0.456, 0.406)])
    steps.input().preprocess().scale([255 * one for one in (0.229, 0.224, 0.225)])
    return steps.build()


def _rate(compiled: ov.CompiledModel, pictures: NDArray[np.uint8], batch: int) -> float:
    rows = np.zeros((len(pictures), _WIDTH), np.float32)
    queue = ov.AsyncInferQueue(compiled, compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))

    def keep(request: ov.InferRequest, start: int) -> None:
        rows[start : start + batch] = request.get_output_tensor(0).data.reshape(-1, _WIDTH)

    queue.set_callback(keep)
    began = time.perf_counter()
    for start in range(0, len(pictures), batch):
        queue.start_async({0: ov.Tensor(pictures[start : start + batch], shared_memory=True)}, start)
    queue.wait_all()
    return len(pictures) / (time.perf_counter() - began)


if __name__ == "__main__":
    main(*sys.argv[1:])
