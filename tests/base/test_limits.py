from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tldesk.base import ProblemError
from tldesk.base.limits import CacheLimits, cache_limits, parse_size, set_cache_limits, size_text


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4 GiB", 4_294_967_296),
        ("4gib", 4_294_967_296),
        ("500 MB", 500_000_000),
        (" 1.5 TB ", 1_500_000_000_000),
        ("1.5 KiB", 1536),
        ("1048576", 1_048_576),
        ("12 bytes", 12),
        ("0", 0),
    ],
)
def test_sizes_as_people_write_them(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "much", "-4 GiB", "4 GiX", "4 G", "1,5 GB", "1e3", "4 4 GB", "nan", "٤ GB"]
)
def test_nonsense_is_refused_with_its_field_and_what_to_write(text: str) -> None:
    with pytest.raises(ProblemError, match=r"features: .* is not a size\. Write it like 4 GiB"):
        parse_size(text, "features")


def test_more_than_any_disk_is_refused() -> None:
    with pytest.raises(ProblemError, match="more than any disk"):
        parse_size("9" * 400 + " TB")
    with pytest.raises(ProblemError, match="more than any disk"):
        parse_size("2000000 TB")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (4 * 2**30, "4 GiB"),
        (500_000_000, "500 MB"),
        (1_500_000_000_000, "1.5 TB"),
        (1536, "1.5 KiB"),
        (2**20, "1 MiB"),
        (123_456_789, "123456789"),
        (0, "0"),
    ],
)
def test_written_sizes_read_back_as_the_same(size: int, text: str) -> None:
    assert size_text(size) == text
    assert parse_size(text) == size


def test_limits_are_kept_with_what_else_the_file_holds(home: Path) -> None:
    assert cache_limits() == CacheLimits(4 * 2**30, 8 * 2**30, 2 * 2**30)
    (home / "cache.toml").write_text("# of the station's laptop\nfeatures = 1000\nlater = true\n", "utf-8")
    assert cache_limits() == CacheLimits(features=1000)
    set_cache_limits(CacheLimits(prepared=10**9, features=3 * 2**30, engines=0))
    assert cache_limits() == CacheLimits(10**9, 3 * 2**30, 0)
    text = (home / "cache.toml").read_text("utf-8")
    assert text.startswith('# of the station\'s laptop\nfeatures = "3 GiB"\nlater = true\n')


@pytest.mark.parametrize("content", [b"prepared = [", b"\xff\xfe", b'prepared = "much"\nengines = true\n'])
def test_a_broken_file_gives_the_usual_limits_and_a_line_in_the_log(
    home: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (home / "cache.toml").write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert cache_limits() == CacheLimits()
    assert "cache.toml" in caplog.text
    set_cache_limits(CacheLimits(engines=5))
    assert cache_limits() == CacheLimits(engines=5)


def test_one_value_that_is_wrong_leaves_the_others(home: Path) -> None:
    (home / "cache.toml").write_text('prepared = "much"\nfeatures = "2 GB"\n', "utf-8")
    assert cache_limits() == CacheLimits(features=2 * 10**9)
