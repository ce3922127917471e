"""Determines the memory of a device: all of it, and what is free."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from pathlib import Path

import torch

from tldesk.engine.device import Device

_MEMINFO = Path("/proc/meminfo")
_LIMIT, _USED = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
# If the free memory cannot be determined, this fraction of all memory is assumed to be free.
_FREE_SHARE = 0.5
# Other programs usually leave this fraction of a computer's memory.
_USUAL_SHARE = 0.6


def free_bytes(device: Device) -> int | None:
    """Return the bytes available to training, including torch's reserve; None if unknown."""
    if device.kind == "cuda":
        free, _all = torch.cuda.mem_get_info(device.name)
        reserve = torch.cuda.memory_reserved(device.name) - torch.cuda.memory_allocated(device.name)
        return int(free + reserve)
    if device.kind == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    if sys.platform == "win32":
        return _of_windows()
    return _of_linux() or _of_posix()


def usual_bytes(device: Device) -> int | None:
    """Return the bytes that training may usually expect, whatever runs beside it now; None if unknown."""
    if device.kind == "cuda":
        return int(torch.cuda.get_device_properties(device.name).total_memory)
    if device.kind == "mps":
        return int(torch.mps.recommended_max_memory())
    whole = _all_of_windows() if sys.platform == "win32" else _physical()
    if whole is None:
        return None
    with contextlib.suppress(OSError, ValueError):  # as in _of_linux
        whole = min(whole, int(_LIMIT.read_text("ascii")))
    return int(_USUAL_SHARE * whole)


def _of_linux() -> int | None:
    """Return the kernel's estimate of available bytes, at most what the container's limit leaves."""
    try:
        lines = dict(line.split(":", 1) for line in _MEMINFO.read_text(encoding="ascii").splitlines())
        free = int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, ValueError, KeyError):
        return None
    try:
        return min(free, int(_LIMIT.read_text("ascii")) - int(_USED.read_text("ascii")))
    except (OSError, ValueError):  # no container, or one without a limit ("max")
        return free


def _of_posix() -> int | None:
    whole = _physical()
    return None if whole is None else int(_FREE_SHARE * whole)


def _physical() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError, AttributeError):
        return None


class _MemoryStatus(ctypes.Structure):
    """The Windows structure MEMORYSTATUSEX."""

    _fields_ = [
        ("length", ctypes.c_ulong),
        ("load", ctypes.c_ulong),
        *(
            (name, ctypes.c_ulonglong)
            for name in ("all", "free", "file", "free_file", "virtual", "free_virtual")
        ),
        ("extended", ctypes.c_ulonglong),
    ]


def _of_windows() -> int | None:
    status = _memory_status()
    return None if status is None else int(status.free)


def _all_of_windows() -> int | None:
    status = _memory_status()
    return None if status is None else int(status.all)


def _memory_status() -> _MemoryStatus | None:
    status = _MemoryStatus()
    status.length = ctypes.sizeof(status)
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - exists on Windows only
    return status if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else None
