"""The larger set, generated once: photos of 512x384 and of 12 megapixels, made from real ones.

Each picture is a random crop of a real photo (ants_bees, coffee_leaf), mirrored or not, with slightly changed
colours and the fine grain of a camera. All pictures made from one photo are in one split. The same seed gives
the same pictures; existing files are kept, so writing may be interrupted.
"""

from __future__ import annotations

import os
import random
import shutil
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.places import DATA

SMALL_SIZE = (512, 384)
LARGE_SIZE = (4000, 3000)
SOURCES = ("ants_bees", "coffee_leaf")
SHARES = {"train": 0.7, "val": 0.15, "test": 0.15}
QUALITY = 90
# Sensor noise: an enlarged photo is smoother than a real one of its size, and its file would
# be too small and too fast to decode.
GRAIN = 2.5
_GRAIN_SIDE = 1024


@dataclass(frozen=True)
class Original:
    """A real photo, and the split of all pictures made from it."""

    path: Path
    label: str
    split: str


@dataclass(frozen=True)
class Picture:
    """A picture to be written: its relative path, original, size and random seed."""

    place: str
    original: Path
    size: tuple[int, int]
    seed: int


def originals(data: Path = DATA, seed: int = 0) -> list[Original]:
    """Return every real photo once, with each class divided between the splits."""
    by_class: dict[str, list[Path]] = defaultdict(list)
    for source in SOURCES:
        for path in sorted((data / source).rglob("*.jpg")):
            by_class[path.parent.name].append(path)
    found: list[Original] = []
    for label, paths in sorted(by_class.items()):
        random.Random(f"{seed} {label}").shuffle(paths)
        found += [Original(path, label, _split(place / len(paths))) for place, path in enumerate(paths)]
    return found


def planned(photos: Sequence[Original], small: int, large: int, seed: int = 0) -> list[Picture]:
    """Return the pictures to be written: ``small`` photos and ``large`` ones of 12 megapixels."""
    pictures: list[Picture] = []
    for kind, count, size in (("small", small, SMALL_SIZE), ("large", large, LARGE_SIZE)):
        order = list(photos)
        random.Random(f"{seed} {kind}").shuffle(order)
        for number in range(count):
            source = order[number % len(order)]
            place = f"{source.split}/{source.label}/{kind}_{number:04d}.jpg"
            pictures.append(Picture(place, source.path, size, number * 2 + (kind == "large")))
    return pictures


def write(folder: Path, pictures: Sequence[Picture], workers: int | None = None) -> int:
    """Write the missing pictures, on all cores; return how many were written."""
    todo = [picture for picture in pictures if not (folder / picture.place).exists()]
    for place in {(folder / picture.place).parent for picture in todo}:
        place.mkdir(parents=True, exist_ok=True)
    if workers == 1:
        for picture in todo:
            _write(folder, picture)
    elif todo:
        with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
            list(pool.map(partial(_write, folder), todo, chunksize=8))
    return len(todo)


def big(scratch: Path, small: int = 2500, large: int = 300) -> Path:
    """Return the folder of the larger set, writing it if necessary."""
    folder = scratch / "sets" / f"big-{small}-{large}"
    if not (folder / "whole").exists():
        print(f"writing {small} photos and {large} of 12 megapixels to {folder}", flush=True)
        write(folder / "images", planned(originals(), small, large))
        (folder / "whole").touch()
    return folder / "images"


def part_of(images: Path, kind: str) -> Path:
    """Return a folder with only the "small" or "large" pictures of the larger set, as links."""
    folder = images.parent / kind
    for path in images.glob(f"*/*/{kind}_*.jpg"):
        link(path, folder / path.relative_to(images))
    return folder


def link(source: Path, place: Path) -> None:
    """Link a file, or copy it if the disk does not support links."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        return
    try:
        place.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, place)


def many_small(scratch: Path, count: int, side: int = 96) -> Path:
    """Return a folder of ``count`` small JPEGs, all different, with splits and classes."""
    folder = scratch / "sets" / f"many-{count}"
    if not (folder / "whole").exists():
        print(f"writing {count} pictures of {side} px to {folder}", flush=True)
        photos = originals()
        pictures = [
            Picture(f"{one.split}/{one.label}/{number:05d}.jpg", one.path, (side, side), number)
            for number, one in ((number, photos[number % len(photos)]) for number in range(count))
        ]
        write(folder / "images", pictures)
        (folder / "whole").touch()
    return folder / "images"


def crowd(scratch: Path, count: int, side: int) -> Path:
    """Return a folder of ``count`` tiny JPEGs, a thousand per subfolder, to measure large numbers.

    Each is one of the real photos with different grain. The photos are read once, so that writing 100,000
    pictures takes a minute or two.
    """
    folder = scratch / "sets" / f"crowd-{count}-{side}"
    if not (folder / "whole").exists():
        print(f"writing {count} pictures of {side} px to {folder}", flush=True)
        photos = [np.asarray(Image.open(one.path).convert("RGB").resize((side, side))) for one in originals()]
        chance = np.random.default_rng(0)
        for number in range(count):
            place = (
                folder
                / "images"
                / f"class {number // 1000 % 5}"
                / f"{number // 1000:03d}"
                / f"{number:06d}.jpg"
            )
            place.parent.mkdir(parents=True, exist_ok=True)
            grain = chance.integers(-12, 13, (side, side, 1), dtype=np.int16)
            pixels = np.clip(photos[number % len(photos)] + grain, 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(place, "JPEG", quality=QUALITY)
        (folder / "whole").touch()
    return folder / "images"


def _split(place: float) -> str:
    if place < SHARES["train"]:
        return "train"
    return "val" if place < SHARES["train"] + SHARES["val"] else "test"


def _write(folder: Path, picture: Picture) -> None:
    place = folder / picture.place
    unfinished = place.with_suffix(".part")
    with Image.open(picture.original) as photo:
        made(photo.convert("RGB"), picture.size, picture.seed).save(unfinished, "JPEG", quality=QUALITY)
    unfinished.replace(place)


def made(photo: Image.Image, size: tuple[int, int], seed: int) -> Image.Image:
    """Return a random crop of a photo at another size, with slightly changed colours and fine grain."""
    chance = np.random.default_rng(seed)
    picture = photo.resize(size, Image.Resampling.BICUBIC, box=_part(photo.size, size, chance))
    if chance.random() < 0.5:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    factors = chance.uniform(0.9, 1.1) * chance.uniform(0.95, 1.05, 3)
    tables = [np.clip(np.arange(256) * factor, 0, 255).astype(np.uint8) for factor in factors]
    picture = picture.point(np.concatenate(tables).tolist())
    return _grainy(picture, chance)


def _part(
    whole: tuple[int, int], size: tuple[int, int], chance: np.random.Generator
) -> tuple[float, float, float, float]:
    """Return a random crop: three to five fifths of the largest one with the given aspect ratio."""
    width, height = whole
    aspect = size[0] / size[1]
    across = min(width, height * aspect) * chance.uniform(0.6, 1.0)
    down = across / aspect
    left, top = chance.uniform(0, width - across), chance.uniform(0, height - down)
    return left, top, left + across, top + down


def _grainy(picture: Image.Image, chance: np.random.Generator) -> Image.Image:
    pixels = np.asarray(picture).astype(np.int16)
    height, width = pixels.shape[:2]
    grain = np.rint(chance.normal(0, GRAIN, (_GRAIN_SIDE, _GRAIN_SIDE))).astype(np.int16)
    tiles = (-(-height // _GRAIN_SIDE), -(-width // _GRAIN_SIDE))
    pixels += np.tile(grain, tiles)[:height, :width, None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
