"""OpenVINO alone, on tensors that are ready. Usage: WEIGHTS IMAGES_COUNT

mobilenet_v2's features and pool, converted once; uint8 NCHW input, normalised inside; throughput hint,
asynchronous requests, bf16 if the CPU supports it. Several batch sizes and numbers of requests are tried, and
the fastest setting is used.
"""

from __future__ import annotations

from benchmarks.measuring import emit  # before all else: it times the imports

# isort: split
import itertools
import sys
import time
from collections import deque

import numpy as np
import torch
import torchvision
from numpy.typing import NDArray
from torch import nn

# The package that reports use over the network is made to fail: nothing here opens a socket.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
import openvino as ov  # noqa: E402
from openvino.preprocess import PrePostProcessor  # noqa: E402

_BATCHES = (1, 2, 4, 8, 16)
_ROUNDS = 3
_TRIED = 128
_WIDTH = 1280


class Pooled(nn.Module):
    """Compute pooled features from pictures."""

    def __init__(self, features: nn.Module) -> None:
        super().__init__()
        self.features = features

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """(n, 3, 224, 224) to (n, 1280)."""
        return self.features(pictures).mean(dim=(2, 3))


def main(weights: str, count: str) -> None:
    """Return images per second: the median of three rounds with the setting fastest in a short trial."""
    core = ov.Core()
    precision = "bf16" if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"
    pictures = np.random.default_rng(0).integers(0, 256, (int(count), 3, 224, 224), dtype=np.uint8)
    wanted = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": precision}
    compiled = core.compile_model(_model(weights), "CPU", wanted)
    streams = compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
    requests = [compiled.create_infer_request() for _ in range(2 * streams)]
    _rate(requests, pictures[:_TRIED], 1)  # warm
    ways = list(itertools.product(_BATCHES, (streams, 2 * streams)))
    tried = {way: _rate(requests[: way[1]], pictures[:_TRIED], way[0]) for way in ways}
    batch, number = max(tried, key=lambda way: tried[way])
    rates = [_rate(requests[:number], pictures, batch) for _ in range(_ROUNDS)]
    emit(rate=float(np.median(rates)), batch=batch, requests=number, precision=precision, images=int(count))


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


def _rate(requests: list[ov.InferRequest], pictures: NDArray[np.uint8], batch: int) -> float:
    # No AsyncInferQueue: its threads need Python's lock for callbacks, and a model that goes away while one
    # of them waits for it hangs the program (seen with 2026.4).
    rows = np.zeros((len(pictures), _WIDTH), np.float32)
    free, under_way = deque(requests), deque[tuple[ov.InferRequest, int]]()

    def take() -> None:
        request, start = under_way.popleft()
        request.wait()
        rows[start : start + batch] = request.get_output_tensor(0).data.reshape(-1, _WIDTH)
        free.append(request)

    began = time.perf_counter()
    for start in range(0, len(pictures), batch):
        if not free:
            take()
        request = free.popleft()
        tensor = ov.Tensor(pictures[start : start + batch], shared_memory=True)
        request.start_async({0: tensor}, share_inputs=True)
        under_way.append((request, start))
    while under_way:
        take()
    return len(pictures) / (time.perf_counter() - began)


if __name__ == "__main__":
    main(*sys.argv[1:])
