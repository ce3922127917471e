"""Reports whether there is a usable GPU."""

from __future__ import annotations

from benchmarks.measuring import emit  # before all else: it times the imports

# isort: split
from tldesk import best_device

if __name__ == "__main__":
    device = best_device()
    if device.kind == "cpu":
        emit(skipped="there is no usable GPU")
    else:
        emit(device=device.title)
