"""Facts about the machine, without which the figures mean nothing."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.places import ROOT

PACKAGES = ("torch", "torchvision", "openvino", "fastai", "captum", "scikit-learn", "pillow", "numpy")


def facts() -> dict[str, str]:
    """Return processor, cores, memory, system and the relevant versions."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "instructions": _instructions(),
        "memory": _memory(),
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    return _cpu_line("model name") or platform.processor() or platform.machine()


def _instructions() -> str:
    """Return the CPU instructions that affect the speed of a network."""
    flags = set(_cpu_line("flags").split())
    wanted = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_bf16", "amx_int8")
    return ", ".join(name for name in wanted if name in flags) or "unknown"


def _cpu_line(start: str) -> str:
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return ""
    lines = info.read_text(encoding="utf-8").splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(start)), "")


def _memory() -> str:
    if not hasattr(os, "sysconf"):
        return "unknown"
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB"


def revision() -> str:
    """Return git's description of the checkout."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"
