"""The decoder's promises about size, speed-ups, threads, warnings and files nobody can read."""

from __future__ import annotations

import contextlib
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tldesk.imaging import UnreadableImage, read_picture, thumbnail
from tldesk.imaging.orientation import upright


def scene(width: int, height: int) -> Image.Image:
    """A smooth picture with a different colour in each corner."""
    y, x = np.mgrid[0:height, 0:width]
    wave = 40 * np.sin(x / 37) * np.cos(y / 23)
    channels = [x / width * 180 + wave + 30, y / height * 180 + wave + 30, 128 + wave]
    return Image.fromarray(np.stack(channels, axis=2).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize(
    ("size", "min_side", "reduced"),
    [
        ((1600, 1200), 150, (200, 150)),
        ((1600, 1200), 151, (400, 300)),
        ((1600, 1200), 600, (800, 600)),
        ((1600, 1200), 601, (1600, 1200)),
        ((1003, 777), 190, (251, 195)),
        ((64, 48), 300, (64, 48)),
    ],
)
def test_reduced_pictures_have_one_size_and_nearly_one_look_in_all_formats(
    tmp_path: Path, size: tuple[int, int], min_side: int, reduced: tuple[int, int]
) -> None:
    image = scene(*size)
    image.save(tmp_path / "a.jpg", quality=97, subsampling=0)
    image.save(tmp_path / "a.png")
    jpeg = read_picture(tmp_path / "a.jpg", min_side=min_side)
    png = read_picture(tmp_path / "a.png", min_side=min_side)
    assert jpeg.pixels.shape == png.pixels.shape == (reduced[1], reduced[0], 3)
    assert (jpeg.facts.width, jpeg.facts.height) == size
    boxed = np.asarray(image.resize(reduced, Image.Resampling.BOX)).astype(int)
    assert np.abs(png.pixels - boxed).mean() < 1.3  # sides that 4 does not divide end in narrower squares
    assert np.abs(jpeg.pixels - boxed).mean() < 1.5


def test_reduced_and_turned(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    scene(1600, 1200).save(tmp_path / "a.jpg", exif=exif, quality=97)
    picture = read_picture(tmp_path / "a.jpg", min_side=300)
    assert picture.pixels.shape == (400, 300, 3)
    assert (picture.facts.width, picture.facts.height) == (1200, 1600)
    full = read_picture(tmp_path / "a.jpg").pixels
    assert np.abs(full[::4, ::4].astype(int) - picture.pixels).mean() < 6


def test_the_eight_orientations_by_hand() -> None:
    # Rows and columns as EXIF stores the picture [[1, 2, 3], [4, 5, 6]] for each orientation (JEITA CP-3451).
    stored = {
        1: [[1, 2, 3], [4, 5, 6]],
        2: [[3, 2, 1], [6, 5, 4]],
        3: [[6, 5, 4], [3, 2, 1]],
        4: [[4, 5, 6], [1, 2, 3]],
        5: [[1, 4], [2, 5], [3, 6]],
        6: [[3, 6], [2, 5], [1, 4]],
        7: [[6, 3], [5, 2], [4, 1]],
        8: [[4, 1], [5, 2], [6, 3]],
    }
    for orientation, rows in stored.items():
        assert upright(np.array(rows), orientation).tolist() == [[1, 2, 3], [4, 5, 6]], orientation


def test_many_threads_read_the_same_pixels(data_dir: Path) -> None:
    names = [
        "odd/hopper.jpg",
        "odd/hopper.Lab.tif",
        "odd/16bit.r.tif",
        "dicom/CT_small.dcm",
        "dicom/US1_J2KI.dcm",
    ]
    alone = [read_picture(data_dir / name).pixels for name in names]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda n: read_picture(data_dir / names[n % 5]).pixels, range(60)))
    assert all(np.array_equal(pixels, alone[n % 5]) for n, pixels in enumerate(together))


def test_no_warning_leaves_the_decoder(data_dir: Path) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for path in sorted((data_dir / "odd").iterdir()) + sorted((data_dir / "dicom").iterdir()):
            try:
                read_picture(path)
            except UnreadableImage:
                continue
    assert [str(warning.message) for warning in caught] == []


def png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("width", "height", "reason"),
    [
        (20_000, 10_001, "more than the 200 million pixels"),
        (16_320, 12_240, "incomplete|damaged"),  # 199.8 million, a phone's: opened, but here without pixels
        (10_000, 9_500, "incomplete|damaged"),  # above Pillow's warning
    ],
)
def test_the_limit_is_200_million_pixels(tmp_path: Path, width: int, height: int, reason: str) -> None:
    (tmp_path / "a.png").write_bytes(png_header(width, height))
    with pytest.raises(UnreadableImage, match=reason):
        read_picture(tmp_path / "a.png")


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".gif", ".tif", ".webp", ".ppm"])
def test_cut_or_scrambled_files_are_refused_or_read_but_never_crash(tmp_path: Path, suffix: str) -> None:
    scene(200, 150).save(tmp_path / f"a{suffix}")
    whole = (tmp_path / f"a{suffix}").read_bytes()
    for share in (0.02, 0.3, 0.8):
        cut = tmp_path / f"cut{suffix}"
        cut.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(UnreadableImage, match=r"incomplete|damaged|not a picture"):
            read_picture(cut)
    generator = np.random.default_rng(3)
    for _ in range(20):
        scrambled = bytearray(whole)
        for at in generator.integers(0, min(len(whole), 400), 6):
            scrambled[at] = int(generator.integers(0, 256))
        (tmp_path / f"b{suffix}").write_bytes(scrambled)
        with contextlib.suppress(UnreadableImage):
            read_picture(tmp_path / f"b{suffix}")


def test_what_is_no_file_has_a_reason(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.jpg", tmp_path):
        with pytest.raises(UnreadableImage, match="cannot be opened"):
            read_picture(path)


def test_names_with_umlauts_and_spaces(tmp_path: Path) -> None:
    path = tmp_path / "Blätter im März ☀.jpg"
    scene(40, 30).save(path)
    assert read_picture(path).pixels.shape == (30, 40, 3)


@pytest.mark.parametrize(
    ("size", "fitted"),
    [((1600, 1200), (75, 100)), ((300, 900), (100, 33)), ((5000, 20), (1, 100)), ((40, 30), (30, 40))],
)
def test_thumbnails_fit_and_keep_the_aspect(
    tmp_path: Path, size: tuple[int, int], fitted: tuple[int, int]
) -> None:
    scene(*size).save(tmp_path / "a.jpg")
    assert thumbnail(tmp_path / "a.jpg", 100).shape[:2] == fitted


def test_exif_facts(data_dir: Path) -> None:
    facts = read_picture(data_dir / "odd" / "flower.jpg").facts
    assert facts.tags == {"Camera": "Canon PowerShot S40", "DateTime": "2003:12:14 12:01:44"}
    assert (facts.format, facts.mode, facts.bits, facts.frames) == ("JPEG", "RGB", 8, 1)
