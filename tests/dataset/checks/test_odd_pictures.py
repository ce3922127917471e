"""Pictures that stand out: blank ones anywhere, the others by comparison with the project's pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from dataset_pictures import draw_tree
from PIL import Image

from tldesk.dataset import Project, check


def noise(low: int, high: int, size: tuple[int, int]) -> Image.Image:
    cells = np.random.default_rng(low).integers(low, high, (6, 6), dtype=np.uint8)
    return Image.fromarray(cells).resize(size, Image.Resampling.NEAREST).convert("RGB")


def odd(folder: Path, images: Path) -> dict[str, list[str]]:
    with Project.create(folder / "p", images) as project:
        return {kind: sorted(path.name for path in paths) for kind, paths in check(project).odd.items()}


def test_what_stands_out_is_told_by_how(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(10):
        noise(60 + number, 200, (200, 160)).save(pictures / f"usual{number}.png")
    noise(0, 14, (200, 160)).save(pictures / "night.png")
    noise(246, 255, (200, 160)).save(pictures / "overexposed.png")
    noise(50, 200, (50, 40)).save(pictures / "thumbnail.png")
    noise(51, 200, (640, 160)).save(pictures / "strip.png")
    Image.new("RGB", (200, 160), (0, 0, 0)).save(pictures / "lens cap.png")
    Image.new("RGB", (200, 160), (90, 90, 90)).save(pictures / "grey.png")
    assert odd(tmp_path, pictures) == {
        "blank": ["grey.png", "lens cap.png"],
        "dark": ["night.png"],
        "bright": ["overexposed.png"],
        "small": ["thumbnail.png"],
        "shape": ["strip.png"],
    }


def test_pictures_that_are_all_dark_or_all_small_do_not_stand_out(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(10):
        noise(number, 14 + number, (40, 30)).save(pictures / f"{number}.png")
    assert odd(tmp_path, pictures) == {}


def test_of_a_few_pictures_only_blank_ones_are_told(tmp_path: Path) -> None:
    pictures = draw_tree(tmp_path / "pictures", {"a": 3})
    Image.new("RGB", (9, 900)).save(pictures / "a" / "blank.png")
    assert odd(tmp_path, pictures) == {"blank": ["blank.png"]}


@pytest.mark.parametrize("name", ["coffee_leaf", "ants_bees", "blood_cells"])
def test_good_photos_hardly_stand_out(name: str, data_dir: Path, tmp_path: Path) -> None:
    found = odd(tmp_path, data_dir / name)
    assert found.keys() <= {"small", "shape"}
    assert len(found.get("shape", [])) <= 3
    assert len(found.get("small", [])) == (29 if name == "coffee_leaf" else 0)


def test_small_ones_among_leaves_are_below_64_pixels(data_dir: Path, tmp_path: Path) -> None:
    expected = []
    for path in (data_dir / "coffee_leaf").rglob("*.jpg"):
        with Image.open(path) as image:
            if min(image.size) < 64:
                expected.append(path.name)
    assert odd(tmp_path, data_dir / "coffee_leaf")["small"] == sorted(expected)
