"""The numbered folders that runs, searches and comparisons share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tldesk.base import ProblemError
from tldesk.run.record_folder import (
    RECIPE,
    RecordFolder,
    new_record_folder,
    newest_record,
    record_folders,
    record_numbered,
)


def test_numbers_go_on_behind_the_highest_and_anything_else_is_ignored(tmp_path: Path) -> None:
    parent = tmp_path / "runs"
    assert record_folders(parent) == []
    assert newest_record(parent) is None
    first = new_record_folder(parent, {RECIPE: "a", "status.json": "{}"})
    assert (first.path.name, first.number) == ("0001", 1)
    assert first.read_json("status.json") == {}
    (parent / "0007").mkdir()  # an empty folder is no record
    (parent / ".new-cut-off").mkdir()
    (parent / "notes").mkdir()
    (parent / "0005").mkdir()
    (parent / "0005" / RECIPE).touch()
    new = new_record_folder(parent, {RECIPE: "b"})
    assert new.number == 6
    assert [one.number for one in record_folders(parent)] == [1, 5, 6]
    assert newest_record(parent) == new
    assert record_numbered(parent, 5) == RecordFolder(parent / "0005")
    assert record_numbered(parent, 7) is None
    assert record_numbered(parent, 0) is None


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    parent = tmp_path / "runs"
    with pytest.raises(ProblemError):
        new_record_folder(parent, {RECIPE: "a", f"{'x' * 300}.json": "{}"})
    assert list(parent.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(ProblemError, match="a new folder could not be created there"):
        new_record_folder(tmp_path / "file", {RECIPE: "a"})


def test_files_inside(tmp_path: Path) -> None:
    record = new_record_folder(tmp_path, {RECIPE: "a"})
    assert record.read_json("search.json") is None
    record.write_json("search.json", {"tries": 3})
    assert record.read_json("search.json") == {"tries": 3}
    record.append("tries.jsonl", {"number": 1})
    with (record.path / "tries.jsonl").open("a") as file:
        file.write('{"number": ')  # a crash
    record.append("tries.jsonl", {"number": 2})
    assert [one["number"] for one in record.lines("tries.jsonl")] == [1, 2]
    assert list(record.lines("none.jsonl")) == []


def test_the_lock_tells_whether_somebody_is_at_work(tmp_path: Path) -> None:
    record = new_record_folder(tmp_path, {RECIPE: "a"})
    assert not record.running
    with record.hold("search 1", "is searching here"):
        assert record.running
        with (
            pytest.raises(ProblemError, match="is searching here"),
            record.hold("search 1", "is searching here"),
        ):
            pass
    assert not record.running
