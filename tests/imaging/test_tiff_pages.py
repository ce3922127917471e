"""TIFFs whose pages are no pictures of their own, and TIFFs whose strips are missing or end early."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from tifffile import TiffWriter

from tldesk.imaging import UnreadableImage, read_picture
from tldesk.imaging.tiff_stack import TAG as NOT_SHOWN

Y, X = np.mgrid[:120, :160]
COLOURS = np.stack([X, Y, (X * Y) % 256], axis=-1).astype(np.uint8)
DEEP = (X * 200 + Y).astype(np.uint16)
NOISE = np.random.default_rng(4).integers(0, 256, (128, 128, 3)).astype(np.uint8)

THUMBNAIL_FIRST: dict[str, Callable[[TiffWriter, NDArray[np.generic]], None]] = {
    "thumbnail, then the picture": lambda out, full: (
        out.write(full[::8, ::8], subfiletype=1),
        out.write(full),
    ),
    "marked in the old way": lambda out, full: (
        out.write(full[::8, ::8], extratags=[(255, 3, 1, 2, True)]),
        out.write(full, extratags=[(255, 3, 1, 1, True)]),
    ),
    "the picture inside the thumbnail's page": lambda out, full: (
        out.write(full[::8, ::8], subfiletype=1, subifds=1),
        out.write(full),
    ),
    "pyramid": lambda out, full: (
        out.write(full, tile=(64, 64)),
        out.write(full[::2, ::2], subfiletype=1),
        out.write(full[::4, ::4], subfiletype=1),
    ),
    "mask": lambda out, full: (out.write(full), out.write(full[..., 0] > 9, subfiletype=4)),
    "slide": lambda out, full: (
        out.write(full, description="Aperio Image Library v10\r\n160x120"),
        out.write(full[::8, ::8], description="Aperio Image Library v10\r\n160x120 -> 20x15"),
    ),
}


@pytest.mark.parametrize("kind", THUMBNAIL_FIRST)
@pytest.mark.parametrize("big", [False, True], ids=["", "BigTIFF"])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("full", [COLOURS, DEEP], ids=["8 bits", "16 bits"])
def test_the_full_picture_is_the_one_that_is_read(
    tmp_path: Path, kind: str, big: bool, order: str, full: NDArray[np.generic]
) -> None:
    with TiffWriter(tmp_path / "a.tif", bigtiff=big, byteorder=order) as out:
        THUMBNAIL_FIRST[kind](out, full)
    picture = read_picture(tmp_path / "a.tif")
    assert (picture.facts.frames, NOT_SHOWN in picture.facts.tags) == (1, False)
    if full is COLOURS:
        assert np.array_equal(picture.pixels, full)
    else:
        assert picture.values is not None
        assert np.array_equal(picture.values.samples, full)


def test_a_larger_page_without_a_mark_is_said(tmp_path: Path) -> None:
    with TiffWriter(tmp_path / "a.tif") as out:
        out.write(COLOURS[::4, ::4])
        out.write(COLOURS)
    facts = read_picture(tmp_path / "a.tif").facts
    assert (facts.width, facts.frames) == (40, 2)
    assert facts.tags[NOT_SHOWN] == "page 2, the same shape and larger (160 x 120)"


def test_pages_that_are_only_thumbnails_are_read(tmp_path: Path) -> None:
    with TiffWriter(tmp_path / "a.tif") as out:
        out.write(COLOURS, subfiletype=1)
    assert np.array_equal(read_picture(tmp_path / "a.tif").pixels, COLOURS)


def test_a_chain_of_pages_that_bites_its_tail_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, COLOURS, photometric="rgb", metadata=None)
    data = bytearray(path.read_bytes())
    (first,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, first)
    struct.pack_into("<I", data, first + 2 + 12 * count, first)
    path.write_bytes(data)
    assert read_picture(path).facts.frames == 1


def cut_strips(data: bytes, share: float) -> bytes:
    """Return a TIFF whose strips or tiles say that they are only so long."""
    changed = bytearray(data)
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        page = tiff.pages.first
        tag = page.tags.get("StripByteCounts") or page.tags["TileByteCounts"]
        at = page.dataoffsets if tag.count == 1 and tag.valueoffset in page.dataoffsets else None
        assert at is None
        form = f"<{tag.count}{'H' if tag.dtype == 3 else 'I'}"
        counts = [int(count * share) for count in page.databytecounts]
    struct.pack_into(form, changed, tag.valueoffset, *counts)
    return bytes(changed)


@pytest.mark.parametrize("tiled", [False, True], ids=["strips", "tiles"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("compression", ["jpeg", "lzw", "zlib"])
def test_strips_that_end_early_are_named(tmp_path: Path, tiled: bool, share: float, compression: str) -> None:
    kind = {"tile": (64, 64)} if tiled else {"rowsperstrip": 64}
    whole = io.BytesIO()
    tifffile.imwrite(whole, NOISE, photometric="rgb", compression=compression, **kind)
    path = tmp_path / "a.tif"
    path.write_bytes(whole.getvalue())
    assert read_picture(path).facts.width == 128
    path.write_bytes(cut_strips(whole.getvalue(), share))
    with pytest.raises(UnreadableImage, match=r"incomplete|damaged"):
        read_picture(path)


def test_a_flat_jpeg_strip_is_whole(tmp_path: Path) -> None:
    flat = np.full((300, 400, 3), 128, np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", flat, photometric="rgb", compression="jpeg", rowsperstrip=16)
    assert np.abs(read_picture(tmp_path / "a.tif").pixels.astype(int) - 128).max() <= 1


def test_wrong_lengths_of_uncompressed_strips_do_not_matter(tmp_path: Path) -> None:
    whole = io.BytesIO()
    tifffile.imwrite(whole, NOISE, photometric="rgb", rowsperstrip=64)
    (tmp_path / "a.tif").write_bytes(cut_strips(whole.getvalue(), 0.0))  # as old scanners wrote them
    assert np.array_equal(read_picture(tmp_path / "a.tif").pixels, NOISE)


@pytest.mark.parametrize(
    "head", [b"II*\0", b"II*\0\x08\0\0\0", b"MM\0+\0\x08\0\0", b"II*\0\0\0\x10\0" + bytes(40)]
)
def test_a_tiff_without_a_page_is_incomplete(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "a.tif").write_bytes(head)
    with pytest.raises(UnreadableImage, match=r"incomplete"):
        read_picture(tmp_path / "a.tif")
