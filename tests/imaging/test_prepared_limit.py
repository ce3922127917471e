"""Prepared pictures: the limit, and filling up to it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from prepared_photos import DAY, GIB, PICTURE, files, photo, photos

from tldesk.base import Progress
from tldesk.imaging import PreparedCache, prepared_picture
from tldesk.imaging import prepared_cache as prepared_module

# --- the limit ---


def test_the_limit_holds_and_the_least_recently_used_go(tmp_path: Path) -> None:
    limit = 10 * PICTURE
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
    assert kept.stat().st_mtime > recent, "now, not a day ago"


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
    small = PreparedCache(folder, limit=4 * PICTURE)
    list(small.fill(pictures))
    assert (folder / "notes" / "mine.rgb").exists()
    assert not any(large.kept(content) is not None for _, content in pictures)
    assert all(small.kept(content) is not None for _, content in pictures)


def test_a_fill_stops_when_the_cache_is_full_and_does_not_drive_out_its_own(tmp_path: Path) -> None:
    cache = PreparedCache(tmp_path / "prepared", limit=6 * PICTURE)
    pictures = photos(tmp_path, 20)
    list(cache.fill(pictures))
    kept = [content for _, content in pictures if cache.kept(content) is not None]
    assert len(kept) == 5  # 15/16 of six: the sixth does not fit
    assert cache.decoded <= 5 + (os.cpu_count() or 1)
    decoded = cache.decoded
    assert cache.missing(pictures) == []
    assert list(PreparedCache(tmp_path / "prepared", limit=6 * PICTURE).fill(pictures)) == []
    assert cache.decoded == decoded


def test_a_fill_leaves_a_gigabyte_of_the_disk_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = 1_000_000_000 + int(3.5 * PICTURE)
    monkeypatch.setattr(prepared_module, "free_bytes", lambda _folder: free)
    cache = PreparedCache(tmp_path / "prepared", limit=8 * PICTURE)
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
