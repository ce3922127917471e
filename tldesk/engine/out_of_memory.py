"""Recognises out-of-memory errors and frees memory."""

from __future__ import annotations

import gc

import torch

from tldesk.engine.device import Device

_WORDS = ("out of memory", "can't allocate memory", "not enough memory", "cannot allocate memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether ``error`` is an out-of-memory error; torch reports them in several ways."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(word in str(error).lower() for word in _WORDS)


def free_memory(device: Device) -> None:
    """Release torch's reserved memory. Call it after the ``except`` block, which keeps tensors alive."""
    gc.collect()
    if device.kind == "cuda":
        torch.cuda.empty_cache()
    elif device.kind == "mps":
        torch.mps.empty_cache()
