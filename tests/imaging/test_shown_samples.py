"""Windows come from the samples that are shown: no other band, no filler, nothing transparent. By hand."""

from __future__ import annotations

from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from tldesk.imaging import Picture, Rendering, read_picture
from tldesk.ui.images.deep.deep_preview import read_deep

STEPS = np.arange(52)
RAMP = np.tile((1000 + 4 * STEPS).astype(np.uint16), (8, 1))  # 1000..1204
WANTED = np.tile(5 * STEPS, (8, 1))  # (v - 1000) * 255 / 204 = 5, 10, ... 255
OUTSIDE = 60_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.tif"


def written(path: Path, *bands: np.ndarray, photometric: str = "rgb", **options: object) -> Path:
    extra = len(bands) - (3 if photometric == "rgb" else 1)
    options = {"extrasamples": ["unspecified"] * extra, "metadata": None, **options}
    tifffile.imwrite(path, np.stack(bands, axis=-1), photometric=photometric, **options)
    return path


def is_ramp(picture: Picture, channels: int = 3) -> bool:
    return all(np.array_equal(picture.pixels[:, :, one], WANTED) for one in range(channels))


@pytest.mark.parametrize("extra", [1, 2, 5])
@pytest.mark.parametrize("window", ["file", "range"])
@pytest.mark.parametrize("stored", [0, OUTSIDE])
@pytest.mark.parametrize("dtype", ["u2", "i4", "f4"])
def test_further_bands_have_no_part_in_the_window(
    path: Path, extra: int, window: str, stored: int, dtype: str
) -> None:
    bands = [RAMP.astype(dtype)] * 3 + [np.full(RAMP.shape, stored, dtype)] * extra
    picture = read_picture(written(path, *bands), rendering=Rendering(window=window))
    assert is_ramp(picture)
    assert picture.values is not None
    assert (picture.values.samples.shape, picture.values.samples.max()) == ((8, 52, 3), 1204)
    said = "sample 4" if extra == 1 else f"samples 4 to {3 + extra}"
    assert picture.facts.tags["Not shown"] == said


def test_bands_stored_one_after_the_other(path: Path) -> None:
    bands = np.stack([RAMP, RAMP, RAMP, RAMP + 9000])
    tifffile.imwrite(
        path, bands, photometric="rgb", planarconfig="separate", extrasamples=["unspecified"], metadata=None
    )
    assert is_ramp(read_picture(path))


def test_no_data_in_a_further_band_hides_nothing(path: Path) -> None:
    further = np.full_like(RAMP, 65535)
    tag = [(42113, "s", 0, "65535", True)]
    first = RAMP.copy()
    first[0] = 65535
    picture = read_picture(written(path, first, RAMP, RAMP, further, RAMP + 9000, extratags=tag))
    assert not picture.pixels[0, :, 0].any()
    assert np.array_equal(picture.pixels[1:, :, 0], WANTED[1:])
    assert np.array_equal(picture.pixels[:, :, 1], WANTED)


@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
def test_the_second_sample_of_a_grey_picture(path: Path, photometric: str) -> None:
    picture = read_picture(written(path, RAMP, RAMP + 100, photometric=photometric))
    grey = WANTED if photometric == "minisblack" else 255 - WANTED
    assert np.array_equal(picture.pixels, np.repeat(grey[:, :, None], 3, axis=2))
    assert picture.facts.tags["Not shown"] == "sample 2"


def test_percentiles_and_the_histogram_count_what_is_shown(path: Path) -> None:
    values = np.tile(np.arange(101, dtype=np.uint16) + 1000, (4, 1))  # percentile p is 1000 + p
    written(path, values, values, values, np.full_like(values, OUTSIDE))
    picture = read_picture(path, rendering=Rendering(window="percentiles"))
    assert picture.values is not None
    assert picture.values.window is not None
    assert (picture.values.window.low, picture.values.window.high) == (1001, 1099)
    facts = read_deep(path, Rendering(), 200)[1]
    assert facts is not None
    assert facts.counts is not None
    assert (facts.low, facts.high, facts.counts.sum()) == (1000, 1100, 3 * 4 * 101)


@pytest.mark.parametrize("kind", [{"imagej": True}, {"ome": True, "photometric": "minisblack"}])
@pytest.mark.parametrize("window", ["file", "range", "percentiles"])
def test_the_blue_that_two_channels_lack_is_not_counted(
    path: Path, kind: dict[str, object], window: str
) -> None:
    tifffile.imwrite(path, np.stack([RAMP, RAMP]), metadata={"axes": "CYX"}, **kind)
    picture = read_picture(path, rendering=Rendering(window=window))
    assert not picture.pixels[:, :, 2].any()
    assert np.array_equal(picture.pixels[:, :, 0], picture.pixels[:, :, 1])
    assert window == "percentiles" or is_ramp(picture, channels=2)
    assert picture.pixels[0, 26, 0] == pytest.approx(130, abs=2)
    assert picture.values is not None
    assert (picture.values.samples.min(), picture.values.samples.size) == (1000, 2 * RAMP.size)


def test_two_channels_share_a_window_of_both(path: Path) -> None:
    low, high = np.full((6, 6), 1000, np.uint16), np.full((6, 6), 1100, np.uint16)
    low[0, 0] = 1020
    tifffile.imwrite(path, np.stack([low, high]), metadata={"axes": "CYX"}, ome=True)
    pixels = read_picture(path).pixels
    assert pixels[0, 0].tolist() == [51, 255, 0]  # 20 / 100 * 255
    assert pixels[3, 3].tolist() == [0, 255, 0]


def test_the_fourth_channel_of_a_stack_is_not_counted(path: Path) -> None:
    tifffile.imwrite(path, np.stack([RAMP, RAMP, RAMP, RAMP + 9000]), metadata={"axes": "CYX"}, ome=True)
    assert is_ramp(read_picture(path))


@pytest.mark.parametrize("suffix", [".tif", ".png"])
@pytest.mark.parametrize("channels", [1, 3])
def test_transparent_values_are_not_counted(tmp_path: Path, suffix: str, channels: int) -> None:
    colours, alpha = RAMP.copy(), np.full_like(RAMP, 65535)
    colours[:2], alpha[:2] = OUTSIDE, 0
    samples = np.stack([colours] * channels + [alpha], axis=-1)
    path = tmp_path / f"a{suffix}"
    if suffix == ".png":
        path.write_bytes(imagecodecs.png_encode(samples))
    else:
        shown = "rgb" if channels == 3 else "minisblack"
        tifffile.imwrite(path, samples, photometric=shown, extrasamples=["unassalpha"], metadata=None)
    picture = read_picture(path)
    assert (picture.pixels[:2] == 255).all()
    assert np.array_equal(picture.pixels[2:, :, 1], WANTED[2:])
    assert "Not shown" not in picture.facts.tags
    facts = read_deep(path, Rendering(), 200)[1]
    assert facts is not None
    assert (facts.low, facts.high) == (1000, 1204)


def test_a_further_sample_behind_alpha_is_named(path: Path) -> None:
    alpha = np.full_like(RAMP, 65535)
    kinds = ["unassalpha", "unspecified"]
    picture = read_picture(written(path, RAMP, RAMP, RAMP, alpha, RAMP + 9000, extrasamples=kinds))
    assert is_ramp(picture)
    assert picture.facts.tags["Not shown"] == "sample 5"


@pytest.mark.parametrize(
    ("bands", "photometric", "said"),
    [
        (4, "rgb", "sample 4"),
        (5, "rgb", "samples 4 to 5"),
        (2, "minisblack", "sample 2"),
        (3, "rgb", None),
        (4, "minisblack", "sample 4"),
    ],
)
def test_pictures_of_eight_bits_say_what_is_not_shown(
    path: Path, bands: int, photometric: str, said: str | None
) -> None:
    planes = [np.full((9, 7), 40 * one, np.uint8) for one in range(1, bands + 1)]
    picture = read_picture(written(path, *planes, photometric=photometric))
    assert picture.facts.tags.get("Not shown") == said
    assert picture.pixels[0, 0].tolist() == ([40, 40, 40] if bands == 2 else [40, 80, 120])


def test_alpha_and_inks_are_shown(path: Path) -> None:
    for mode in ("RGBA", "LA", "CMYK", "P", "1"):
        Image.new(mode, (9, 7)).save(path)
        assert "Not shown" not in read_picture(path).facts.tags, mode
    inks = np.zeros((9, 7, 5), np.uint16)
    tifffile.imwrite(path, inks, photometric="separated", extrasamples=["unspecified"], metadata=None)
    assert read_picture(path).facts.tags["Not shown"] == "sample 5"
