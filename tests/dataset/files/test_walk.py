"""Scans of known folders: which files are found, and that one that differs is seen among all others."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from dataset_pictures import draw, draw_tree

from tldesk.dataset import Filter, Project, ScanReport
from tldesk.dataset.files.walk import find_files
from tldesk.imaging import content_hash

LINKS = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


@pytest.fixture(params=["open folders", "paths"])
def listed_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders are listed from an open one, or by their paths as on Windows: the same must be found."""
    if request.param == "paths":
        monkeypatch.setattr(os, "supports_fd", frozenset())


@pytest.fixture
def north(tmp_path: Path) -> Path:
    return draw_tree(tmp_path / "Nørd's 100 %", {"mildew": 40, "rust": 40, "rust/späte": 20})


@pytest.fixture
def project(tmp_path: Path, north: Path) -> Iterator[Project]:
    """Two sources with other pictures at the same relative paths, read."""
    south = tmp_path / "south"
    for number in range(40):
        draw(south / f"rust/{number:03d}.png", 1000 + number)
    with Project.create(tmp_path / "leaves", north) as project:
        project.add_source(south)
        list(project.scan())
        assert (project.count(), project.facts().unread) == (140, 0)
        yield project


def scan(project: Project) -> ScanReport:
    list(project.scan())
    return project.last_scan()


def numbers(report: ScanReport) -> dict[str, int]:
    names = ("added", "moved", "changed", "missing", "quarantined", "unchanged")
    return {name: getattr(report, name) for name in names if getattr(report, name)}


def number_of(project: Project, path: Path) -> int:
    (number,) = (image.id for image in project.images(project.ids()) if image.path == path)
    return number


@pytest.mark.usefixtures("listed_by")
def test_nothing_differs(project: Project) -> None:
    before = project.images(project.ids())
    assert numbers(scan(project)) == {"unchanged": 140}
    assert project.images(project.ids()) == before


@pytest.mark.usefixtures("listed_by")
def test_a_picture_of_the_same_size_is_seen_by_its_time(project: Project, north: Path) -> None:
    path = north / "rust/späte/007.png"
    number, size = number_of(project, path), path.stat().st_size
    other = bytearray(path.read_bytes())
    other[-5] ^= 1  # in the last chunk's check: still this picture, with another hash
    path.write_bytes(other)
    os.utime(path, ns=(0, 1))
    assert path.stat().st_size == size
    report = scan(project)
    assert numbers(report) == {"changed": 1, "unchanged": 139}
    assert report.changed_ids == (number,)
    assert project.image(number).content == content_hash(path)
    assert numbers(scan(project)) == {"unchanged": 140}


def test_a_picture_of_the_same_time_is_seen_by_its_size(project: Project, north: Path) -> None:
    path = north / "mildew/039.png"
    number, time = number_of(project, path), path.stat().st_mtime_ns
    draw(path, 5000, side=48)
    os.utime(path, ns=(time, time))
    report = scan(project)
    assert (report.changed_ids, report.unchanged) == ((number,), 139)
    assert project.image(number).width == 48


def test_the_same_path_in_another_folder_of_pictures_is_another_file(project: Project, north: Path) -> None:
    changed, gone = north / "rust/003.png", north / "rust/004.png"
    numbers_of_both = [number_of(project, path) for path in (changed, gone)]
    draw(changed, 5001)
    os.utime(changed, ns=(0, 1))
    gone.unlink()
    report = scan(project)
    assert numbers(report) == {"changed": 1, "missing": 1, "unchanged": 138}
    assert report.changed_ids == (numbers_of_both[0],)
    assert project.ids(Filter(missing=True)) == [numbers_of_both[1]]


@pytest.mark.usefixtures("listed_by")
def test_every_kind_of_difference_at_once(project: Project, north: Path, tmp_path: Path) -> None:
    south = tmp_path / "south"
    gone, renamed, carried = north / "mildew/000.png", north / "rust/späte/001.png", south / "rust/002.png"
    ids = {path: number_of(project, path) for path in (gone, renamed, carried)}
    gone.unlink()
    renamed.rename(renamed.with_name("it's “new”.png"))
    shutil.move(carried, north / "mildew/000.png")  # into the other source, to a place that was known
    os.utime(south / "rust/005.png", ns=(0, 1))  # touched: the same picture
    draw(south / "rust/006.png", 5002, side=30)
    draw(south / "scab/000.png", 5003)
    assert numbers(scan(project)) == {
        "added": 1, "moved": 2, "changed": 1, "missing": 1, "unchanged": 136,
    }  # fmt: skip
    assert project.image(ids[renamed]).path.name == "it's “new”.png"
    assert project.image(ids[carried]).path == north / "mildew/000.png"
    assert project.ids(Filter(missing=True)) == [ids[gone]]
    assert numbers(scan(project)) == {"missing": 1, "unchanged": 140}


def test_a_folder_of_pictures_that_is_away_leaves_the_other_to_be_compared(
    project: Project, north: Path, tmp_path: Path
) -> None:
    (tmp_path / "south").rename(tmp_path / "unplugged")
    draw(north / "rust/000.png", 5004, side=30)
    assert numbers(scan(project)) == {"changed": 1, "unchanged": 99}
    assert project.facts().quarantined == 0


@pytest.mark.usefixtures("listed_by")
def test_suffixes_are_known_however_they_are_written(tmp_path: Path) -> None:
    folder = tmp_path / "cameras"
    pictures = [
        "a.jpg",
        "B.JPG",
        "c.Jpg",
        "d.jpeg",
        "E.JPEG",
        "f.tiff",
        "g.TIFF",
        "h.tif",
        "i.v2.PNG",
        "j.J2K",
    ]
    for number, name in enumerate(pictures):
        draw(folder / "p.jpg" / "source.png", number).rename(folder / "p.jpg" / name)  # also a folder's name
    for name in (
        "notes.txt",
        "jpg",
        "png.",
        "x.jpgx",
        "y.png.bak",
        ".hidden.jpg",
        "._B.JPG",
        "..jpg",
        "1.jp",
    ):
        shutil.copy(folder / "p.jpg/a.jpg", folder / "p.jpg" / name)
    with Project.create(tmp_path / "leaves", folder) as project:
        found = [image.path.name for image in project.images(project.ids())]
        assert sorted(found) == sorted(pictures)
        assert numbers(scan(project)) == {"unchanged": len(pictures)}


@LINKS
@pytest.mark.usefixtures("listed_by")
def test_links_in_a_circle_do_not_end_the_scan(tmp_path: Path) -> None:
    folder = draw_tree(tmp_path / "p", {"a": 2, "b": 2})
    for name in ("round.png", "round.Jpeg", "round", "round.txt"):
        (folder / "a" / name).symlink_to(folder / "a" / name)
    with Project.create(tmp_path / "leaves", folder) as project:
        assert project.count() == 6
        images = project.images(project.ids(Filter(quarantined=True)))
        assert sorted(image.path.name for image in images) == ["round.Jpeg", "round.png"], "with a reason"
        assert all(image.reason for image in images)
        assert numbers(scan(project)) == {"quarantined": 2, "unchanged": 6}


@LINKS
@pytest.mark.usefixtures("listed_by")
def test_a_folder_that_cannot_be_listed_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    folder = draw_tree(tmp_path / "p", {"a": 2, "z": 2})
    deep = bury(folder / "m", "a picture.png")
    with Project.create(tmp_path / "leaves", folder) as project:
        assert project.count() == 4
        (note,) = (note for note in project.last_scan().notes if "cannot be listed" in note)
        assert deep in note
        assert numbers(scan(project)) == {"unchanged": 4}


def bury(folder: Path, name: str) -> str:
    """Make folders in each other until their path is too long for the system, with a file in the last one."""
    part = "m" * 200
    folder.mkdir()
    handle = os.open(folder, os.O_RDONLY)
    for _ in range(os.pathconf(folder, "PC_PATH_MAX") // len(part) + 1):
        os.mkdir(part, dir_fd=handle)
        inner = os.open(part, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    os.close(os.open(name, os.O_CREAT | os.O_WRONLY, dir_fd=handle))
    os.close(handle)
    return f"{folder}/{part}/{part}"


def test_a_file_that_may_not_be_read_has_no_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("open.png", "closed.png"):
        (tmp_path / name).write_bytes(b"12345")
    before = find_files(tmp_path).files
    (tmp_path / "closed.png").chmod(0o200)
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path).name != "closed.png")  # as root may
    after = find_files(tmp_path).files
    assert after["open.png"] == before["open.png"]
    if os.name != "nt":
        assert after["closed.png"] == (5, 0)
