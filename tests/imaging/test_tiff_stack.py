"""Stacks by their axes, compared with the arrays that tifffile wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from tldesk.imaging import Rendering, read_picture

RANDOM = np.random.default_rng(4)


def values(*shape: int) -> np.ndarray:
    return RANDOM.integers(0, 256, (*shape, 20, 30)).astype(np.uint8)


KINDS: dict[str, dict[str, Any]] = {
    "imagej": {"imagej": True},
    "ome": {"ome": True, "photometric": "minisblack"},
    "tifffile": {"photometric": "minisblack"},
    "ome, compressed": {"ome": True, "photometric": "minisblack", "compression": "zlib"},
}


def written(path: Path, array: np.ndarray, axes: str, kind: str) -> Path:
    tifffile.imwrite(path, array, metadata={"axes": axes}, **KINDS[kind])
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.tif"


@pytest.mark.parametrize("kind", KINDS)
def test_three_pages_of_one_picture_are_its_colours(path: Path, kind: str) -> None:
    array = values(3)
    picture = read_picture(written(path, array, "CYX", kind))
    assert np.array_equal(picture.pixels, array.transpose(1, 2, 0))
    assert (picture.facts.frames, dict(picture.facts.tags)) == (1, {})


@pytest.mark.parametrize("kind", KINDS)
def test_the_frame_counts_slices_and_each_has_its_colours(path: Path, kind: str) -> None:
    array = values(5, 3)
    written(path, array, "ZCYX", kind)
    for frame, index in (("first", 0), ("middle", 2), ("last", 4), ("4", 3), ("99", 4)):
        picture = read_picture(path, rendering=Rendering(frame))
        assert (picture.frame, picture.facts.frames) == (index, 5)
        assert np.array_equal(picture.pixels, array[index].transpose(1, 2, 0))


def test_the_frame_counts_time_points_where_there_are_no_slices(path: Path) -> None:
    array = values(4)
    written(path, array, "TYX", "ome")
    picture = read_picture(path, rendering=Rendering("3"))
    assert (picture.frame, picture.facts.frames) == (2, 4)
    assert np.array_equal(picture.pixels[:, :, 1], array[2])


def test_ome_may_store_channels_before_slices(path: Path) -> None:
    array = values(3, 4)
    written(path, array, "CZYX", "ome")
    assert np.array_equal(read_picture(path, rendering=Rendering("2")).pixels, array[:, 1].transpose(1, 2, 0))


def test_what_no_frame_shows_is_said(path: Path) -> None:
    array = values(3, 4, 5)
    picture = read_picture(written(path, array, "TZCYX", "imagej"), rendering=Rendering("last"))
    assert np.array_equal(picture.pixels, array[0, 3, :3].transpose(1, 2, 0))
    assert picture.facts.tags["Not shown"] == "time points 2 to 3; channels 4 to 5"
    four = read_picture(written(path, values(4), "CYX", "ome"))
    assert four.facts.tags["Not shown"] == "channel 4"


def test_two_channels_are_red_and_green(path: Path) -> None:
    array = values(2)
    pixels = read_picture(written(path, array, "CYX", "ome")).pixels
    assert np.array_equal(pixels[:, :, :2], array.transpose(1, 2, 0))
    assert not pixels[:, :, 2].any()


def test_sixteen_bit_channels_share_a_window(path: Path) -> None:
    array = values(3).astype(np.uint16) * 10
    array[0, 0, 0], array[1, 0, 0] = 0, 2550
    picture = read_picture(written(path, array, "CYX", "imagej"))
    assert np.array_equal(picture.pixels, (array // 10).transpose(1, 2, 0))


@pytest.mark.parametrize("kind", ["imagej", "ome"])
def test_colours_stored_in_one_page_stay_as_they_are(path: Path, kind: str) -> None:
    array = RANDOM.integers(0, 256, (4, 20, 30, 3)).astype(np.uint8)
    options = {**KINDS[kind], "photometric": "rgb"}
    tifffile.imwrite(path, array, metadata={"axes": "ZYXS"}, **options)
    picture = read_picture(path, rendering=Rendering("2"))
    assert picture.facts.frames == 4
    assert np.array_equal(picture.pixels, array[1])


def test_a_stack_with_one_page_for_all_its_planes(path: Path) -> None:
    array = values(4, 3).astype(">u2") * 7
    array[2, 0, 0, 0], array[2, 1, 0, 0] = 0, 255 * 7
    tifffile.imwrite(path, array, imagej=True, truncate=True, metadata={"axes": "ZCYX"}, byteorder=">")
    with tifffile.TiffFile(path) as tiff:
        assert len(tiff.pages) == 1
    picture = read_picture(path, rendering=Rendering("3"))
    assert picture.facts.frames == 4
    assert np.array_equal(picture.pixels, (array[2] // 7).transpose(1, 2, 0))


def test_pages_without_axes_stay_frames(path: Path) -> None:
    array = values(3)
    tifffile.imwrite(path, array, photometric="minisblack", metadata=None)
    picture = read_picture(path, rendering=Rendering("2"))
    assert picture.facts.frames == 3
    assert np.array_equal(picture.pixels[:, :, 0], array[1])


def test_a_part_of_an_ome_set_is_read_by_itself(path: Path) -> None:
    array = values(3)
    written(path, array, "TYX", "ome")
    data = path.read_bytes().replace(b'IFD="1"', b'IFD="7"').replace(b'IFD="2"', b'IFD="8"')
    path.write_bytes(data)
    assert np.array_equal(read_picture(path).pixels[:, :, 0], array[0])
