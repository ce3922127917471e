"""Scans of a folder: the first, which reads every picture, and another one, which finds nothing new.

Usage: IMAGES PROJECT
"""

from __future__ import annotations

from benchmarks.measuring import emit, timed  # before all else: it times the imports

# isort: split
import sys

from tldesk.dataset import Project


def main(images: str, place: str) -> None:
    """Scan twice, split, and label all images of a class by hand."""
    parts: dict[str, float] = {}
    with timed(parts, "first"):
        project = Project.create(place, images)
    with project:
        with timed(parts, "again"):
            list(project.scan())
        with timed(parts, "split"):
            project.split()
        with timed(parts, "snapshot"):
            project.snapshot()
        emit(images=project.count(), parts=parts)


if __name__ == "__main__":
    main(*sys.argv[1:3])
