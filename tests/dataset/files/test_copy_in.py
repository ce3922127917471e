"""A folder copied into a project: whole or not at all, the same bytes, its labels still its own."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest
from dataset_pictures import draw_tree

from tldesk.base import ProblemError
from tldesk.dataset import Filter, Project
from tldesk.dataset.files import copy_in
from tldesk.imaging import content_hash


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return draw_tree(tmp_path / "Bilder über allem", {"mildew": 3, "rust": 4})


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "leaves") as project:
        yield project


def copy(project: Project, *given: Path, stop: threading.Event | None = None) -> bool:
    steps = project.folders.copy_in(*given, stop=stop)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return bool(end.value)


def contents(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): content_hash(p) for p in folder.rglob("*") if p.is_file()}


def leftovers(project: Project) -> list[Path]:
    folder = project.path / copy_in.FOLDER
    return list(folder.rglob("*")) if folder.exists() else []


def test_a_copied_folder_is_the_same_and_the_project_can_be_carried_away(
    project: Project, pictures: Path, tmp_path: Path
) -> None:
    before = contents(pictures)
    assert copy(project, pictures)
    list(project.scan())
    place = project.path / "folders" / pictures.name
    assert contents(place) == before == contents(pictures)
    assert {one.class_name for one in project.images(project.ids())} == {"mildew", "rust"}
    image = project.ids(Filter(text="rust"))[0]
    project.edit.label([image], project.classes[0].id)
    project.close()
    away = tmp_path / "other computer" / "carried.tldesk"
    shutil.copytree(project.path, away)
    shutil.rmtree(project.path)
    shutil.rmtree(pictures)
    with Project.open(away) as carried:
        list(carried.scan())
        report = carried.last_scan()
        assert (report.unchanged, report.missing, report.moved, report.added) == (7, 0, 0, 0)
        assert carried.image(image).class_name == "mildew"
        assert all(
            one.path.is_relative_to(away) and one.path.is_file() for one in carried.images(carried.ids())
        )


@pytest.mark.parametrize("place", ["beside", "inside"])
def test_the_table_goes_along_and_still_labels(project: Project, tmp_path: Path, place: str) -> None:
    flat = draw_tree(tmp_path / "flat", {".": 4})
    names = sorted(path.name for path in flat.iterdir())
    folder = flat if place == "inside" else tmp_path
    table = folder / "labels.csv"
    table.write_text("file,class\n" + "".join(f"{n},{'ab'[i % 2]}\n" for i, n in enumerate(names)))
    assert copy(project, flat, table)
    shutil.rmtree(flat)
    table.unlink(missing_ok=True)
    list(project.scan())
    assert [one.class_name for one in project.images(project.ids())] == ["a", "b", "a", "b"]
    assert project.last_scan().rows_without_file == ()
    labels = project.sources()[0].labels
    assert labels == project.path / "folders" / "flat" / "labels.csv"


def test_another_folder_of_the_same_name_gets_a_number_and_the_same_one_is_refused(
    project: Project, tmp_path: Path
) -> None:
    first = draw_tree(tmp_path / "a" / "photos", {"x": 2})
    second = draw_tree(tmp_path / "b" / "photos", {"x": 3})
    assert copy(project, first)
    assert copy(project, second)
    assert sorted(path.name for path in (project.path / "folders").iterdir()) == ["photos", "photos [2]"]
    with pytest.raises(ProblemError, match="copied into the project before"):
        copy(project, first)
    list(project.scan())
    assert project.count() == 5


def test_a_folder_that_the_project_reads_already_is_refused(project: Project, pictures: Path) -> None:
    project.add_source(pictures)
    with pytest.raises(ProblemError, match="already has the pictures"):
        copy(project, pictures / "rust")
    assert not leftovers(project)


def test_stopping_leaves_nothing(project: Project, pictures: Path) -> None:
    stop = threading.Event()
    steps = project.folders.copy_in(pictures, stop=stop)
    next(steps)
    assert next(steps).total == 7
    stop.set()
    assert not list(steps)
    assert not leftovers(project)
    assert project.sources() == ()
    assert copy(project, pictures), "and it can be done later"


def test_walking_away_leaves_nothing(project: Project, pictures: Path) -> None:
    steps = project.folders.copy_in(pictures)
    next(steps)
    next(steps)
    steps.close()
    assert not leftovers(project)
    assert project.sources() == ()


def test_no_room_is_said_before_anything_is_copied(
    project: Project, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(copy_in.shutil, "disk_usage", lambda _place: usage(10**9, 10**9 - 1000, 1000))
    size = copy_in.size_of_copy(pictures, project.path / "not yet" / "there")
    assert (size.files, size.free, size.fits) == (7, 1000, False)
    assert size.bytes == sum(path.stat().st_size for path in pictures.rglob("*.png"))
    with pytest.raises(ProblemError, match=r"1\.0 kB are free there") as told:
        copy(project, pictures)
    assert "leave the pictures where they are" in str(told.value)
    assert not leftovers(project)


def test_a_disk_that_fills_while_copying_takes_nothing_with_it(
    project: Project, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, written = shutil.copy2, []

    def full(source: Path, target: Path) -> None:
        if len(written) == 3:
            raise OSError(errno.ENOSPC, "No space left on device", str(target))
        written.append(target)
        real(source, target)

    monkeypatch.setattr(copy_in.shutil, "copy2", full)
    with pytest.raises(ProblemError, match="disk became full") as told:
        copy(project, pictures)
    assert "taken away again" in str(told.value)
    assert not leftovers(project)
    assert len(contents(pictures)) == 7


def test_a_copy_that_differs_is_noticed(
    project: Project, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.copy2

    def spoilt(source: Path, target: Path) -> None:
        real(source, target)
        target.write_bytes(target.read_bytes()[:-1] + b"!")

    monkeypatch.setattr(copy_in.shutil, "copy2", spoilt)
    with pytest.raises(ProblemError, match="not the same as the picture"):
        copy(project, pictures)
    assert not leftovers(project)


def test_what_a_killed_program_left_is_cleared_away(project: Project, pictures: Path) -> None:
    part = project.path / "folders" / f".{pictures.name}.part"
    part.mkdir(parents=True)
    (part / "half.png").write_bytes(b"half")
    assert copy(project, pictures)
    assert not part.exists()
    list(project.scan())
    assert project.count() == 7


def test_a_folder_without_pictures_is_refused(project: Project, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ProblemError, match="no picture in this folder"):
        copy(project, tmp_path / "empty")
    assert not leftovers(project)


def test_pictures_that_cannot_be_read_are_copied_around_and_named(project: Project, pictures: Path) -> None:
    (pictures / "rust" / "away.png").symlink_to(pictures / "nowhere.png")
    (pictures / "rust" / "loop.png").symlink_to("loop.png")
    assert copy(project, pictures)
    list(project.scan())
    assert project.count() == 9
    held = project.images(project.ids(Filter(quarantined=True)))
    assert sorted(one.path.name for one in held) == ["away.png", "loop.png"]
    assert all(one.path.is_relative_to(project.path) and one.reason for one in held)


def test_a_disk_that_fails_in_the_middle_of_a_picture_spoils_only_that_one(
    project: Project, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, read = min(pictures.rglob("*.png")), copy_in.open_regular

    def failing(path: Path) -> object:
        if path == bad:
            raise OSError(errno.EIO, "Input/output error", str(path))
        return read(path)

    real = shutil.copy2

    def half(source: Path, target: Path) -> None:
        real(source, target)
        if source == bad:
            target.write_bytes(b"half")
            raise OSError(errno.EIO, "Input/output error", str(source))

    monkeypatch.setattr(copy_in, "open_regular", failing)
    monkeypatch.setattr(copy_in.shutil, "copy2", half)
    assert copy(project, pictures)
    place = project.path / "folders" / pictures.name / bad.relative_to(pictures)
    assert place.is_symlink(), "no half picture is taken for a whole one"
    assert len(list((project.path / "folders").rglob("*.png"))) == 7


@pytest.mark.skipif(not hasattr(os, "SEEK_DATA"), reason="this system tells no holes")
def test_holes_are_neither_announced_nor_written(project: Project, pictures: Path) -> None:
    before = copy_in.size_of_copy(pictures, project.path).bytes
    sparse = pictures / "rust" / "sparse.png"
    with sparse.open("wb") as file:
        file.write(b"head")
        file.truncate(2**25)
        file.seek(2**24)
        file.write(b"middle")
    if sparse.stat().st_blocks * 512 >= 2**25:
        pytest.skip("this disk keeps no holes")
    assert copy_in.size_of_copy(pictures, project.path).bytes < before + 2**20
    assert copy(project, pictures)
    copied = project.path / "folders" / pictures.name / "rust" / "sparse.png"
    assert copied.stat().st_blocks * 512 < 2**20
    assert copied.read_bytes() == sparse.read_bytes()
    assert copied.stat().st_mtime_ns == sparse.stat().st_mtime_ns
