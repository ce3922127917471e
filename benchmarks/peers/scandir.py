"""``os.scandir`` and ``stat`` of every file in a folder: the fastest possible listing. Usage: IMAGES"""

from __future__ import annotations

from benchmarks.measuring import emit, timed  # before all else: it times the imports

# isort: split
import os
import sys


def _listed(folder: str) -> int:
    count, waiting = 0, [folder]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    entry.stat()
                    count += 1
    return count


if __name__ == "__main__":
    parts: dict[str, float] = {}
    with timed(parts, "list"):
        files = _listed(sys.argv[1])
    emit(files=files, parts=parts)
