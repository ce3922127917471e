"""Measures what a colour profile costs a picture: ``python -m benchmarks.profile_costs``.

Medians of the processor's time, which other programs hardly change; one thread.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import imagecodecs
import numpy as np
from PIL import Image

from tldesk.imaging import read_picture

ROUNDS = 7
KINDS = (
    ("JPEG, 500 x 375", ".jpg", (500, 375), None),
    ("JPEG, 12 megapixels, reduced as for training", ".jpg", (4000, 3000), 288),
    ("JPEG, 12 megapixels, full size", ".jpg", (4000, 3000), None),
    ("PNG, 12 megapixels, reduced as for training", ".png", (4000, 3000), 288),
)


def main() -> None:
    profile = imagecodecs.cms_profile("adobergb")
    with tempfile.TemporaryDirectory() as folder:
        for name, suffix, size, side in KINDS:
            plain, with_profile = Path(folder, f"a{suffix}"), Path(folder, f"b{suffix}")
            image = picture(*size)
            image.save(plain)
            image.save(with_profile, icc_profile=profile)
            without, applied = milliseconds(plain, side), milliseconds(with_profile, side)
            print(f"| {name} | {without:.1f} | {applied:.1f} |")


def picture(width: int, height: int) -> Image.Image:
    small = np.random.default_rng(0).integers(0, 256, (height // 20, width // 20, 3)).astype(np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def milliseconds(path: Path, side: int | None) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        read_picture(path, min_side=side)
        times.append(time.process_time() - started)
    return 1000 * statistics.median(times)


if __name__ == "__main__":
    main()
