"""Prepared pictures read and kept by many threads and processes at a time."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from prepared_photos import PICTURE, files, photo, photos

from tldesk.imaging import PreparedCache, prepared_picture


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
    cache = PreparedCache(tmp_path / "prepared", limit=3 * PICTURE)

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
    limit = pictures_of_room * PICTURE
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
