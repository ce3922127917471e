"""Prepared pictures: damaged, foreign and deleted files, and a full disk, do no harm."""

from __future__ import annotations

import errno
import logging
from pathlib import Path

import numpy as np
import pytest
from prepared_photos import GIB, HEADER, files, photo, photos

from tldesk.imaging import PreparedCache, prepared_picture


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
    monkeypatch.setattr("tldesk.imaging.prepared_file._makers", lambda: "1 99.0 3.2")
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
    monkeypatch.setattr("tldesk.imaging.prepared_file._write_all", full)
    for path, content in pictures:
        assert np.array_equal(cache.read(path, content), prepared_picture(path).pixels)
    assert files(tmp_path / "cache") == []  # the half-written file is gone, too
    assert len(caplog.records) == 1
    assert "No space left on device" in caplog.text
    assert list(cache.fill(pictures)) == []
