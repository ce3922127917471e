"""What a prepared picture is, how it is read, and the thumbnails made of it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from prepared_photos import GIB, files, photo

from tldesk.imaging import PreparedCache, UnreadableImage, content_hash, prepared_picture, thumbnail
from tldesk.imaging import prepared_cache as prepared_module
from tldesk.imaging.thumbnails import prepared_thumbnail

# --- what a prepared picture is ---


def test_a_turned_phone_photo_comes_upright_with_its_short_side_at_288(tmp_path: Path) -> None:
    photo(tmp_path / "a.jpg", 4000, 3000, orientation=6)
    prepared = prepared_picture(tmp_path / "a.jpg")
    assert prepared.pixels.shape == (384, 288, 3)
    assert prepared.keep
    with Image.open(tmp_path / "a.jpg") as image:
        whole = image.convert("RGB").transpose(Image.Transpose.ROTATE_270)
    expected = np.asarray(whole.resize((288, 384), Image.Resampling.LANCZOS)).astype(int)
    assert np.abs(prepared.pixels - expected).mean() < 1.5


@pytest.mark.parametrize(
    ("size", "shape", "keep"),
    [
        ((100, 50), (50, 100), False),
        ((700, 575), (575, 700), False),  # quick: neither kept nor reduced
        ((1000, 600), (300, 500), False),  # half, while decoding
        ((1001, 600), (300, 501), True),  # 300 is no more than 1.25 times 288: as it is decoded
        ((1502, 360), (360, 1502), False),
        ((2000, 360), (360, 2000), True),  # 360 is 1.25 times 288
        ((2000, 361), (288, 1596), True),  # 2000 * 288 / 361 = 1595.6
        ((300, 8000), (8000, 300), True),
    ],
)
def test_sizes(tmp_path: Path, size: tuple[int, int], shape: tuple[int, int], keep: bool) -> None:
    photo(tmp_path / "a.jpg", *size)
    prepared = prepared_picture(tmp_path / "a.jpg")
    assert prepared.pixels.shape == (*shape, 3)
    assert prepared.keep == keep


def test_deep_and_rare_pictures_are_kept_however_small(tmp_path: Path) -> None:
    ramp = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) * 16
    Image.fromarray(ramp).save(tmp_path / "deep.png")
    Image.fromarray(ramp).save(tmp_path / "deep.tif")
    grey = Image.fromarray((ramp >> 8).astype(np.uint8))
    for name in ("plain.tif", "plain.webp", "plain.png", "plain.bmp", "plain.jpg"):
        grey.save(tmp_path / name)
    kept = {path.name for path in tmp_path.iterdir() if prepared_picture(path).keep}
    assert kept == {"deep.png", "deep.tif", "plain.tif", "plain.webp"}


# --- reading ---


def test_what_is_kept_is_the_same_to_the_bit_and_the_original_is_not_opened(
    tmp_path: Path, cache: PreparedCache
) -> None:
    content = photo(tmp_path / "a.jpg", 1500, 1000)
    first = cache.read(tmp_path / "a.jpg", content)
    (tmp_path / "a.jpg").unlink()
    again = PreparedCache(tmp_path / "cache" / "prepared", limit=GIB)
    second = again.read(tmp_path / "a.jpg", content)
    assert np.array_equal(first, second)
    assert second.flags.writeable
    assert (cache.decoded, again.decoded) == (1, 0)


def test_small_pictures_are_decoded_each_time_and_leave_no_file(tmp_path: Path, cache: PreparedCache) -> None:
    content = photo(tmp_path / "a.jpg", 500, 375)
    first, second = (cache.read(tmp_path / "a.jpg", content) for _ in range(2))
    assert np.array_equal(first, second)
    assert cache.decoded == 2
    assert files(tmp_path / "cache") == []


def test_real_pictures_of_every_kind(data_dir: Path, cache: PreparedCache) -> None:
    odd = [
        "16bit.cropped.tif",
        "hopper_orientation_6.webp",
        "hopper_float_dpi_2.tif",
        "exif.png",
        "hopper.gif",
    ]
    dicom = ["CT_small.dcm", "693_J2KR.dcm", "JPEG-LL.dcm", "SC_rgb.dcm", "liver_1frame.dcm", "no_meta.dcm"]
    for path in [data_dir / "odd" / name for name in odd] + [data_dir / "dicom" / name for name in dicom]:
        pure = prepared_picture(path)
        content = content_hash(path)
        fresh = cache.read(path, content)
        assert np.array_equal(fresh, pure.pixels), path.name
        assert np.array_equal(cache.read(path, content), pure.pixels), path.name
        assert (cache.kept(content) is not None) == pure.keep, path.name
        assert cache.passed_over(path, content) == (not pure.keep), path.name


@pytest.mark.parametrize("width", [500, 1500])
def test_a_changed_file_is_refused_and_not_kept(tmp_path: Path, cache: PreparedCache, width: int) -> None:
    content = photo(tmp_path / "a.jpg", width, 375)
    photo(tmp_path / "a.jpg", width, 375, seed=1)
    with pytest.raises(UnreadableImage, match=r"changed since it was last scanned\. Scan the folder again"):
        cache.read(tmp_path / "a.jpg", content)
    assert cache.kept(content) is None


def test_a_file_that_changes_while_it_is_decoded_is_not_kept(
    tmp_path: Path, cache: PreparedCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = photo(tmp_path / "a.jpg")

    def hash_and_change(path: Path) -> str:
        photo(path, seed=1)
        os.utime(path, (1, 1))
        return content

    monkeypatch.setattr(prepared_module, "content_hash", hash_and_change)
    with pytest.raises(UnreadableImage, match="changed"):
        cache.read(tmp_path / "a.jpg", content)
    assert cache.kept(content) is None


def test_a_missing_or_broken_file_tells_its_reason(tmp_path: Path, cache: PreparedCache) -> None:
    with pytest.raises(UnreadableImage, match="cannot be opened"):
        cache.read(tmp_path / "none.jpg", "00" * 16)
    (tmp_path / "text.jpg").write_text("no picture")
    with pytest.raises(UnreadableImage, match="not a picture"):
        cache.read(tmp_path / "text.jpg", content_hash(tmp_path / "text.jpg"))


# --- thumbnails ---


def test_thumbnails_of_large_pictures_come_from_the_cache(tmp_path: Path, cache: PreparedCache) -> None:
    path = tmp_path / "a.jpg"
    content = photo(path, 1600, 1200)
    first = prepared_thumbnail(cache, path, content, 160)
    assert first.shape == (120, 160, 3)
    path.unlink()
    assert np.array_equal(prepared_thumbnail(cache, path, content, 160), first)
    assert cache.decoded == 1


def test_thumbnails_of_small_pictures_and_large_previews_come_from_the_file(
    tmp_path: Path, cache: PreparedCache
) -> None:
    large, small = tmp_path / "l.jpg", tmp_path / "s.jpg"
    of_large, of_small = photo(large, 1600, 1200), photo(small, 500, 375)
    assert np.array_equal(prepared_thumbnail(cache, small, of_small, 160), thumbnail(small, 160))
    assert np.array_equal(prepared_thumbnail(cache, large, of_large, 289), thumbnail(large, 289))
    assert cache.decoded == 0
    assert files(tmp_path / "cache") == []
