"""A project in which only a column of the table tells the class: the pictures are all drawn alike."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from PIL import Image

from tldesk.dataset import Columns, Project

SPLITS = ("train", "val", "test")
CLASSES = ("gesund", "krank")


def value_rows(counts: tuple[int, int, int] = (20, 10, 10)) -> list[dict[str, str]]:
    """A row a picture: age and site tell the class, weather tells nothing; some are not known."""
    random = np.random.default_rng(5)
    rows = []
    for split, count in zip(SPLITS, counts, strict=True):
        for number in range(2 * count):
            ill = number % 2
            age = int(random.integers(60, 90) if ill else random.integers(20, 50))
            rows.append(
                {
                    "file": f"{split}{number:02d}.png",
                    "label": CLASSES[ill],
                    "split": split,
                    "age": str(age),
                    "site": ("Nord", "Süd")[ill] if number % 9 else "",
                    "weather": str(random.choice(["Regen", "Sonne", "Nebel"])),
                }
            )
    return rows


def write_rows(path: Path, rows: list[dict[str, str]]) -> Path:
    """As CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def make_column_project(folder: Path, rows: list[dict[str, str]] | None = None, side: int = 64) -> Project:
    """A project of noise, split as the table says."""
    rows = rows or value_rows()
    pictures = folder / "bilder"
    pictures.mkdir(parents=True)
    for number, row in enumerate(rows):
        noise = np.random.default_rng((7, number)).integers(60, 200, (side, side, 3))
        Image.fromarray(noise.astype(np.uint8)).save(pictures / row["file"])
    table = write_rows(folder / "tabelle.csv", rows)
    columns = Columns(image="file", label="label", split="split")
    project = Project.create(folder / "rauschen.tldesk", pictures, labels=table, columns=columns)
    project.split()
    return project
