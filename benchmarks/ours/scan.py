"""Scans of a folder: the first, which lists and then reads every picture, and a rescan without changes.

Usage: IMAGES PROJECT
"""

from __future__ import annotations

from benchmarks.measuring import emit, timed  # before all else: it times the imports

# isort: split
import sys
import time

from tldesk.dataset import Project


def main(images: str, place: str) -> None:
    """Scan twice, split, and take a snapshot."""
    parts: dict[str, float] = {}
    with Project.create(place) as project:
        project.add_source(images)
        with timed(parts, "first"):
            _scan(project, parts)
        with timed(parts, "again"):
            list(project.scan())
        with timed(parts, "split"):
            project.split()
        with timed(parts, "snapshot"):
            project.snapshot()
        emit(images=project.count(), parts=parts)


def _scan(project: Project, parts: dict[str, float]) -> None:
    """Measure ``listed``: seconds until all images and their labels are listed."""
    start, reading = time.perf_counter(), False
    for step in project.scan():
        if step.what == "Reading pictures" and not reading:
            reading = True
            parts["listed"] = time.perf_counter() - start


if __name__ == "__main__":
    main(*sys.argv[1:3])
