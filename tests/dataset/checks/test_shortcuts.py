"""What tells the class though it should not: planted ones are found, ordinary real sets are left in peace."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tldesk.dataset import Project
from tldesk.dataset.checks.shortcuts import Shortcut, ShortcutData, find_shortcut, shortcut_data


def found(folder: Path, at: Path) -> dict[str, Shortcut]:
    with Project.create(at, folder) as project:
        steps = project.evidence.shortcuts()
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return {one.where: one for one in end.value}


def material(
    facts: dict[str, np.ndarray], labels: np.ndarray, bundles: list[int] | None = None
) -> ShortcutData:
    number = len(labels)
    border = np.random.default_rng(9).integers(0, 256, (number, 60)).astype(float)
    return ShortcutData(list(range(100, 100 + number)), labels, bundles or list(range(number)), facts, border)


def test_a_fact_that_is_the_class_is_told_and_named() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 50)
    facts = {"camera": labels * 7.0, "width": rng.normal(size=100)}
    shortcut = find_shortcut(material(facts, labels), "files")
    assert shortcut is not None
    assert (shortcut.accuracy, shortcut.low, shortcut.chance) == (1.0, 1.0, 0.5)
    assert shortcut.telling == ("camera",)
    assert len(shortcut.ids) == 24
    assert {labels[number - 100] for number in shortcut.ids} == {0, 1}


@pytest.mark.parametrize("seed", range(4))
def test_chance_tells_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat([0, 1, 2], 40))
    facts = {"width": rng.normal(size=120), "date": rng.normal(size=120)}
    assert find_shortcut(material(facts, labels), "files") is None
    assert find_shortcut(material(facts, labels), "border") is None


def test_a_fact_that_only_names_the_group_tells_nothing() -> None:
    """Each of 30 plants has a date and a class of its own: who has seen its siblings knows both."""
    rng = np.random.default_rng(1)
    plants = np.repeat(np.arange(30), 5)
    labels = rng.permutation(np.repeat([0, 1], 15))[plants]
    facts = {"date": rng.permutation(30)[plants].astype(float)}
    assert find_shortcut(material(facts, labels, plants.tolist()), "files") is None
    assert find_shortcut(material(facts, labels), "files") is not None, "without groups it would seem to"


def test_classes_of_few_images_give_no_verdict() -> None:
    row = (1, 5, 100, 10, 10, "PNG", "{}", bytes(256))
    rows = [(number, 5 + (number < 29), *row[2:]) for number in range(80)]
    assert len(shortcut_data(rows, list(range(80))).ids) == 0
    rows = [(number, 5 + (number < 30), *row[2:]) for number in range(80)]
    assert len(shortcut_data(rows, list(range(80))).ids) == 80
    assert len(shortcut_data(rows, [number // 2 for number in range(80)]).ids) == 0, "15 groups of a class"


def test_facts_become_numbers_and_whom_a_picture_shows_is_left_out() -> None:
    taken = ["2020:01:01 00:00:00", "", "2020:01:01 00:01:00"]
    rows = [
        (
            place,
            place % 2,
            100,
            10,
            20 + place,
            "PNG",
            json.dumps({"DateTime": taken[place % 3], "PatientID": str(place), "Camera": "AB"[place % 2]}),
            bytes(256),
        )
        for place in range(60)
    ]
    facts = shortcut_data(rows, list(range(60))).facts
    assert "PatientID" not in facts
    assert "width" not in facts, "all have the same"
    assert facts["DateTime"][2] - facts["DateTime"][0] == 60
    assert facts["DateTime"][1] == -1
    assert facts["Camera"][:3].tolist() == [0, 1, 0]
    assert facts["shape"][1] == pytest.approx(10 / 21)


@pytest.fixture
def leaves(leaf_folder: Path, tmp_path: Path) -> Path:
    """Seventy leaves of two classes, which neither files nor borders tell apart."""
    paths = sorted(leaf_folder.rglob("*.jpg"))
    chosen = np.random.default_rng(2).permutation(len(paths))[:70]
    for place, number in enumerate(chosen):
        folder = tmp_path / "photos" / ("ill", "well")[place % 2]
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(paths[number], folder / paths[number].name)
    return tmp_path / "photos"


def test_another_way_of_saving_one_class_is_found(leaves: Path, tmp_path: Path) -> None:
    for path in (leaves / "well").glob("*.jpg"):
        Image.open(path).convert("RGB").save(path, quality=40)
    shortcut = found(leaves, tmp_path / "p")["files"]
    assert shortcut.accuracy > 0.85
    assert set(shortcut.telling) & {"compression", "file size", "Camera", "DateTime"}


def test_a_marker_in_the_corner_of_one_class_is_found_in_the_border(leaves: Path, tmp_path: Path) -> None:
    for folder, level in (("ill", "white"), ("well", None)):
        for path in (leaves / folder).glob("*.jpg"):
            picture = Image.open(path).convert("RGB")
            if level is not None:
                side = min(picture.size) // 6
                ImageDraw.Draw(picture).rectangle((0, 0, side, side), fill=level)
            picture.save(path, quality=90)
    shortcuts = found(leaves, tmp_path / "p")
    assert shortcuts["border"].accuracy > 0.9
    assert shortcuts["border"].telling == ()


def test_leaves_that_nothing_gives_away_are_left_in_peace(tmp_path: Path, leaves: Path) -> None:
    assert found(leaves, tmp_path / "leaves") == {}


def test_an_ordinary_set_is_left_in_peace(data_dir: Path, tmp_path: Path) -> None:
    assert found(data_dir / "ants_bees", tmp_path / "ants") == {}


def test_the_brain_scans_sizes_give_the_tumour_away(data_dir: Path, tmp_path: Path) -> None:
    """They were collected from many pages: those without a tumour have other sizes and shapes."""
    shortcuts = found(data_dir / "brain_mri", tmp_path / "p")
    assert 0.75 < shortcuts["files"].accuracy < 0.85
    assert {"shape", "height"} <= set(shortcuts["files"].telling)
