"""``tldesk cache`` on a trained project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cli_calls import Call, one_line
from filelock import FileLock

from tldesk.base.limits import CacheLimits, cache_limits


@pytest.fixture
def filled(trained: Path) -> Path:
    """A project with a run, plus a prepared image of 3,000 bytes and two feature stores in its caches."""
    picture = trained / "cache" / "prepared" / "288" / "ab" / "ab01.rgb"
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_bytes(bytes(3000))
    for name in ("one", "two"):
        folder = trained / "cache" / "features" / name
        folder.mkdir(parents=True)
        (folder / "rows.bin").write_bytes(bytes(500))
        (folder / "about.json").write_bytes(b"{}")
    return trained


def test_the_table(filled: Path, call: Call, home: Path) -> None:
    ended = call("cache", filled)
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert [line.split()[0] for line in lines[:4]] == ["kind", "prepared", "features", "engines"]
    assert "4 GiB" in lines[1]
    assert str(filled / "cache" / "features") in lines[2]
    assert str(home / "engines") in lines[3]
    assert lines[4].startswith("Total: ")


def test_the_document_has_the_same(filled: Path, call: Call) -> None:
    found = {one["kind"]: one for one in call("cache", filled, "--json").document["caches"]}
    assert list(found) == ["prepared", "features", "engines"]
    on_disk = sum(
        path.stat().st_size for path in (filled / "cache" / "features").rglob("*") if path.is_file()
    )
    assert found["features"]["bytes"] == on_disk
    assert found["features"]["limit"] == 8 * 2**30
    assert found["engines"]["last_used"] is None


def test_clearing_one_kind(filled: Path, call: Call) -> None:
    before = {one["kind"]: one["bytes"] for one in call("cache", filled, "--json").document["caches"]}
    document = call("cache", filled, "--clear", "prepared", "--json").document
    after = {one["kind"]: one["bytes"] for one in document["caches"]}
    assert document["cleared"] == {"prepared": {"freed": before["prepared"], "left": 0}}
    assert after == {**before, "prepared": 0}


def test_clearing_everything_says_that_nothing_is_lost(filled: Path, call: Call) -> None:
    ended = call("cache", filled, "--clear", "all")
    assert ended.code == 0
    assert "Anything that is needed later is recomputed." in ended.out
    assert "Total: 0 bytes." in ended.out
    assert call("runs", filled, "--json").document["runs"][0]["status"] == "finished"
    assert "Freed 0 bytes." in call("cache", filled, "--clear", "all").out


def test_what_is_in_use_stays_and_is_counted(filled: Path, call: Call) -> None:
    with FileLock(filled / "cache" / "features" / "two" / "lock"):
        ended = call("cache", filled, "--clear", "features")
    assert ended.code == 0
    assert "1 entry was not deleted, because it is in use" in ended.out
    assert (filled / "cache" / "features" / "two" / "rows.bin").exists()


def test_limits_are_kept_and_hold_at_once(filled: Path, call: Call) -> None:
    ended = call("cache", filled, "--limit", "prepared=2 kB", "--limit", "features=1.5GiB")
    assert ended.code == 0
    assert "Freed 3.0 kB to stay within the limits." in ended.err
    assert "1.5 GiB" in ended.out
    assert cache_limits() == CacheLimits(prepared=2000, features=3 * 2**29)
    assert not list((filled / "cache" / "prepared").rglob("*.rgb"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--limit", "features"], "Write KIND=SIZE"),
        (["--limit", "pictures=4 GiB"], "prepared, features, engines"),
        (["--limit", "features=much"], "“much” is not a size. Write it like 4 GiB"),
        (["--clear", "everything"], "--clear"),
    ],
)
def test_mistakes_change_nothing(arguments: list[str], words: str, filled: Path, call: Call) -> None:
    assert words in one_line(call("cache", filled, *arguments))
    assert cache_limits() == CacheLimits()


def test_a_project_that_is_not_there(call: Call, tmp_path: Path) -> None:
    assert "nowhere" in one_line(call("cache", tmp_path / "nowhere"))


def test_no_torch_is_loaded(filled: Path) -> None:
    code = (
        "import sys; from tldesk.cli.main import main; assert main(sys.argv[1:]) == 0; "
        "heavy = {'torch', 'scipy', 'sklearn', 'pydicom'} & set(sys.modules); assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "cache", str(filled), "--clear", "all"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
