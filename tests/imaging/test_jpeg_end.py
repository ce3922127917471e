"""JPEGs that end early although an end marker, or zeros, follow what is left of them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tldesk.imaging import UnreadableImage, read_picture

END = b"\xff\xd9"
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "colour": ("RGB", {}),
    "full colour resolution": ("RGB", {"subsampling": 0}),
    "grey": ("L", {}),
    "CMYK": ("CMYK", {}),
    "progressive": ("RGB", {"progressive": True}),
    "progressive grey": ("L", {"progressive": True}),
    "restart marker in each row": ("RGB", {"restart_marker_rows": 1}),
    "restart marker after three blocks": ("L", {"restart_marker_blocks": 3}),
    "own code tables": ("RGB", {"optimize": True}),
}


def noise(mode: str, size: tuple[int, int] = (261, 203)) -> Image.Image:
    values = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3)).astype(np.uint8)
    return Image.fromarray(values).convert(mode)


def jpeg(image: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.jpg"


@pytest.mark.parametrize("min_side", [None, 30])
@pytest.mark.parametrize("kind", KINDS)
def test_what_ends_early_is_refused_and_the_whole_is_read(
    path: Path, kind: str, min_side: int | None
) -> None:
    mode, options = KINDS[kind]
    whole = jpeg(noise(mode), **options)
    path.write_bytes(whole)
    assert read_picture(path, min_side=min_side).facts.width == 261
    for share in (0.2, 1 / 3, 0.5):
        kept = whole[: int(len(whole) * share)].rstrip(b"\xff")
        for rest in (END, bytes(len(whole) - len(kept))):  # closed by a program, or room that a copy reserved
            path.write_bytes(kept + rest)
            with pytest.raises(UnreadableImage, match=r"^The file is incomplete: it ends before the picture"):
                read_picture(path, min_side=min_side)


def test_the_reason_says_how_much_would_be_grey(path: Path) -> None:
    whole = jpeg(noise("L", (256, 256)))
    path.write_bytes(whole[: len(whole) // 4] + END)
    with pytest.raises(UnreadableImage, match=r"about 7[345] % of it would be one grey"):
        read_picture(path)


def test_a_cut_in_the_last_row_is_noticed(path: Path) -> None:
    whole = jpeg(noise("L", (256, 256)))
    path.write_bytes(whole[:-300] + END)
    with pytest.raises(UnreadableImage, match="incomplete"):
        read_picture(path)


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"optimize": True}, {"restart_marker_rows": 1}]
)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_whole_picture_that_ends_in_that_grey_is_read(
    path: Path, mode: str, options: dict[str, Any]
) -> None:
    image = noise(mode)
    image.paste(128 if mode == "L" else (128, 128, 128), (0, 100, 261, 203))
    path.write_bytes(jpeg(image, **options))
    assert np.abs(read_picture(path).pixels[-1].astype(int) - 128).max() <= 1


@pytest.mark.parametrize("rest", [b"\0" * 5000, b"maker's notes", b"\xff\xff\xff"])
def test_what_follows_the_end_does_no_harm(path: Path, rest: bytes) -> None:
    image = noise("RGB")
    path.write_bytes(jpeg(image) + rest)
    plain = np.asarray(Image.open(io.BytesIO(jpeg(image))))
    assert np.array_equal(read_picture(path).pixels, plain)


def test_a_preview_inside_is_not_taken_for_the_end(path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "x"
    preview = jpeg(noise("L", (64, 64)))
    whole = jpeg(noise("RGB"), comment=preview[:60000])
    path.write_bytes(whole)
    assert read_picture(path).facts.width == 261
    path.write_bytes(whole[: len(whole) * 2 // 3] + END)
    with pytest.raises(UnreadableImage, match="incomplete"):
        read_picture(path)


PROGRESSIVE: dict[str, Any] = {"progressive": True, "quality": 90}


@pytest.mark.parametrize("share", [0.6, 0.9, 0.97])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_cut_in_the_last_scan_of_a_progressive_picture_is_noticed(
    path: Path, mode: str, share: float
) -> None:
    whole = jpeg(noise(mode), **PROGRESSIVE)
    path.write_bytes(whole[: int(len(whole) * share)].rstrip(b"\xff") + END)
    for min_side in (None, 30):
        with pytest.raises(UnreadableImage, match="incomplete"):
            read_picture(path, min_side=min_side)


@pytest.mark.parametrize("options", [{}, PROGRESSIVE, {"optimize": True}, {"restart_marker_rows": 1}])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.8])
def test_a_hole_of_zeros_is_noticed(path: Path, options: dict[str, Any], share: float) -> None:
    whole = bytearray(jpeg(noise("RGB"), **options))
    at = int(len(whole) * share)
    whole[at : at + 1024] = bytes(1024)
    path.write_bytes(whole)
    with pytest.raises(UnreadableImage, match="incomplete"):
        read_picture(path)


@pytest.mark.parametrize("options", [PROGRESSIVE, {"restart_marker_rows": 1}, {}])
def test_foreign_data_in_the_middle_are_noticed(path: Path, options: dict[str, Any]) -> None:
    whole = bytearray(jpeg(noise("RGB"), **options))
    for seed in range(4):
        damaged = whole.copy()
        foreign = np.random.default_rng(seed).integers(0, 256, 4096).astype(np.uint8).tobytes()
        damaged[len(whole) // 2 : len(whole) // 2 + 4096] = foreign
        path.write_bytes(damaged)
        with pytest.raises(UnreadableImage, match=r"incomplete|damaged"):
            read_picture(path)


@pytest.mark.parametrize("options", [{"optimize": True}, {"optimize": True, "subsampling": 0}, PROGRESSIVE])
@pytest.mark.parametrize("level", [0, 128, 200])
def test_a_large_flat_picture_is_whole(path: Path, options: dict[str, Any], level: int) -> None:
    image = Image.new("RGB", (2400, 1800), (level, level, level))
    image.paste((9, 99, 200), (0, 0, 40, 40))
    path.write_bytes(jpeg(image, **options))
    assert np.abs(read_picture(path).pixels[-1].astype(int) - level).max() <= 2


def test_hundreds_of_scans_are_refused_before_they_are_decoded(path: Path) -> None:
    whole = jpeg(noise("L"), **PROGRESSIVE)
    last = whole[whole.rfind(b"\xff\xda") : -2]
    path.write_bytes(whole[:-2] + 300 * last + END)
    with pytest.raises(UnreadableImage, match=r"it has 30\d scans"):
        read_picture(path)
