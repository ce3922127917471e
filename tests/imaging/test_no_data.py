"""GeoTIFFs with a value that means "no data": it is black, and the window is that of the data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from tldesk.imaging import Rendering, read_picture
from tldesk.ui.images.deep.deep_preview import _counted as counted

RAMP = np.linspace(0.2, 0.6, 256)


def geotiff(path: Path, array: np.ndarray, value: str, **options: object) -> Path:
    tifffile.imwrite(path, array, extratags=[(42113, "s", 0, value, True)], metadata=None, **options)
    return path


@pytest.mark.parametrize(
    ("dtype", "stored", "value"),
    [
        ("f4", -9999, "-9999"),
        ("f4", -9999, "-9999.0 "),
        ("f8", 1e20, "1e+20"),
        ("f4", -3.4028234663852886e38, "-3.4028234663852886e+38"),
        ("f4", -3.4028234663852886e38, "-3.40282e+38"),
        ("f4", np.nan, "nan"),
        ("f4", 0.0, "0"),
        ("u2", 65535, "65535"),
        ("i2", -32768, "-32768"),
        ("u2", 0, "0"),
        ("i1", -128, "-128"),
    ],
)
def test_the_window_is_that_of_the_data_whatever_stands_for_none(
    tmp_path: Path, dtype: str, stored: float, value: str
) -> None:
    line = RAMP if dtype.startswith("f") else np.linspace(1, 120 if dtype == "i1" else 1000, 256).round()
    array = np.tile(line, (30, 1)).astype(dtype)
    array[:20] = stored
    pixels = read_picture(geotiff(tmp_path / "a.tif", array, value)).pixels[:, :, 0]
    assert not pixels[:20].any()
    data = array[20].astype(float)
    wanted = np.rint((data - data.min()) / (data.max() - data.min()) * 255)
    assert np.abs(pixels[20:].astype(int) - wanted).max() <= 1
    assert len(np.unique(pixels[20:])) > 110


def test_each_rule_for_the_window_leaves_it_out(tmp_path: Path) -> None:
    array = np.tile(RAMP, (30, 1)).astype("f4")
    array[:20] = -9999
    path = geotiff(tmp_path / "a.tif", array, "-9999")
    for window in ("range", "percentiles", "0.2..0.6"):
        picture = read_picture(path, rendering=Rendering(window=window))
        assert len(np.unique(picture.pixels[20:])) > 240
        assert picture.values is not None
        assert counted(picture.values).min() == pytest.approx(0.2)


def test_bands_of_a_satellite_share_a_window_without_it(tmp_path: Path) -> None:
    array = np.tile(np.arange(0, 2560, 10, dtype=np.uint16)[None, :, None], (30, 1, 3))
    array[:20] = 65535
    path = geotiff(tmp_path / "a.tif", array, "65535", photometric="rgb")
    pixels = read_picture(path).pixels
    assert not pixels[:20].any()
    assert np.array_equal(pixels[25, :, 2], np.arange(256))


def test_a_picture_without_any_data_is_black(tmp_path: Path) -> None:
    path = geotiff(tmp_path / "a.tif", np.full((30, 40), -9999, "f4"), "-9999")
    assert not read_picture(path).pixels.any()


@pytest.mark.parametrize("value", ["", "none", "-9999", "1e999"])
def test_a_value_that_does_not_occur_changes_nothing(tmp_path: Path, value: str) -> None:
    array = np.tile(RAMP, (30, 1)).astype("f4")
    geotiff(tmp_path / "a.tif", array, value or " ")
    tifffile.imwrite(tmp_path / "b.tif", array, metadata=None)
    one, other = (read_picture(tmp_path / name).pixels for name in ("a.tif", "b.tif"))
    assert np.array_equal(one, other)
