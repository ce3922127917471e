"""Samples deeper than 8 bits keep their steps; what maps to black and white is known in advance."""

from __future__ import annotations

from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from tldesk.imaging import Rendering, UnreadableImage, read_picture

RAMP = np.arange(256, dtype=np.uint16)[None, :].repeat(8, axis=0) * 4 + 1000  # 1000..2020, far below 65535


def expected(values: np.ndarray) -> np.ndarray:
    """From the smallest to the largest value, worked out with whole numbers."""
    low, high = int(values.min()), int(values.max())
    return np.array([[round((int(v) - low) * 255 / (high - low)) for v in row] for row in values])


def test_sixteen_bit_ramp_keeps_its_256_steps_in_every_format(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "grey.tif", RAMP, photometric="minisblack")
    tifffile.imwrite(tmp_path / "big-endian.tif", RAMP, photometric="minisblack", byteorder=">")
    tifffile.imwrite(tmp_path / "zipped.tif", RAMP, photometric="minisblack", compression="zlib")
    tifffile.imwrite(tmp_path / "float.tif", RAMP.astype(np.float32) / 7, photometric="minisblack")
    tifffile.imwrite(tmp_path / "half.tif", RAMP.astype(np.float16), photometric="minisblack")
    tifffile.imwrite(tmp_path / "signed.tif", RAMP.astype(np.int16) - 1500, photometric="minisblack")
    tifffile.imwrite(tmp_path / "wide.tif", RAMP.astype(np.uint32) * 1000, photometric="minisblack")
    Image.fromarray(RAMP).save(tmp_path / "grey.png")
    (tmp_path / "grey.pgm").write_bytes(b"P5 256 8 65535\n" + RAMP.astype(">u2").tobytes())
    for path in tmp_path.iterdir():
        picture = read_picture(path)
        assert np.array_equal(picture.pixels, np.repeat(expected(RAMP)[:, :, None], 3, axis=2)), path.name
        assert picture.facts.bits == {"float": 32, "wide": 32}.get(path.stem, 16), path.name


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_sixteen_bit_colour_shares_one_window(tmp_path: Path, planar: str) -> None:
    colour = np.stack([RAMP, RAMP + 1000, np.full_like(RAMP, 500)], axis=2)
    data = colour if planar == "contig" else np.moveaxis(colour, 2, 0)
    tifffile.imwrite(tmp_path / "a.tif", data, photometric="rgb", planarconfig=planar)
    (tmp_path / "a.png").write_bytes(imagecodecs.png_encode(colour))
    wanted = np.rint((colour.astype(float) - 500) * 255 / (3020 - 500))
    for name in ("a.tif", "a.png"):
        picture = read_picture(tmp_path / name)
        assert np.abs(picture.pixels - wanted).max() <= 1  # rounding in single precision
        assert picture.facts.bits == 16


def test_a_given_window_wins_and_clips_outside(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", RAMP, photometric="minisblack")
    row = read_picture(tmp_path / "a.tif", rendering=Rendering(window="1100..1200")).pixels[0, :, 0]
    assert row[25] == 0  # 1100
    assert row[50] == 255  # 1200
    assert row[0] == 0
    assert row[255] == 255
    assert abs(int(row[37]) - 122) <= 1  # 1148 -> 48 % of 255 = 122.4


def test_a_constant_picture_is_mid_grey(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.full((9, 7), 40000, np.uint16), photometric="minisblack")
    assert (read_picture(tmp_path / "a.tif").pixels == 128).all()


def test_not_a_number_is_black_and_does_not_spoil_the_window(tmp_path: Path) -> None:
    values = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    values[0, 0], values[0, 1] = np.nan, np.inf
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="minisblack")
    grey = read_picture(tmp_path / "a.tif").pixels[:, :, 0]
    assert grey[0, 0] == 0
    assert grey[0, 1] == 255
    assert grey[0, 2] == 0
    assert grey[2, 3] == 255


def test_white_is_zero_is_turned_round(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", RAMP, photometric="miniswhite")
    assert np.array_equal(read_picture(tmp_path / "a.tif").pixels[:, :, 0], 255 - expected(RAMP))


def test_deep_tiff_is_turned_upright(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", RAMP, photometric="minisblack", extratags=[(274, "H", 1, 6, True)])
    picture = read_picture(tmp_path / "a.tif")
    assert (picture.facts.width, picture.facts.height, picture.facts.orientation) == (8, 256, 6)
    assert np.array_equal(picture.pixels[:, :, 0], np.rot90(expected(RAMP), -1))


def test_sixteen_bit_alpha_is_laid_on_white(tmp_path: Path) -> None:
    colour = np.zeros((4, 4, 4), np.uint16)
    colour[0, 0, :3] = 65535
    colour[:, :2, 3] = 65535
    tifffile.imwrite(tmp_path / "a.tif", colour, photometric="rgb", extrasamples=["unassalpha"])
    (tmp_path / "a.png").write_bytes(imagecodecs.png_encode(colour))
    for name in ("a.tif", "a.png"):
        grey = read_picture(tmp_path / name).pixels[:, :, 1]
        assert grey.tolist() == [[255, 0, 255, 255]] + [[0, 0, 255, 255]] * 3


def test_a_deep_tiff_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 60000, (300, 200), dtype=np.uint16)
    for compression in (None, "zlib"):
        tifffile.imwrite(tmp_path / "whole.tif", noise, compression=compression, rowsperstrip=10)
        whole = (tmp_path / "whole.tif").read_bytes()
        (tmp_path / "cut.tif").write_bytes(whole[: len(whole) * 2 // 3])
        with pytest.raises(UnreadableImage, match=r"incomplete|damaged"):
            read_picture(tmp_path / "cut.tif")


def test_complex_numbers_are_no_picture(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.ones((4, 4), np.complex64))
    with pytest.raises(UnreadableImage, match="complex64"):
        read_picture(tmp_path / "a.tif")
