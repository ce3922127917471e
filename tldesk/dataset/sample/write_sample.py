"""Writes the sample pictures: drawn leaves with and without disease, for trying the program without data."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tldesk.base import Problem, ProblemError, Progress, ProgressMeter, derive_seed
from tldesk.dataset.sample.grounds import KINDS
from tldesk.dataset.sample.leaf import Style, random_style
from tldesk.dataset.sample.photo import draw_photo

SAMPLE_CLASSES = ("healthy", "rust", "mildew", "blight")
SAMPLE_GROUP_PATTERN = r"(plant\d+)"
"""File names contain the number of the plant, because its pictures must be in the same split."""

_PICTURES_A_PLANT = (1, 3)


@dataclass(frozen=True, slots=True)
class _Shot:
    """A picture to draw."""

    plant: int
    letter: str
    kind: str
    style: Style
    ground: str

    @property
    def file(self) -> Path:
        return Path(self.kind) / f"plant{self.plant:03d}_{self.letter}.jpg"


def write_sample(folder: Path, *, count: int = 400, seed: int = 7, side: int = 256) -> Iterator[Progress]:
    """Draw ``count`` photos of leaves, ``side`` px square, one folder per class; repeatable by seed.

    One to three pictures show the same plant (``plant012_b.jpg``), which has one class. Existing files of the
    same name are replaced.

    Yields:
        Progress after every picture.

    Raises:
        ProblemError: the folder cannot be written.
    """
    meter = ProgressMeter("Drawing the sample pictures", count)
    yield meter.at(0)
    for done, shot in enumerate(_shots(count, seed), start=1):
        _draw(shot, folder, seed, side)
        yield meter.at(done)


def _shots(count: int, seed: int) -> Iterator[_Shot]:
    drawn = dict.fromkeys(SAMPLE_CLASSES, 0)
    plant = 0
    while sum(drawn.values()) < count:
        plant += 1
        rng = np.random.default_rng(derive_seed(seed, "plant", plant))
        style, ground = random_style(rng), str(rng.choice(KINDS))
        fewest, most = _PICTURES_A_PLANT
        pictures = min(int(rng.integers(fewest, most + 1)), count - sum(drawn.values()))
        kind = min(drawn, key=lambda name: drawn[name])
        for letter in "abc"[:pictures]:
            elsewhere = str(rng.choice(KINDS)) if rng.random() < 0.4 else ground
            yield _Shot(plant, letter, kind, style, elsewhere)
        drawn[kind] += pictures


def _draw(shot: _Shot, folder: Path, seed: int, side: int) -> None:
    rng = np.random.default_rng(derive_seed(seed, "picture", shot.file.stem))
    image = draw_photo(rng, shot.style, shot.kind, shot.ground, side)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=int(rng.integers(82, 94)))
    _write(folder / shot.file, buffer.getvalue())


def _write(path: Path, data: bytes) -> None:
    """Write without flushing to disk, which users' files need: these pictures can be drawn again."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        what = f"the sample picture could not be written ({error.strerror or error})"
        fix = "Choose a folder that you may write to, on a disk with 10 MB free"
        raise ProblemError(Problem(str(path), what, fix)) from error
