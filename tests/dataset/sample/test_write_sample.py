from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from tldesk.base import ProblemError
from tldesk.dataset.sample import leaf_marks
from tldesk.dataset.sample.leaf import blade_colours, leaf_map, random_pose, random_style
from tldesk.dataset.sample.write_sample import SAMPLE_CLASSES, SAMPLE_GROUP_PATTERN, write_sample


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*.jpg")
    }


def test_the_same_seed_draws_the_same_files_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        steps = list(write_sample(tmp_path / name, count=6, seed=seed, side=64))
        assert [step.done for step in steps] == list(range(7))
        assert all(step.total == 6 for step in steps)
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")
    assert set(hashes(tmp_path / "a").values()).isdisjoint(hashes(tmp_path / "c").values())
    assert len(set(hashes(tmp_path / "a").values())) == 6


def test_classes_are_balanced_and_a_plant_has_one_class(tmp_path: Path) -> None:
    list(write_sample(tmp_path, count=40, side=32))
    counts = {name: len(list((tmp_path / name).iterdir())) for name in SAMPLE_CLASSES}
    assert sum(counts.values()) == 40
    assert max(counts.values()) - min(counts.values()) <= 3
    classes, sizes = defaultdict(set), defaultdict(int)
    for path in tmp_path.rglob("*.jpg"):
        match = re.search(SAMPLE_GROUP_PATTERN, path.name)
        assert match is not None
        classes[match[1]].add(path.parent.name)
        sizes[match[1]] += 1
    assert all(len(found) == 1 for found in classes.values())
    assert set(sizes.values()) == {1, 2, 3}


@pytest.mark.parametrize("seed", range(4))
def test_each_disease_has_its_colour_on_the_blade(seed: int) -> None:
    rng = np.random.default_rng(seed)
    leaf = leaf_map(random_style(rng), random_pose(rng), 128)
    blade = blade_colours(rng, leaf)
    for draw, check in (
        (leaf_marks.rust, is_orange),
        (leaf_marks.mildew, is_pale),
        (leaf_marks.blight, is_brown),
    ):
        marked = draw(rng, leaf, blade.copy(), 0.7)
        change = np.abs(marked - blade).max(axis=0) * leaf.inside
        where = change > 0.5 * change.max()
        assert 0.003 < (change > 0.05).sum() / leaf.inside.sum() < 0.95
        assert check(marked[:, where].mean(axis=1)), draw.__name__
        assert not check(blade[:, where].mean(axis=1)), draw.__name__


def is_orange(colour: np.ndarray) -> bool:
    return bool(colour[0] > 1.3 * colour[1] > 1.3 * colour[2])


def is_pale(colour: np.ndarray) -> bool:
    return bool(colour.min() > 0.42 and colour.max() - colour.min() < 0.2)


def is_brown(colour: np.ndarray) -> bool:
    return bool(colour[0] > colour[1] > colour[2] and colour[0] < 0.6)


def test_a_place_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ProblemError, match="could not be written"):
        list(write_sample(tmp_path / "file", count=1, side=32))
