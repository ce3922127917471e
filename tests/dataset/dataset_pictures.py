"""Small real picture files for the tests: every one looks different from all others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def draw(path: Path, number: int, side: int = 24) -> Path:
    """Write a picture of random blocks that depends on ``number`` alone; the suffix says the format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    blocks = np.random.default_rng(number).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    Image.fromarray(blocks).resize((side, side), Image.Resampling.NEAREST).save(path)
    return path


def draw_tree(root: Path, counts: dict[str, int]) -> Path:
    """Folders with so many PNGs each, all different: ``{"rust": 3, "train/mildew": 2}``."""
    number = 0
    for folder, count in counts.items():
        for index in range(count):
            draw(root / folder / f"{index:03d}.png", number)
            number += 1
    return root
