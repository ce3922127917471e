"""The bank: pictures drawn once and used many times, in files of a few hundred programmes.

What a file holds follows from the seed and its number alone, however many processes draw and in whichever
order; a bank that was cut off goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np
import torch

from pretraining.drawing.scenes import drawn, programme

SIDE = 128
CHANNELS = 5
"""Red, green, blue, how much is a figure, how much a mark on one."""
DRAWINGS = 2
"""Drawings of a programme: what stays the same in both is what the network is to see."""
CHUNK = 250
"""Programmes a file."""


def draw_bank(folder: Path, count: int, *, seed: int = 0, processes: int = 1) -> Iterator[Path]:
    """Draw what is missing of a bank; each file as it is done.

    Args:
        folder: made if needed.
        count: programmes, a multiple of ``CHUNK``.
        seed: of everything.
        processes: how many draw at once.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [number for number in range(-(-count // CHUNK)) if not _file(folder, number).exists()]
    with ProcessPoolExecutor(processes) as pool:
        jobs = [pool.submit(_draw_file, folder, number, seed) for number in missing]
        for job in as_completed(jobs):
            yield job.result()


def open_bank(folder: Path) -> list[np.ndarray]:
    """The files of a bank, (programmes, DRAWINGS, SIDE, SIDE, CHANNELS) uint8 each, mapped and not read."""
    return [np.load(path, mmap_mode="r") for path in sorted(folder.glob("drawings-*.npy"))]


def draw_programme(seed: int, number: int) -> np.ndarray:
    """All drawings of one programme; (DRAWINGS, SIDE, SIDE, CHANNELS) uint8."""
    what = programme(np.random.default_rng([seed, number]))
    return np.stack(
        [
            drawn(np.random.default_rng([seed, number, drawing]), what, SIDE).permute(1, 2, 0).numpy()
            for drawing in range(1, DRAWINGS + 1)
        ]
    )


def _file(folder: Path, number: int) -> Path:
    return folder / f"drawings-{number:05d}.npy"


def _draw_file(folder: Path, number: int, seed: int) -> Path:
    torch.set_num_threads(1)
    pictures = np.stack([draw_programme(seed, number * CHUNK + index) for index in range(CHUNK)])
    target = _file(folder, number)
    beside = target.with_suffix(".part")
    with beside.open("wb") as stream:
        np.save(stream, pictures)
    beside.replace(target)
    return target
