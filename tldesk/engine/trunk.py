"""What computes a trunk: prepared pictures in, features out. Torch; other engines fit the same protocol."""

from __future__ import annotations

import contextlib
import logging
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.fx.experimental.optimization import fuse
from torch.fx.proxy import TraceError

from tldesk.engine.device import Device
from tldesk.engine.preprocess import normalise
from tldesk.model import Preprocessing

_log = logging.getLogger(__name__)

TRUNK_BATCH = {"cpu": 8, "cuda": 128, "mps": 64}
"""Pictures at a time by device kind. On a CPU few: they stay in its caches, and torch does not all the time
fetch memory from the system and return it."""


class TrunkEvaluator(Protocol):
    """A trunk as a pure function of prepared pictures.

    Attributes:
        name: engine, device kind and precision; part of the key under which results are kept.
    """

    name: str

    def __call__(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, 3, size, size) uint8 to (n, ...) float32 features."""
        ...


class TorchTrunk:
    """A trunk computed by torch: channels-last, in half precision where the device is faster with it.

    The module must be in evaluation mode and already on the device.
    """

    def __init__(self, trunk: nn.Module, preprocessing: Preprocessing, device: Device) -> None:
        self.name = f"torch-folded-{device.kind}-{_precision_name(half_precision(device))}"
        self._trunk = folded(trunk)
        self._preprocessing = preprocessing
        self._device = device

    def __call__(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, 3, size, size) uint8 to (n, ...) float32 features."""
        with torch.inference_mode(), autocast(self._device):
            pictures = to_input(torch.from_numpy(pixels), self._preprocessing, self._device)
            features: Tensor = self._trunk(pictures)
        return features.float().cpu().numpy()


def folded(trunk: nn.Module) -> nn.Module:
    """A copy in which every batch norm is worked into the convolution before it: half the time on a CPU.

    Only for a trunk in evaluation mode whose numbers do not change any more. Results differ by rounding.
    A trunk that torch cannot look through is given back as it is.
    """
    try:
        copy: nn.Module = fuse(trunk)
    except (TraceError, NotImplementedError, RuntimeError, TypeError, ValueError) as error:
        _log.info("the trunk is used as it is: %s", error)
        return trunk
    return copy.to(memory_format=torch.channels_last)


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


def _cpu_has_bfloat16() -> bool:
    # Without these instructions torch emulates bfloat16 and is slower. The names are not public: an older or
    # newer torch without them computes in float32.
    tests = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return any(bool(getattr(torch.cpu, test, bool)()) for test in tests)


def _precision_name(dtype: torch.dtype | None) -> str:
    return str(dtype or torch.float32).removeprefix("torch.")
