"""``new`` and ``check`` say once which channels and samples of the images nobody sees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from cli_calls import Call
from PIL import Image

FIVE, FOUR, TWO, THREE = 5, 4, 2, 3  # channels


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two classes of two ordinary pictures."""
    folder = tmp_path / "photos"
    for seed, name in enumerate(("a/1.png", "a/2.png", "b/1.png", "b/2.png")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(seed).integers(0, 256, (24, 24, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / name)
    return folder


def stack(path: Path, channels: int) -> None:
    values = np.random.default_rng(channels).integers(0, 4000, (channels, 24, 24)).astype(np.uint16)
    tifffile.imwrite(path, values, ome=True, photometric="minisblack", metadata={"axes": "CYX"})


def bands(path: Path, count: int, dtype: str, seed: int = 0) -> None:
    """Write RGB and further samples."""
    values = np.random.default_rng(seed).integers(0, 200, (24, 24, count)).astype(dtype)
    extra = ["unspecified"] * (count - 3)
    tifffile.imwrite(path, values, photometric="rgb", extrasamples=extra, metadata=None)


def notes(call: Call, photos: Path) -> tuple[list[str], list[str]]:
    """Make the project; return its notes of this kind, and those of a check."""
    project = photos.parent / "p.tldesk"
    new = call("new", project, "--images", photos, "--json").document
    check = call("check", project, "--json").document
    return tuple([one for one in found["notes"] if "not shown" in one] for found in (new, check))  # type: ignore[return-value]


def test_one_note_for_all_images(call: Call, photos: Path) -> None:
    stack(photos / "a/five.ome.tif", FIVE)
    bands(photos / "a/deep.tif", FOUR, "u2")
    bands(photos / "b/plain.tif", FOUR, "u1", seed=1)
    stack(photos / "b/two.ome.tif", TWO)
    said = "Channels, time points or samples of 3 images are not shown (sample 4 of 2, channels 4 to 5 of 1)"
    assert notes(call, photos) == ([said], [said])
    assert said in call("check", photos.parent / "p.tldesk").out


def test_one_image(call: Call, photos: Path) -> None:
    stack(photos / "a/four.ome.tif", FOUR)
    said = "Channels, time points or samples of 1 image are not shown (channel 4)"
    assert notes(call, photos) == ([said], [said])


def test_the_rarest_kinds_are_counted(call: Call, photos: Path) -> None:
    for count in (4, 5, 6, 7):
        stack(photos / f"a/{count}.ome.tif", count)
    (found,), _ = notes(call, photos)
    assert found.endswith("(channel 4 of 1, channels 4 to 5 of 1, channels 4 to 6 of 1, 1 more kind)")


def test_nothing_is_said_where_all_is_shown(call: Call, photos: Path) -> None:
    stack(photos / "a/three.ome.tif", THREE)
    assert notes(call, photos) == ([], [])
