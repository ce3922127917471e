"""A project is there whole or not at all, at whatever moment the program that makes it is killed."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tldesk.base import ProblemError
from tldesk.dataset import Project
from tldesk.dataset.project_folder import make_folder

_STEPS = frozenset(
    {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "sqlite3.connect", "shutil.rmtree"}
)
_DONE = 17


def killed_at(step: int, path: Path) -> int:
    """Make a project in a process that dies at its n-th step on the disk; the exit status."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left = step

    def die(event: str, _arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in _STEPS:
            left -= 1
            if left < 0:
                os._exit(1)

    try:
        sys.addaudithook(die)
        make_folder(path)
    finally:
        os._exit(_DONE)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork.*:DeprecationWarning")
@pytest.mark.parametrize("remains", [False, True])
def test_killed_at_any_step_there_is_nothing_or_a_project(remains: bool, tmp_path: Path) -> None:
    born: list[bool] = []
    for step in range(200):
        path = tmp_path / str(step) / "Blätter.tldesk"
        if remains:
            (path / "runs").mkdir(parents=True)
        status = killed_at(step, path)
        born.append((path / "project.sqlite").exists())
        if not born[-1]:
            Project.create(path).close()
        with Project.open(path) as project:
            assert project.facts().images == 0
        if status == _DONE:
            break
    assert status == _DONE
    assert len(born) > 5
    assert born == sorted(born)
    assert born[-1]


def test_what_a_killed_program_left_is_tidied_later(tmp_path: Path) -> None:
    old, fresh = tmp_path / ".new-old.tldesk", tmp_path / ".new-fresh.tldesk"
    for folder in (old, fresh):
        (folder / "runs").mkdir(parents=True)
    os.utime(old, (time.time() - 7200,) * 2)
    Project.create(tmp_path / "p").close()
    assert sorted(one.name for one in tmp_path.iterdir()) == [".new-fresh.tldesk", "p.tldesk"]


def test_what_is_there_is_left_and_named_for_what_it_is(tmp_path: Path) -> None:
    Project.create(tmp_path / "project").close()
    (tmp_path / "folder.tldesk" / "runs").mkdir(parents=True)
    (tmp_path / "folder.tldesk" / "runs" / "notes.txt").write_text("mine")
    (tmp_path / "file.tldesk").write_text("mine")
    for name, told in (
        ("project", "there is a project already"),
        ("folder", "this is already a folder, which is not a project"),
        ("file", "this is already a file"),
    ):
        with pytest.raises(ProblemError, match=told):
            Project.create(tmp_path / name)
    assert (tmp_path / "folder.tldesk" / "runs" / "notes.txt").read_text() == "mine"
    assert (tmp_path / "file.tldesk").read_text() == "mine"
    assert not list(tmp_path.glob(".new-*"))


def test_where_nothing_can_be_written_the_project_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ProblemError) as caught:
        Project.create(tmp_path / "file" / "p")
    assert caught.value.problems[0].where == str(tmp_path / "file" / "p.tldesk")

    from tldesk.dataset.store.database import Database

    def full(file: Path) -> Database:
        from tldesk.base import Problem

        raise ProblemError(Problem(str(file), "the disk is full", "Free some space"))

    monkeypatch.setattr(Database, "create", full)
    with pytest.raises(ProblemError) as caught:
        Project.create(tmp_path / "p")
    assert caught.value.problems[0].where == str(tmp_path / "p.tldesk")
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
