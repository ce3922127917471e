"""Divides a folder of classes into train, val and test as links. Usage: FOLDER NEW_FOLDER"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.sets import link
from tldesk import Project
from tldesk.dataset import Split

_NAMES = {Split.TRAIN: "train", Split.VALIDATION: "val", Split.TEST: "test"}


def main(images: str, folder: str) -> None:
    """Divide into 60, 15 and 25 %, with near duplicates in one split."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        Project.create(f"{scratch}/divided", images=images) as project,
    ):
        project.split(shares=(0.6, 0.15, 0.25), seed=0)
        snapshot = project.snapshot()
        for item in snapshot.items:
            place = Path(folder) / _NAMES[item.split] / snapshot.classes[item.label] / item.path.name
            link(item.path, place)


if __name__ == "__main__":
    main(*sys.argv[1:])
