from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tldesk.base import (
    Problem,
    ProblemError,
    ProgressMeter,
    atomic_path,
    derive_seed,
    duration,
    file_size,
    percent,
    plural,
    resource,
    user_dir,
    user_weights_dir,
    write_atomic,
)


def fail_midway(path: Path) -> None:
    with atomic_path(path) as temporary:
        temporary.write_bytes(b"half")
        _ = 1 / 0


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "ä b" / "a.txt"
    write_atomic(path, "first\n")
    with pytest.raises(ZeroDivisionError):
        fail_midway(path)
    assert path.read_bytes() == b"first\n"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.txt"]
    write_atomic(path, b"second")
    assert path.read_bytes() == b"second"


def test_a_folder_that_is_a_file_is_a_problem_with_a_fix(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ProblemError, match=r"could not be written.*Check that the disk"):
        write_atomic(tmp_path / "file" / "a.txt", "x")


def test_problems_read_as_sentences() -> None:
    one = Problem("phases.0.epochs", "there must be at least 1 epoch", "Set it to 1 or more")
    assert str(one) == "phases.0.epochs: there must be at least 1 epoch. Set it to 1 or more."
    assert str(ProblemError(one, one)) == f"{one} {one}"
    assert str(Problem("", "Not enough memory", "Close other programs")) == (
        "Not enough memory. Close other programs."
    )
    with pytest.raises(ValueError, match="at least one"):
        ProblemError()


def test_a_command_is_neither_in_the_text_nor_compared() -> None:
    one = Problem("weights", "there are none", "Import some", command="tldesk weights import FILE")
    assert str(one) == "weights: there are none. Import some."
    assert one == Problem("weights", "there are none", "Import some")


def test_seeds_are_fixed_forever() -> None:
    # A change of these numbers would change every run that anybody has recorded.
    assert derive_seed(7, "epoch", 3) == derive_seed(7, "epoch", 3)
    assert derive_seed(1, "a") != derive_seed("1", "a")
    assert derive_seed("ab", "c") != derive_seed("a", "bc")
    assert 0 <= derive_seed() < 2**63


def test_time_left_from_the_mean_rate() -> None:
    now = iter([100.0, 100.0, 104.0])
    meter = ProgressMeter("Reading pictures", 10, clock=lambda: next(now))
    assert meter.at(0).seconds_left is None
    assert meter.at(4).seconds_left == pytest.approx(6.0)  # 1 s a step, 6 steps to go


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.44, "0.4 s"),
        (9.96, "10.0 s"),
        (42.4, "42 s"),
        (59.6, "1 min 00 s"),
        (80, "1 min 20 s"),
        (7500, "2 h 05 min"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_other_wordings() -> None:
    assert plural(1, "image") == "1 image"
    assert plural(1200, "image") == "1,200 images"
    assert plural(2, "class", "classes") == "2 classes"
    assert percent(0.9412) == "94.1 %"
    assert [file_size(n) for n in (999, 14_259_339, 3_200_000_000_000)] == ["999 bytes", "14.3 MB", "3.2 TB"]


def test_user_folders_follow_tldesk_home(home: Path) -> None:
    assert user_dir() == home
    assert user_weights_dir() == home / "weights"


def test_resources_are_found_from_the_source_tree() -> None:
    assert resource("icons").is_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_a_written_file_has_the_mode_that_the_user_asks_of_new_files(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    write_atomic(tmp_path / "ours", "text")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode
