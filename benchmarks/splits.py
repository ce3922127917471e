"""Fixed splits as folders (train/, val/, test/, one folder per class), the same for all programs."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks import sets
from benchmarks.bench import Bench
from benchmarks.places import DATA, ROOT

REAL = ("coffee_leaf", "ants_bees", "brain_mri")
SPLITS = ("train", "val", "test")
FEW = 10
_VALIDATION_SHARE = 0.25


def images_of(bench: Bench, name: str) -> Path:
    """Return the folder of a set with its own splits: coffee_leaf, ants_bees, big, small or large.

    brain_mri has no splits of its own and uses its fixed split.
    """
    if name == "brain_mri":
        return fixed(bench, name)
    if name in ("big", "small", "large"):
        whole = sets.big(bench.scratch, bench.photos, bench.large)
        return whole if name == "big" else sets.part_of(whole, name)
    return DATA / name


def case_of(bench: Bench, name: str) -> str:
    """Return a set's name in the results; a generated set of another size is another case."""
    usual = (bench.photos, bench.large) == (2500, 300)
    return name if usual or name not in ("big", "small", "large") else f"{name}-{bench.photos}-{bench.large}"


def checked_split(images: Path) -> str:
    """Return the split on which accuracy is reported: test, or val if there is no test."""
    return "test" if (images / "test").is_dir() else "val"


def fixed(bench: Bench, name: str) -> Path:
    """Return a real set with all three splits, written once.

    coffee_leaf has its own splits. For ants_bees, "val" is used for testing and a quarter of "train" for
    validation. brain_mri is divided by tldesk (60, 15 and 25 %), with near duplicates in one split.
    """
    folder = bench.scratch / "splits" / name
    if not folder.exists():
        unfinished = folder.with_name(folder.name + ".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        _FIXED[name](unfinished)
        unfinished.rename(folder)
    return folder


def few(bench: Bench, name: str, seed: int, count: int = FEW) -> Path:
    """Return the fixed split with only ``count`` images per class for training and validation, by seed."""
    whole = fixed(bench, name)
    folder = bench.scratch / "splits" / f"{name}-{count}-seed{seed}"
    if not folder.exists():
        unfinished = folder.with_name(folder.name + ".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        for split in SPLITS:
            for paths in _by_class(whole / split).values():
                chosen = paths if split == "test" else _some(paths, count, seed)
                _link(chosen, whole, unfinished)
        unfinished.rename(folder)
    return folder


def warm(images: Path) -> int:
    """Read every file once, so that no program has to wait for the disk; return the number of bytes."""
    return sum(len(path.read_bytes()) for path in images.rglob("*") if path.is_file())


def _coffee_leaf(folder: Path) -> None:
    _link(_files(DATA / "coffee_leaf"), DATA / "coffee_leaf", folder)


def _ants_bees(folder: Path) -> None:
    source = DATA / "ants_bees"
    for path in _files(source / "val"):
        sets.link(path, folder / "test" / path.relative_to(source / "val"))
    for label, paths in _by_class(source / "train").items():
        aside = set(_some(paths, round(len(paths) * _VALIDATION_SHARE), 0))
        for path in paths:
            sets.link(path, folder / ("val" if path in aside else "train") / label / path.name)


def _brain_mri(folder: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "benchmarks.ours.divide",
        str(DATA / "brain_mri" / "original"),
        str(folder),
    ]
    subprocess.run(command, cwd=ROOT, env=os.environ, check=True)


_FIXED = {"coffee_leaf": _coffee_leaf, "ants_bees": _ants_bees, "brain_mri": _brain_mri}


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _by_class(folder: Path) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = defaultdict(list)
    for path in _files(folder):
        found[path.parent.name].append(path)
    return dict(found)


def _some(paths: Sequence[Path], count: int, seed: int) -> list[Path]:
    return random.Random(f"{seed} {paths[0].parent.name}").sample(list(paths), min(count, len(paths)))


def _link(paths: Iterable[Path], source: Path, folder: Path) -> None:
    for path in paths:
        sets.link(path, folder / path.relative_to(source))
