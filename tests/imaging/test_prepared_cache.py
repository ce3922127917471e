"""Prepared pictures: what is kept, that keeping changes no pixel, and that no mishap does harm."""

from __future__ import annotations

import errno
import logging
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tldesk.base import Progress
from tldesk.imaging import PreparedCache, UnreadableImage, content_hash, prepared_picture, thumbnail
from tldesk.imaging import prepared as prepared_module
from tldesk.imaging.thumbnails import prepared_thumbnail

GIB = 2**30
HEADER = 16
DAY = 24 * 3600


def photo(path: Path, width: int = 1200, height: int = 900, *, seed: int = 0, orientation: int = 1) -> str:
    """A JPEG with noise, so that no two are alike; its content hash."""
    small = np.random.default_rng(seed).integers(0, 256, (height // 50, width // 50, 3), np.uint8)
    exif = Image.Exif()
    exif[274] = orientation
    Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC).save(path, quality=90, exif=exif)
    return content_hash(path)


def photos(folder: Path, count: int) -> list[tuple[Path, str]]:
    paths = [folder / f"{number}.jpg" for number in range(count)]
    return [(path, photo(path, seed=number)) for number, path in enumerate(paths)]


@pytest.fixture
def cache(tmp_path: Path) -> PreparedCache:
    return PreparedCache(tmp_path / "cache" / "prepared", limit=GIB)


def files(cache_folder: Path) -> list[Path]:
    return sorted(path for path in cache_folder.rglob("*") if path.is_file())


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


# --- damage ---


def damaged_variants(data: bytes) -> dict[str, bytes]:
    swapped = (
        data[:4] + data[8:12] + data[4:8] + data[12:]
    )  # width for height: the size of the file still fits
    return {
        "a pixel": data[:-1000] + bytes([data[-1000] ^ 1]) + data[-999:],
        "its checksum": data[:12] + bytes([data[12] ^ 1]) + data[13:],
        "its sides": swapped,
        "its mark": b"PK" + data[2:],
        "its end": data[:-1],
        "more": data + b"x",
        "nearly all": data[:7],
        "all": b"",
    }


def test_damaged_files_are_noticed_deleted_and_made_again(tmp_path: Path, cache: PreparedCache) -> None:
    content = photo(tmp_path / "a.jpg")
    sound = cache.read(tmp_path / "a.jpg", content)
    (kept,) = files(tmp_path / "cache")
    data = kept.read_bytes()
    assert len(data) == HEADER + sound.nbytes
    variants = damaged_variants(data)
    for what, damaged in variants.items():
        kept.write_bytes(damaged)
        assert cache.kept(content) is None, what
        assert not kept.exists(), what
        assert np.array_equal(cache.read(tmp_path / "a.jpg", content), sound), what
        assert kept.read_bytes() == data, what
    assert cache.decoded == 1 + len(variants)


def test_a_kept_file_under_another_pictures_name_is_refused(tmp_path: Path, cache: PreparedCache) -> None:
    (one, first), (two, second) = photos(tmp_path, 2)
    cache.read(one, first)
    expected = cache.read(two, second)
    place = {path.name.split(".")[0]: path for path in files(tmp_path / "cache")}
    place[second].write_bytes(place[first].read_bytes())
    assert np.array_equal(cache.read(two, second), expected)
    assert cache.decoded == 3


def test_what_another_version_of_the_decoders_made_is_made_again(
    tmp_path: Path, cache: PreparedCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = photo(tmp_path / "a.jpg")
    cache.read(tmp_path / "a.jpg", content)
    monkeypatch.setattr("tldesk.imaging.kept_file._makers", lambda: "1 99.0 3.2")
    assert cache.kept(content) is None


def test_the_folder_may_be_deleted_at_any_time(tmp_path: Path, cache: PreparedCache) -> None:
    content = photo(tmp_path / "a.jpg")
    cache.read(tmp_path / "a.jpg", content)
    (kept,) = files(tmp_path / "cache")
    kept.unlink()
    for folder in (kept.parent, kept.parents[1], kept.parents[2], kept.parents[3]):
        folder.rmdir()
    cache.read(tmp_path / "a.jpg", content)
    assert kept.exists()


def test_a_file_where_the_folder_should_be_only_costs_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "prepared").write_text("in the way")
    cache = PreparedCache(tmp_path / "prepared", limit=GIB)
    pictures = photos(tmp_path, 2)
    for path, content in pictures * 2:
        assert cache.read(path, content).shape == (288, 384, 3)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_a_full_disk_ends_the_keeping_with_one_line_and_not_the_reading(
    tmp_path: Path, cache: PreparedCache, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    pictures = photos(tmp_path, 3)
    monkeypatch.setattr("tldesk.imaging.kept_file._write_all", full)
    for path, content in pictures:
        assert np.array_equal(cache.read(path, content), prepared_picture(path).pixels)
    assert files(tmp_path / "cache") == []  # the half-written file is gone, too
    assert len(caplog.records) == 1
    assert "No space left on device" in caplog.text
    assert list(cache.fill(pictures)) == []


# --- the limit ---


def one_picture_bytes() -> int:
    return HEADER + 384 * 288 * 3


def test_the_limit_holds_and_the_least_recently_used_go(tmp_path: Path) -> None:
    limit = 10 * one_picture_bytes()
    cache = PreparedCache(tmp_path / "prepared", limit=limit)
    pictures = photos(tmp_path, 9)
    for number, (path, content) in enumerate(pictures):
        cache.read(path, content)
        (kept,) = (tmp_path / "prepared").rglob(f"{content}.*")
        os.utime(kept, (time.time() - DAY * (20 - number),) * 2)  # the first was used longest ago …
    cache.read(*pictures[0])  # … and is used now
    for number in range(9, 12):
        path = tmp_path / f"{number}.jpg"
        cache.read(path, photo(path, seed=number))
        assert sum(each.stat().st_size for each in files(tmp_path / "prepared")) <= limit
    # Nine files are left below 31/32 of ten: of the twelve pictures those go that were used longest ago.
    assert [cache.kept(content) is not None for _, content in pictures] == [
        True,
        False,
        False,
        False,
        *[True] * 5,
    ]


def test_using_is_noted_once_a_day(tmp_path: Path, cache: PreparedCache) -> None:
    content = photo(tmp_path / "a.jpg")
    cache.read(tmp_path / "a.jpg", content)
    (kept,) = files(tmp_path / "cache")
    recent = time.time() - 3600
    os.utime(kept, (recent, recent))
    cache.read(tmp_path / "a.jpg", content)
    assert abs(kept.stat().st_mtime - recent) < 1
    os.utime(kept, (recent - DAY, recent - DAY))
    cache.read(tmp_path / "a.jpg", content)
    assert abs(kept.stat().st_mtime - time.time()) < 60


def test_a_limit_of_nothing_keeps_nothing(tmp_path: Path) -> None:
    cache = PreparedCache(tmp_path / "prepared", limit=0)
    pictures = photos(tmp_path, 2)
    assert list(cache.fill(pictures)) == []
    for path, content in pictures:
        assert cache.read(path, content).shape == (288, 384, 3)
    assert files(tmp_path / "prepared") == []


def test_the_limit_is_the_users(tmp_path: Path, home: Path) -> None:
    (home / "cache.toml").write_text('prepared = "0 MB"')
    cache = PreparedCache(tmp_path / "prepared")
    path, content = photos(tmp_path, 1)[0]
    cache.read(path, content)
    assert files(tmp_path / "prepared") == []


def test_other_sides_count_towards_the_limit_and_strangers_are_let_be(tmp_path: Path) -> None:
    folder = tmp_path / "prepared"
    (folder / "notes").mkdir(parents=True)
    (folder / "notes" / "mine.rgb").write_bytes(b"x" * 10_000_000)
    pictures = photos(tmp_path, 3)
    large = PreparedCache(folder, side=400, limit=GIB)
    list(large.fill(pictures))
    for kept in (folder / "400").rglob("*.rgb"):
        os.utime(kept, (1, 1))
    small = PreparedCache(folder, limit=4 * one_picture_bytes())
    list(small.fill(pictures))
    assert (folder / "notes" / "mine.rgb").exists()
    assert not any(large.kept(content) is not None for _, content in pictures)
    assert all(small.kept(content) is not None for _, content in pictures)


def test_a_fill_stops_when_the_cache_is_full_and_does_not_drive_out_its_own(tmp_path: Path) -> None:
    cache = PreparedCache(tmp_path / "prepared", limit=6 * one_picture_bytes())
    pictures = photos(tmp_path, 20)
    list(cache.fill(pictures))
    kept = [content for _, content in pictures if cache.kept(content) is not None]
    assert len(kept) == 5  # 15/16 of six: the sixth does not fit
    assert cache.decoded <= 5 + (os.cpu_count() or 1)
    decoded = cache.decoded
    assert cache.missing(pictures) == []
    assert list(PreparedCache(tmp_path / "prepared", limit=6 * one_picture_bytes()).fill(pictures)) == []
    assert cache.decoded == decoded


def test_a_fill_leaves_a_gigabyte_of_the_disk_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = 1_000_000_000 + int(3.5 * one_picture_bytes())
    monkeypatch.setattr(prepared_module, "free_bytes", lambda _folder: free)
    cache = PreparedCache(tmp_path / "prepared", limit=8 * one_picture_bytes())
    list(cache.fill(photos(tmp_path, 6)))
    assert len(files(tmp_path / "prepared")) == 3


# --- filling ---


def test_a_fill_prepares_what_pays_and_says_how_far_it_is(tmp_path: Path, cache: PreparedCache) -> None:
    pictures = photos(tmp_path, 5)
    small = [(tmp_path / "s.jpg", photo(tmp_path / "s.jpg", 400, 300))]
    broken = [(tmp_path / "gone.jpg", "00" * 16)]
    steps = list(cache.fill(pictures + small + broken + pictures, threading.Event()))
    assert all(isinstance(step, Progress) for step in steps)
    assert (steps[-1].done, steps[-1].total, steps[-1].seconds_left) == (7, 7, 0)
    assert cache.decoded == 5
    assert len(files(tmp_path / "cache")) == 5
    assert cache.missing(pictures + small + broken) == []
    assert list(cache.fill(pictures + small + broken)) == []
    for path, content in pictures:
        assert np.array_equal(cache.kept(content), prepared_picture(path).pixels)
    assert cache.decoded == 5


def test_a_new_object_looks_at_the_headers_of_small_ones_only(tmp_path: Path, cache: PreparedCache) -> None:
    pictures = [*photos(tmp_path, 3), (tmp_path / "s.png", photo(tmp_path / "s.png", 400, 300))]
    list(cache.fill(pictures))
    again = PreparedCache(tmp_path / "cache" / "prepared", limit=GIB)
    assert again.missing(pictures) == pictures[3:]
    list(again.fill(pictures))
    assert again.decoded == 0
    assert again.missing(pictures) == []


def test_a_fill_that_is_stopped_keeps_what_it_has(tmp_path: Path, cache: PreparedCache) -> None:
    pictures = photos(tmp_path, 40)
    stop = threading.Event()
    for _step in cache.fill(pictures, stop):
        stop.set()
    assert 0 < cache.decoded < 40
    assert len(files(tmp_path / "cache")) == cache.decoded
    list(cache.fill(pictures, threading.Event()))
    assert cache.decoded == 40


def test_a_fill_that_nobody_listens_to_any_more_ends_its_threads(
    tmp_path: Path, cache: PreparedCache
) -> None:
    steps = cache.fill(photos(tmp_path, 40))
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("prepare")]


# --- at once ---


def test_many_threads_read_the_same_pictures(tmp_path: Path, cache: PreparedCache) -> None:
    pictures = photos(tmp_path, 6)
    expected = {content: prepared_picture(path).pixels for path, content in pictures}

    def read(number: int) -> bool:
        path, content = pictures[number % 6]
        return np.array_equal(cache.read(path, content), expected[content])

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(read, range(300)))
    assert len(files(tmp_path / "cache")) == 6


def test_many_threads_in_a_cache_that_is_too_small(tmp_path: Path) -> None:
    pictures = photos(tmp_path, 12)
    expected = {content: prepared_picture(path).pixels for path, content in pictures}
    cache = PreparedCache(tmp_path / "prepared", limit=3 * one_picture_bytes())

    def read(number: int) -> bool:
        path, content = pictures[(number * 5) % 12]
        return np.array_equal(cache.read(path, content), expected[content])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(120)))


_CHILD = """
import sys
from pathlib import Path
from tldesk.imaging import PreparedCache, content_hash
cache = PreparedCache(Path(sys.argv[1]), limit=int(sys.argv[2]))
pictures = [(path, content_hash(path)) for path in sorted(Path(sys.argv[3]).glob("*.jpg"))]
print("ready", flush=True)
sys.stdin.readline()
for _ in range(3):
    list(cache.fill(pictures))
    print(*(int(cache.read(path, content).astype(int).sum()) for path, content in pictures), flush=True)
"""


@pytest.mark.parametrize("pictures_of_room", [100, 4])
def test_two_processes_share_a_cache(tmp_path: Path, pictures_of_room: int) -> None:
    pictures = photos(tmp_path, 10)
    sums = [int(prepared_picture(path).pixels.astype(int).sum()) for path, _ in pictures]
    limit = pictures_of_room * one_picture_bytes()
    command = [sys.executable, "-c", _CHILD, str(tmp_path / "prepared"), str(limit), str(tmp_path)]
    both = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for child in both:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in both:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in both:
        out, _ = child.communicate(timeout=60)
        assert child.returncode == 0
        assert [[int(word) for word in line.split()] for line in out.splitlines()] == [sums] * 3
    left = files(tmp_path / "prepared")
    assert {path.suffix for path in left} == {".rgb"}
    assert len(left) <= 10


def test_leftovers_of_a_killed_process_go(tmp_path: Path, cache: PreparedCache) -> None:
    content = photo(tmp_path / "a.jpg")
    shard = tmp_path / "cache" / "prepared" / "288" / content[:2]
    shard.mkdir(parents=True)
    old, new = shard / "old.tmp", shard / "new.tmp"
    for leftover in (old, new):
        leftover.write_bytes(b"half")
    os.utime(old, (1, 1))
    cache.read(tmp_path / "a.jpg", content)
    assert (old.exists(), new.exists()) == (False, True)


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
