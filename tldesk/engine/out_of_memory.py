"""Recognises out-of-memory errors and frees what can be freed."""

from __future__ import annotations

import gc

import torch

from tldesk.engine.device import Device

_WORDS = ("out of memory", "can't allocate memory", "not enough memory", "cannot allocate memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether ``error`` means that memory ran out; torch reports it in several ways."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(word in str(error).lower() for word in _WORDS)


def free_memory(device: Device) -> None:
    """Give back what torch keeps in reserve; call it after the ``except`` block, which holds tensors."""
    gc.collect()
    if device.kind == "cuda":
        torch.cuda.empty_cache()
    elif device.kind == "mps":
        torch.mps.empty_cache()
