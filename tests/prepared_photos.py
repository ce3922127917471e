"""Drawn photos for the tests of prepared pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tldesk.imaging import content_hash

GIB = 2**30
HEADER = 16
"""Bytes before the pixels of a kept file."""
PICTURE = HEADER + 384 * 288 * 3
"""Bytes of the kept file of a ``photo``."""
DAY = 24 * 3600


def photo(path: Path, width: int = 1200, height: int = 900, *, seed: int = 0, orientation: int = 1) -> str:
    """A JPEG with noise, so that no two are alike; its content hash."""
    small = np.random.default_rng(seed).integers(0, 256, (height // 50, width // 50, 3), np.uint8)
    exif = Image.Exif()
    exif[274] = orientation
    Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC).save(path, quality=90, exif=exif)
    return content_hash(path)


def photos(folder: Path, count: int) -> list[tuple[Path, str]]:
    paths = [folder / f"{number}.jpg" for number in range(count)]
    return [(path, photo(path, seed=number)) for number, path in enumerate(paths)]


def files(cache_folder: Path) -> list[Path]:
    return sorted(path for path in cache_folder.rglob("*") if path.is_file())
