from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from tldesk.base.limits import CacheLimits, set_cache_limits
from tldesk.engine import FeatureStore
from tldesk.engine.cache_in_use import InUseMarker, is_marked
from tldesk.engine.caches import CacheUse, ClearedCache, caches, clear, tidy


def make_file(path: Path, size: int, used: float = 1000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    os.utime(path, (used, used))
    return path


def make_store(folder: Path, rows: int, used: float) -> Path:
    """A store of rows of 100 bytes, not in use any more; the sizes of its other files are set to 0 and 10."""
    store = FeatureStore(folder, folder.name, (25,), np.float32)
    store.add([f"{row:032x}" for row in range(rows)], np.zeros((rows, 25), np.float32))
    del store
    (folder / "index.txt").write_bytes(b"")
    make_file(folder / "about.json", 10, used)
    return folder


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def by_kind(cache_dir: Path) -> dict[str, CacheUse]:
    return {use.kind: use for use in caches(cache_dir)}


@pytest.fixture
def cache_dir(tmp_path: Path, home: Path) -> Path:
    """100 + 200 bytes of pictures, 500 of an old version's, stores of 110, 210 and 310, a network of 70."""
    folder = tmp_path / "bunte blätter.tldesk" / "cache"
    make_file(folder / "prepared" / "288" / "ab" / "ab01.rgb", 100, used=2000)
    make_file(folder / "prepared" / "352" / "cd" / "cd01.rgb", 200, used=3000)
    make_file(folder / "prepared" / "224-crop-0.875-bilinear" / "rows.bin", 500)
    for rows, used in ((1, 5000), (2, 4000), (3, 6000)):
        make_store(folder / "features" / f"key{rows}", rows, used)
    make_file(home / "engines" / "0a.xml", 20, used=7000)
    make_file(home / "engines" / "0a.bin", 50, used=1)
    return folder


def test_what_is_kept_and_how_much(cache_dir: Path, home: Path) -> None:
    set_cache_limits(CacheLimits(features=999))
    uses = by_kind(cache_dir)
    assert list(uses) == ["prepared", "features", "engines"]
    assert (uses["prepared"].entries, uses["prepared"].bytes) == (3, 800)
    assert (uses["features"].entries, uses["features"].bytes) == (3, 630)
    assert (uses["engines"].entries, uses["engines"].bytes) == (1, 70)
    assert uses["features"].limit == 999
    assert uses["features"].last_used == 6000
    assert uses["engines"].last_used == 7000
    assert [use.path for use in uses.values()] == [
        cache_dir / "prepared",
        cache_dir / "features",
        home / "engines",
    ]


def test_a_project_without_caches(tmp_path: Path) -> None:
    uses = caches(tmp_path / "cache")
    assert [(use.entries, use.bytes, use.last_used) for use in uses] == [(0, 0, None)] * 3
    assert clear(tmp_path / "cache", "features") == ClearedCache(0, 0)
    assert tidy(tmp_path / "cache") == 0
    assert not (tmp_path / "cache").exists()


def test_clearing_takes_one_kind_and_leaves_the_others(cache_dir: Path, home: Path) -> None:
    assert clear(cache_dir, "prepared") == ClearedCache(800, 0)
    assert by_kind(cache_dir)["prepared"].entries == 0
    assert by_kind(cache_dir)["features"].entries == 3
    assert clear(cache_dir, "features") == ClearedCache(630, 0)
    assert names(cache_dir / "features") == set()
    assert clear(cache_dir, "engines") == ClearedCache(70, 0)
    assert names(home / "engines") == set()


def test_a_store_in_use_stays_until_it_is_let_go(cache_dir: Path) -> None:
    store = FeatureStore(cache_dir / "features" / "key2", "used", (25,), np.float32)
    store.add(["c" * 32], np.ones((1, 25), np.float32))
    cleared = clear(cache_dir, "features")
    assert cleared.left == 1
    assert cleared.freed == 420
    np.testing.assert_array_equal(store.get(["c" * 32]), np.ones((1, 25)))
    del store
    assert clear(cache_dir, "features").left == 0
    assert names(cache_dir / "features") == set()


def test_a_store_that_somebody_writes_to_stays(cache_dir: Path) -> None:
    with FileLock(cache_dir / "features" / "key3" / "lock"):
        assert clear(cache_dir, "features") == ClearedCache(320, 1)
    assert names(cache_dir / "features") == {"key3"}


_USER = """
import sys, time
from pathlib import Path
import numpy as np
from tldesk.engine import FeatureStore
store = FeatureStore(Path(sys.argv[1]), "used", (25,), np.float32)
print("open", flush=True)
sys.stdin.readline()
"""


def test_marks_of_other_processes_hold_until_these_are_killed(cache_dir: Path) -> None:
    folder = cache_dir / "features" / "key1"
    with subprocess.Popen(
        [sys.executable, "-c", _USER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"open"
        assert is_marked(folder)
        assert clear(cache_dir, "features").left == 1
        process.kill()
    assert any(path.name.startswith("use-") for path in folder.iterdir())
    assert not is_marked(folder)
    assert clear(cache_dir, "features").left == 0


def test_a_mark_ends_with_its_object(tmp_path: Path) -> None:
    first, second = InUseMarker(tmp_path), InUseMarker(tmp_path)
    first.end()
    assert is_marked(tmp_path)
    second.end()
    second.end()
    assert not is_marked(tmp_path)
    assert names(tmp_path) == set()


def test_tidying_drops_the_least_recently_used_beyond_the_limits(cache_dir: Path, home: Path) -> None:
    make_file(home / "engines" / "0b.xml", 30, used=8000)
    make_file(home / "engines" / "0b.bin", 60, used=1)
    set_cache_limits(CacheLimits(features=420, engines=90))
    assert tidy(cache_dir) == 500 + 210 + 70  # the old version's, key2 (used at 4000), 0a
    assert names(cache_dir / "features") == {"key1", "key3"}
    assert names(home / "engines") == {"0b.xml", "0b.bin"}
    assert by_kind(cache_dir)["prepared"].bytes == 300
    assert tidy(cache_dir) == 0


def test_tidying_keeps_what_it_is_told_and_what_is_in_use(cache_dir: Path, home: Path) -> None:
    set_cache_limits(CacheLimits(features=0, engines=0))
    store = FeatureStore(cache_dir / "features" / "key3", "key3", (25,), np.float32)
    freed = tidy(cache_dir, keep=[cache_dir / "features" / "key2", home / "engines" / "0a.xml"])
    assert freed == 500 + 110
    assert names(cache_dir / "features") == {"key2", "key3"}
    assert names(home / "engines") == {"0a.xml", "0a.bin"}
    del store


def test_opening_a_store_makes_it_the_last_used(cache_dir: Path) -> None:
    make_file(cache_dir / "features" / "key2" / "rows.bin", 0)
    folder = cache_dir / "features" / "again"
    FeatureStore(folder, "again", (1,), np.uint8).add(["a" * 32], np.zeros((1, 1), np.uint8))
    os.utime(folder / "about.json", (1, 1))
    FeatureStore(folder, "again", (1,), np.uint8)
    assert (folder / "about.json").stat().st_mtime > 7000


def test_files_that_are_being_written_are_left_alone(cache_dir: Path, home: Path) -> None:
    temporary = cache_dir / "prepared" / "288" / "ab" / "0123.tmp"
    temporary.write_bytes(b"half")
    scratch = home / "engines" / "tmpab12" / "0c.xml"
    make_file(scratch, 5)
    scratch.touch()
    assert clear(cache_dir, "prepared").freed == 800
    assert clear(cache_dir, "engines").freed == 70
    assert temporary.exists()
    assert scratch.exists()
    os.utime(temporary, (1, 1))
    assert clear(cache_dir, "prepared") == ClearedCache(4, 0)


def test_where_folders_in_use_cannot_be_moved_their_files_go(
    cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on Windows, where the held lock keeps the folder from being renamed.
    def refuse(path: Path, _target: object) -> object:
        raise PermissionError(13, "in use", str(path))

    monkeypatch.setattr(Path, "rename", refuse)
    assert clear(cache_dir, "features") == ClearedCache(630, 0)
    assert by_kind(cache_dir)["features"].entries == 0
    assert names(cache_dir / "features") == set()


@pytest.mark.skipif(sys.platform == "win32", reason="needs the right to make links")
def test_links_in_a_cache_lead_nowhere(cache_dir: Path, tmp_path: Path) -> None:
    photos = make_file(tmp_path / "photos" / "rows.bin", 900).parent
    (cache_dir / "features" / "linked").symlink_to(photos)
    (cache_dir / "prepared" / "300").symlink_to(photos)
    assert by_kind(cache_dir)["features"].bytes == 630
    assert clear(cache_dir, "features").freed == 630
    assert clear(cache_dir, "prepared").freed == 800
    assert (photos / "rows.bin").stat().st_size == 900


def test_looking_at_caches_loads_no_torch(tmp_path: Path) -> None:
    code = "import sys, tldesk.engine.caches; assert not {'torch', 'scipy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
