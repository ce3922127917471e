"""Decoding alone, with as many threads as there are cores. Usage: IMAGES"""

from __future__ import annotations

from benchmarks.measuring import emit, timed  # before all else: it times the imports

# isort: split
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tldesk import imaging

SIDE = 288


def main(images: str) -> None:
    """Measure pictures per second, from file to upright RGB at the prepared size."""
    paths = sorted(Path(images).rglob("*.jpg"))
    read = _decoder()
    took: dict[str, float] = {}
    with timed(took, "decode"), ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(read, paths):
            pass
    emit(images=len(paths), decoding=took["decode"], rate=len(paths) / took["decode"])


def _decoder() -> Callable[[Path], object]:
    """Return the function that prepares a picture, or the decoder itself."""
    prepared = getattr(imaging, "prepared_picture", None)
    return prepared or (lambda path: imaging.read_picture(path, min_side=SIDE))


if __name__ == "__main__":
    main(*sys.argv[1:])
