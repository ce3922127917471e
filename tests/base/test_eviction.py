from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path

import pytest

from tldesk.base.eviction import CacheItem, evict, remove, size_of, sweep


def entries_in(folder: Path) -> list[CacheItem]:
    return [CacheItem(path, size_of(path), path.stat().st_mtime) for path in folder.iterdir()]


def make_file(path: Path, size: int, used: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    os.utime(path, (used, used))
    return path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_least_recently_used_go_first_until_the_rest_fits(tmp_path: Path) -> None:
    for number in range(5):
        make_file(tmp_path / f"{number}", 100, 1000.0 - number)  # 4 is the oldest
    assert evict(entries_in(tmp_path), 250) == 300
    assert names(tmp_path) == {"0", "1"}
    assert evict(entries_in(tmp_path), 200) == 0
    assert evict(entries_in(tmp_path), 0) == 200


def test_what_is_kept_counts_and_stays(tmp_path: Path) -> None:
    for number in range(3):
        make_file(tmp_path / f"{number}", 100, number)
    assert evict(entries_in(tmp_path), 100, keep=[tmp_path / "0"]) == 200
    assert names(tmp_path) == {"0"}
    assert evict(entries_in(tmp_path), 0, keep={tmp_path / "0"}) == 0


def test_a_folder_goes_with_all_that_is_in_it(tmp_path: Path) -> None:
    make_file(tmp_path / "ä b" / "c" / "rows.bin", 70, 1)
    make_file(tmp_path / "ä b" / "about.json", 30, 1)
    make_file(tmp_path / "new", 10, 2**40)
    assert size_of(tmp_path / "ä b") == 100
    assert evict(entries_in(tmp_path), 50) == 100
    assert names(tmp_path) == {"new"}


def test_what_is_gone_already_counts_as_gone_but_not_as_freed(tmp_path: Path) -> None:
    for number in range(3):
        make_file(tmp_path / f"{number}", 100, number)
    seen = entries_in(tmp_path)
    (tmp_path / "0").unlink()
    assert evict(seen, 200) == 0
    assert names(tmp_path) == {"1", "2"}


@pytest.mark.skipif(sys.platform == "win32", reason="needs the right to make links")
def test_links_are_neither_followed_nor_deleted(tmp_path: Path) -> None:
    outside = make_file(tmp_path / "outside" / "photo.jpg", 500, 1)
    cache = tmp_path / "cache"
    make_file(cache / "store" / "rows.bin", 100, 1)
    (cache / "store" / "to").symlink_to(outside.parent)
    (cache / "linked").symlink_to(outside.parent)
    assert size_of(cache / "store") == 100
    assert size_of(cache / "linked") == 0
    assert not remove(cache / "linked")
    assert evict([CacheItem(cache / "linked", 500, 0), CacheItem(cache / "store", 100, 1)], 0) == 100
    assert names(cache) == {"linked"}
    assert outside.stat().st_size == 500


def test_what_cannot_be_deleted_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As on Windows, where a file that somebody has open can be neither deleted nor renamed.
    held = {make_file(tmp_path / "open", 100, 1), tmp_path / "folder"}
    make_file(tmp_path / "folder" / "rows.bin", 100, 2)
    make_file(tmp_path / "free", 100, 3)
    for name in ("unlink", "rename"):
        real = getattr(Path, name)

        def refuse(path: Path, *more: object, real: object = real) -> object:
            if path in held:
                raise PermissionError(13, "in use", str(path))
            return real(path, *more)  # type: ignore[operator]

        monkeypatch.setattr(Path, name, refuse)
    everything = [
        CacheItem(tmp_path / name, 100, used) for used, name in enumerate(("open", "folder", "free"))
    ]
    assert evict(everything, 200) == 100
    assert names(tmp_path) == {"open", "folder"}
    assert (tmp_path / "folder" / "rows.bin").exists()


def test_leftovers_of_a_killed_program_are_swept(tmp_path: Path) -> None:
    make_file(tmp_path / ".gone-0123456789ab" / "rows.bin", 10, 1)
    make_file(tmp_path / "store" / "rows.bin", 10, 1)
    sweep(tmp_path)
    sweep(tmp_path / "not there")
    assert names(tmp_path) == {"store"}


def evict_all(folder: Path, start: object, freed: object) -> None:
    seen = entries_in(folder)
    start.wait()  # type: ignore[attr-defined]
    freed.put(evict(seen, 0))  # type: ignore[attr-defined]


def test_several_processes_may_evict_the_same_at_once(tmp_path: Path) -> None:
    for number in range(300):
        make_file(tmp_path / f"f{number}", 10, number)
        make_file(tmp_path / f"d{number}" / "rows.bin", 10, number)
    context = multiprocessing.get_context("spawn")
    start, freed = context.Barrier(3), context.Queue()
    workers = [context.Process(target=evict_all, args=(tmp_path, start, freed)) for _ in range(3)]
    for worker in workers:
        worker.start()
    total = sum(freed.get(timeout=60) for _ in workers)
    for worker in workers:
        worker.join()
    freed.close()
    freed.join_thread()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert total == 6000  # each was freed by one of them
    assert names(tmp_path) == set()
