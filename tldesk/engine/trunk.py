"""Evaluates a trunk: pictures in, features out. This is torch's evaluator; other engines follow the same
protocol.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.fx.experimental.optimization import fuse
from torch.fx.proxy import TraceError

from tldesk.engine.device import Device
from tldesk.engine.out_of_memory import free_memory, is_out_of_memory
from tldesk.engine.preprocess import normalise
from tldesk.model import Preprocessing

_log = logging.getLogger(__name__)

TRUNK_BATCH = {"cpu": 8, "cuda": 128, "mps": 64}
"""Pictures at a time by device kind. On a CPU few: they stay in its caches, and torch does not all the time
fetch memory from the system and return it."""


class TrunkEvaluator(Protocol):
    """A trunk as a pure function of pictures, by whatever engine.

    Engines of one precision differ by rounding only; what they give is kept together.

    Attributes:
        precision: "float32", "bfloat16" or "float16"; part of the key under which results are kept.
        batch: how many pictures at a time suit the engine.
    """

    precision: str
    batch: int

    def __call__(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, 3, size, size) uint8 to (n, ...) float32 features."""
        ...

    def stream(self, batches: Iterable[NDArray[np.uint8]]) -> Iterator[NDArray[np.float32]]:
        """The features of each batch, in order; the next batches are asked for while one is computed."""
        ...


class TorchTrunk:
    """A trunk computed by torch: channels-last, in half precision where the device is faster with it.

    The module must be in evaluation mode and already on the device. Where memory runs out, fewer pictures go
    through at a time from then on.
    """

    def __init__(self, trunk: nn.Module, preprocessing: Preprocessing, device: Device) -> None:
        self.precision = precision(device)
        self.batch = TRUNK_BATCH[device.kind]
        self._at_once = self.batch
        self._trunk = trunk if isinstance(trunk, nn.Identity) else folded(trunk)
        self._preprocessing = preprocessing
        self._device = device

    def __call__(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, 3, size, size) uint8 to (n, ...) float32 features."""
        return self._launched(pixels).float().cpu().numpy()

    def stream(self, batches: Iterable[NDArray[np.uint8]]) -> Iterator[NDArray[np.float32]]:
        """As of ``TrunkEvaluator``: a GPU computes a batch while the next one is read."""
        waiting: Tensor | None = None
        for pixels in batches:
            launched = self._launched(pixels)
            if waiting is not None:
                yield waiting.float().cpu().numpy()
            waiting = launched
        if waiting is not None:
            yield waiting.float().cpu().numpy()

    def _launched(self, pixels: NDArray[np.uint8]) -> Tensor:
        """The features on the device; a GPU may still be computing them."""
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
        """None if memory is not enough for this many."""
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
        # From pinned memory the copy runs beside the computing.
        return pictures.pin_memory().to(self._device.name, non_blocking=True)


def folded(trunk: nn.Module) -> nn.Module:
    """A copy with every batch norm folded into the convolution before it: half the time on a CPU.

    Only for a trunk in evaluation mode whose numbers do not change any more. Results differ by rounding.
    A trunk that torch cannot look through is given back as it is.
    """
    try:
        copy: nn.Module = fuse(trunk)
    except (TraceError, NotImplementedError, RuntimeError, TypeError, ValueError) as error:
        _log.info("the trunk is used as it is: %s", error)
        return trunk
    for one in copy.parameters():
        if one.dim() == 4:
            one.data = one.data.contiguous(memory_format=torch.channels_last)
    return copy


def to_input(pixels: Tensor, preprocessing: Preprocessing, device: Device) -> Tensor:
    """(N, 3, S, S) uint8 or float 0..255, anywhere, to standardised float32 on ``device``, channels-last."""
    return normalise(pixels.to(device.name), preprocessing).contiguous(memory_format=torch.channels_last)


def autocast(device: Device) -> contextlib.AbstractContextManager[object]:
    """Half precision where the device is faster with it, else nothing."""
    dtype = half_precision(device)
    return contextlib.nullcontext() if dtype is None else torch.autocast(device.kind, dtype=dtype)


def half_precision(device: Device) -> torch.dtype | None:
    """bfloat16 or float16 where the device computes faster with it, None for float32."""
    if device.kind == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    if device.kind == "cpu" and _cpu_has_bfloat16():
        return torch.bfloat16
    return None


def precision(device: Device) -> str:
    """In what a frozen trunk is computed there: "float32", "bfloat16" or "float16"."""
    return str(half_precision(device) or torch.float32).removeprefix("torch.")


def _cpu_has_bfloat16() -> bool:
    # Without these instructions torch emulates bfloat16 and is slower. The names are not public: an older or
    # newer torch without them computes in float32.
    tests = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return any(bool(getattr(torch.cpu, test, bool)()) for test in tests)
