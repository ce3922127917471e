"""Files that people have: HEIC, very large pictures, files of zeros, damaged files of many kinds."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tldesk.imaging import PreparedCache, UnreadableImage, is_candidate, read_picture

# 64 x 48 pixels, encoded with x265: red 4 x, green 5 y, blue 60; the 16 x 12 at the upper left are red.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ACJpbG9jAAAAAERAAAEAAQAAAAABoQABAAAAAAAAAMsAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRt"
    "AAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMA"
    "AAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5j"
    "bHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBp"
    "eGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAANNtZGF0AAAAxygBrwngd6I7xmf6ET/qu0OsN3qlCefVCTPtyrc6"
    "ajOvwsplwm7pfDPBSkGnCZl5PorvHuBDZD1VrYUgFH9eztRoQGtOs17vz7insfDwaAnYd3Y0JhDbVQ+KgwcOyT+GJH6/5erM48KU"
    "725mAMkHWEQfY31V38cOFRnszRvPGXvX+U80auwboMsXHSL6M0+KuBZPObKOGugjP41albLU3kfnPTZhv8+fshLX6LSrQY5iltp0"
    "lkTa1qZrSBDDGzfXeYjCZ5rM//o="
)


@pytest.mark.parametrize("suffix", [".heic", ".HIF", ".heif", ".jpg"])
def test_heic_is_read_whatever_its_suffix(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(HEIC)
    assert is_candidate(path)
    picture = read_picture(path)
    y, x = np.mgrid[:48, :64]
    wanted = np.stack([x * 4, y * 5, np.full_like(x, 60)], axis=2)
    wanted[:12, :16] = (250, 20, 20)
    assert (picture.facts.format, picture.facts.width, picture.facts.height) == ("HEIC", 64, 48)
    assert np.abs(picture.pixels - wanted).mean() < 2


def test_half_a_heic_is_refused(tmp_path: Path) -> None:
    for kept in (40, 300, 560):
        (tmp_path / "a.heic").write_bytes(HEIC[:kept])
        with pytest.raises(UnreadableImage, match=r"damaged|incomplete|not a picture"):
            read_picture(tmp_path / "a.heic")


@pytest.mark.parametrize("suffix", [".tif", ".png"])
def test_pictures_of_180_million_pixels_are_read_in_all_formats(tmp_path: Path, suffix: str) -> None:
    image = Image.new("L", (20_000, 9_000), 99)
    image.save(tmp_path / f"a{suffix}", **({"compression": "tiff_adobe_deflate"} if suffix == ".tif" else {}))
    picture = read_picture(tmp_path / f"a{suffix}", min_side=1000)
    assert (picture.facts.width, picture.facts.height) == (20_000, 9_000)
    assert picture.pixels.shape == (1125, 2500, 3)
    assert (picture.pixels == 99).all()


@pytest.mark.parametrize("suffix", [".bmp", ".tif", ".ppm", ".tga"])
def test_more_than_200_million_pixels_are_refused_in_all_formats(tmp_path: Path, suffix: str) -> None:
    heads = {
        ".bmp": b"BM"
        + bytes(8)
        + b"\x36\0\0\0\x28\0\0\0"
        + b"\x21\x4e\0\0\x10\x27\0\0\x01\0\x18\0"
        + bytes(24),
        ".ppm": b"P6 20001 10000 255\n",
        ".tga": b"\0\0\x02" + bytes(9) + b"\x30\x75\x30\x75\x18\x20",
        ".tif": _tiff_head(20_001, 10_000),
    }
    (tmp_path / f"a{suffix}").write_bytes(heads[suffix] + bytes(4000))
    with pytest.raises(UnreadableImage, match="200 million"):
        read_picture(tmp_path / f"a{suffix}")


def _tiff_head(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (7, 7)).save(out, "TIFF")
    data = bytearray(out.getvalue())
    for tag, value in ((256, width), (257, height)):
        at = _entry(data, tag)
        data[at : at + 4] = value.to_bytes(4, "little")
    return bytes(data)


def _entry(data: bytearray, tag: int) -> int:
    first = int.from_bytes(data[4:8], "little")
    for at in range(first + 2, first + 2 + 12 * int.from_bytes(data[first : first + 2], "little"), 12):
        if int.from_bytes(data[at : at + 2], "little") == tag:
            data[at + 2 : at + 4] = b"\x04\0"
            return at + 8
    raise AssertionError


HEADS = {
    "jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0", "png": b"\x89PNG\r\n\x1a\n", "tif": b"II*\0\x08\0\0\0",
    "dcm": bytes(128) + b"DICM", "webp": b"RIFF\0\0\0\x80WEBPVP8 ", "bmp": b"BM", "gif": b"GIF89a",
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
}  # fmt: skip


@pytest.mark.parametrize("begins", ["as zeros", "as its format does"])
@pytest.mark.parametrize("kind", HEADS)
def test_two_gigabytes_of_zeros_are_given_up_without_being_read(
    tmp_path: Path, cache: PreparedCache, kind: str, begins: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"a.{kind}"
    with path.open("wb") as file:
        file.write(b"" if begins == "as zeros" else HEADS[kind])
        file.truncate(2 * 1024**3)
    monkeypatch.setattr("tldesk.imaging.prepared_cache.content_hash", lambda _: pytest.fail("it was hashed"))
    found = cache.first_reader(64)(path)
    assert (found.picture, found.content) == (None, "")
    assert found.reason.endswith(".")
    if begins == "as zeros":
        assert "zeros where the picture should be" in found.reason


@pytest.mark.parametrize("suffix", [".webp", ".avif"])
def test_a_copy_that_broke_off_into_zeros_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    values = np.random.default_rng(3).integers(0, 256, (256, 256, 3)).astype(np.uint8)
    Image.fromarray(values).save(path, quality=90)
    whole = path.read_bytes()
    assert read_picture(path).facts.width == 256
    for share in (0.3, 0.6):
        kept = int(len(whole) * share)
        path.write_bytes(whole[:kept] + bytes(len(whole) - kept))
        with pytest.raises(UnreadableImage, match="zeros where the picture should be"):
            read_picture(path)


CHATTY = """
import sys
from concurrent.futures import ThreadPoolExecutor
from tldesk.imaging import UnreadableImage, read_picture
def read(path):
    try:
        read_picture(path)
        return "read"
    except UnreadableImage as error:
        return error.reason
with ThreadPoolExecutor(4) as pool:
    print(*pool.map(read, sys.argv[1:]), sep="\\n")
"""


def test_no_library_writes_to_the_terminal(tmp_path: Path) -> None:
    values = np.random.default_rng(3).integers(0, 256, (200, 200, 3)).astype(np.uint8)
    paths = []
    for kind in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits", "lzma", "zstd", "group4"):
        out = io.BytesIO()
        Image.fromarray(values).convert("1" if kind == "group4" else "RGB").save(
            out, "TIFF", compression=kind
        )
        data = bytearray(out.getvalue())
        for at in range(len(data) // 3, len(data) // 2):
            data[at] = 37 * at % 256
        paths.append(tmp_path / f"{kind}.tif")
        paths[-1].write_bytes(data)
    ran = subprocess.run(
        [sys.executable, "-c", CHATTY, *map(str, paths)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert ran.stderr == ""
    assert "damaged" in ran.stdout
