"""Computes a trunk's features from pictures: the protocol of all engines, and torch's engine."""

from __future__ import annotations

import contextlib
import copy
import logging
from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, fx, nn
from torch.fx.experimental.optimization import fuse

from tldesk.engine.device import Device
from tldesk.engine.out_of_memory import free_memory, is_out_of_memory
from tldesk.engine.preprocess import normalise
from tldesk.engine.trace import UNTRACEABLE, traced
from tldesk.model import Preprocessing

_log = logging.getLogger(__name__)

TRUNK_BATCH = {"cpu": 8, "cuda": 128, "mps": 64}
"""Pictures per batch by device kind. Few on a CPU, so that they fit into its caches and torch does not
constantly allocate and free memory."""


class TrunkEvaluator(Protocol):
    """A trunk as a pure function of pictures, computed by any engine.

    Results of engines with the same precision differ only by rounding; each has a feature store of its own.

    Attributes:
        precision: "float32", "bfloat16" or "float16".
        batch: number of pictures per batch that suits the engine.
    """

    precision: str
    batch: int

    def __call__(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Map pictures (n, 3, size, size) uint8 to features (n, ...) float32."""
        ...

    def stream(self, batches: Iterable[NDArray[np.uint8]]) -> Iterator[NDArray[np.float32]]:
        """Yield the features of each batch in order; the next batches are requested while one is computed."""
        ...


class TorchTrunk:
    """A trunk computed by torch: channels-last, in half precision if the device is faster with it.

    The module must be in evaluation mode and already on the device. If memory runs out, smaller batches are
    used from then on.
    """

    def __init__(self, trunk: nn.Module, preprocessing: Preprocessing, device: Device) -> None:
        self.precision = precision(device)
        self.batch = TRUNK_BATCH[device.kind]
        self._at_once = self.batch
        self._trunk = trunk if isinstance(trunk, nn.Identity) else folded(trunk)
        self._preprocessing = preprocessing
        self._device = device

    def __call__(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Map pictures (n, 3, size, size) uint8 to features (n, ...) float32."""
        return self._launched(pixels).float().cpu().numpy()

    def stream(self, batches: Iterable[NDArray[np.uint8]]) -> Iterator[NDArray[np.float32]]:
        """Yield the features of each batch in order; a GPU computes one while the next is read."""
        waiting: Tensor | None = None
        for pixels in batches:
            launched = self._launched(pixels)
            if waiting is not None:
                yield waiting.float().cpu().numpy()
            waiting = launched
        if waiting is not None:
            yield waiting.float().cpu().numpy()

    def _launched(self, pixels: NDArray[np.uint8]) -> Tensor:
        """Return the features on the device; a GPU may still be computing them."""
        parts: list[Tensor] = []
        done = 0
        while done < len(pixels):
            part = self._tried(pixels[done : done + self._at_once])
            if part is None:
                self._at_once = max(1, self._at_once // 2)
                free_memory(self._device)
                _log.info("not enough memory for features; %d images at a time from now on", self._at_once)
            else:
                parts.append(part)
                done += len(part)
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    def _tried(self, pixels: NDArray[np.uint8]) -> Tensor | None:
        """Return the features, or None if there is not enough memory for this many pictures."""
        try:
            with torch.inference_mode(), autocast(self._device):
                features: Tensor = self._trunk(
                    to_input(self._sent(pixels), self._preprocessing, self._device)
                )
        except (RuntimeError, MemoryError) as error:
            if len(pixels) == 1 or not is_out_of_memory(error):
                raise
            return None
        return features

    def _sent(self, pixels: NDArray[np.uint8]) -> Tensor:
        pictures = torch.from_numpy(pixels)
        if self._device.kind != "cuda":
            return pictures
        # From pinned memory, the copy runs concurrently with the computation.
        return pictures.pin_memory().to(self._device.name, non_blocking=True)


def folded(trunk: nn.Module) -> nn.Module:
    """Return the trunk with each batch norm folded into the preceding convolution: half the time on a CPU.

    The trunk must be in evaluation mode and must not be trained further; it is left as it is. The result has
    convolutions of its own and shares all other modules. Outputs differ only by rounding. A trunk that torch
    cannot trace is returned unchanged.
    """
    try:
        # In place, since the graph's module is made for this: only convolutions are copied, not all of it.
        found: nn.Module = fuse(fx.GraphModule(trunk, traced(trunk)), inplace=True, no_trace=True)
    except UNTRACEABLE as error:
        _log.info("the trunk is used as it is: %s", error)
        return trunk
    _use_channels_last(found, set(trunk.modules()))
    return found


def _use_channels_last(network: nn.Module, shared: set[nn.Module]) -> None:
    """Store the weights of the convolutions as they are computed with; of ``shared`` ones those of a copy."""
    for name, module in list(network.named_modules()):
        if isinstance(module, nn.Conv2d):
            own = copy.deepcopy(module) if module in shared else module
            own.weight.data = own.weight.data.contiguous(memory_format=torch.channels_last)
            network.set_submodule(name, own)


def to_input(pixels: Tensor, preprocessing: Preprocessing, device: Device) -> Tensor:
    """Map (N, 3, S, S) uint8 or float 0..255, on any device, to normalised float32 on ``device``."""
    return normalise(pixels.to(device.name), preprocessing).contiguous(memory_format=torch.channels_last)


def autocast(device: Device) -> contextlib.AbstractContextManager[object]:
    """Return a context for half precision if the device is faster with it, else one without effect."""
    dtype = half_precision(device)
    return contextlib.nullcontext() if dtype is None else torch.autocast(device.kind, dtype=dtype)


def half_precision(device: Device) -> torch.dtype | None:
    """Return bfloat16 or float16 if the device is faster with it; None for float32."""
    if device.kind == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    if device.kind == "cpu" and _cpu_has_bfloat16():
        return torch.bfloat16
    return None


def precision(device: Device) -> str:
    """Return the precision of a frozen trunk on a device: "float32", "bfloat16" or "float16"."""
    return str(half_precision(device) or torch.float32).removeprefix("torch.")


def _cpu_has_bfloat16() -> bool:
    # Without these instructions torch emulates bfloat16, which is slower. The names are not public, so a
    # torch version without them computes in float32.
    tests = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return any(bool(getattr(torch.cpu, test, bool)()) for test in tests)
