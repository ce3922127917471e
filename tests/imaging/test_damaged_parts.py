"""PNGs whose data were altered, JPEG 2000 files that lack tiles, and what the libraries would print."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from tldesk.imaging import UnreadableImage, read_picture

NOISE = np.random.default_rng(5).integers(0, 256, (128, 192, 3)).astype(np.uint8)


def saved(kind: str, mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(NOISE).convert(mode).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_hole_in_a_png_is_named(tmp_path: Path, mode: str, share: float) -> None:
    whole = saved("PNG", mode)
    path = tmp_path / "a.png"
    path.write_bytes(whole)
    assert read_picture(path).facts.width == 192
    start = int(len(whole) * share)
    for length in (600, len(whole) - start):
        path.write_bytes(whole[:start] + bytes(length) + whole[start + length :])
        with pytest.raises(UnreadableImage, match=r"damaged|incomplete"):
            read_picture(path)


@pytest.mark.parametrize("suffix", ["jp2", "j2k"])
def test_missing_tiles_of_a_jpeg_2000_are_named(tmp_path: Path, suffix: str) -> None:
    whole = saved("JPEG2000", tile_size=(64, 64), no_jp2=suffix == "j2k")
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(whole)
    assert np.array_equal(read_picture(path).pixels, NOISE)
    for kept in (1, 3, 5):  # of 6 tiles
        at = -1
        for _ in range(kept + 1):
            at = whole.find(b"\xff\x90\0\x0a", at + 1)
        path.write_bytes(whole[:at] + b"\xff\xd9")
        with pytest.raises(UnreadableImage, match="incomplete"):
            read_picture(path)


def test_pillows_complaints_do_not_reach_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    many = np.zeros((16, 16, 100), np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", many, photometric="minisblack", planarconfig="contig")
    assert read_picture(tmp_path / "a.tif").facts.width == 16
    assert capfd.readouterr() == ("", "")
