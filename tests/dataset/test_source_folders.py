"""Folders that went elsewhere, files that went away: looked at quietly, found again, or let go of."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from dataset_pictures import draw, draw_tree

from tldesk.base import ProblemError
from tldesk.dataset import Filter, Project
from tldesk.dataset.files.folder_changes import FolderChanges, any_differs


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return draw_tree(tmp_path / "stick E" / "Bilder", {"mildew": 3, "rust": 4})


@pytest.fixture
def project(tmp_path: Path, pictures: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "home" / "leaves", pictures) as project:
        project.split()
        yield project


def look(project: Project) -> FolderChanges:
    found = project.folders.changes()
    assert found is not None
    return found


def counts(project: Project) -> tuple[int, int, int]:
    found = look(project)
    return found.new, found.vanished, found.changed


def test_a_look_tells_what_a_scan_would_find_and_writes_nothing(project: Project, pictures: Path) -> None:
    first = look(project)
    assert (first.differs, first.absent) == (False, ())
    assert not any_differs(first.folders)
    draw(pictures / "rust" / "new.png", 50)
    assert any_differs(first.folders), "a new file changes its folder's time"
    (pictures / "mildew" / "000.png").unlink()
    (pictures / "rust" / "001.png").rename(pictures / "rust" / "renamed.png")
    draw(pictures / "rust" / "002.png", 60, side=30)
    assert counts(project) == (2, 2, 1)
    assert project.count() == 7
    list(project.scan())
    assert counts(project) == (0, 0, 0)
    report = project.last_scan()
    assert (report.added, report.moved, report.changed, report.missing) == (1, 1, 1, 1)
    assert report.changed_ids == (project.ids(Filter(text="rust/002"))[0],)


def test_new_folders_within_folders_are_seen_by_their_times(project: Project, pictures: Path) -> None:
    first = look(project)
    (pictures / "scab").mkdir()
    assert any_differs(first.folders)
    second = look(project)
    assert not any_differs(second.folders)
    shutil.rmtree(pictures / "mildew")
    assert any_differs(second.folders)


def test_a_stick_with_another_letter_is_found_with_all_it_holds(
    project: Project, pictures: Path, tmp_path: Path
) -> None:
    other = draw_tree(tmp_path / "stick E" / "more" / "deep", {"scab": 2})
    table = tmp_path / "stick E" / "labels.csv"
    tabled = tmp_path / "stick E" / "flat"
    draw(tabled / "a.png", 70)
    draw(tabled / "b.png", 71)
    table.write_text("file,class\na.png,rust\nb.png,mildew\n", encoding="utf-8")
    project.add_source(other)
    project.add_source(tabled, table)
    list(project.scan())
    before = {one.id: (one.class_name, one.split) for one in project.images(project.ids())}
    (tmp_path / "stick E").rename(tmp_path / "stick F")
    assert len(look(project).absent) == 3
    found = project.folders.relocate(1, tmp_path / "stick F" / "Bilder")
    assert [one.id for one in found] == [1, 2, 3]
    assert project.folders.absent() == ()
    list(project.scan())
    report = project.last_scan()
    assert (report.unchanged, report.missing, report.added, report.moved) == (11, 0, 0, 0)
    images = project.images(project.ids())
    assert {one.id: (one.class_name, one.split) for one in images} == before
    assert all(one.path.is_file() for one in images)
    assert project.sources()[2].labels == tmp_path / "stick F" / "labels.csv"


@pytest.mark.parametrize("named", ["stick F", "stick F/renamed", "stick F/renamed/rust"])
def test_the_folder_above_or_inside_may_be_named_too(
    project: Project, pictures: Path, tmp_path: Path, named: str
) -> None:
    (tmp_path / "stick F").mkdir()
    name = "Bilder" if named == "stick F" else "renamed"
    shutil.move(pictures, tmp_path / "stick F" / name)
    project.folders.relocate(1, tmp_path / named)
    assert project.sources()[0].images == tmp_path / "stick F" / name


def test_a_folder_without_these_pictures_is_refused(project: Project, pictures: Path, tmp_path: Path) -> None:
    pictures.rename(tmp_path / "away")
    wrong = draw_tree(tmp_path / "wrong" / "folder", {"rust": 1})
    draw(wrong / "rust" / "000.png", 1, side=64)  # another picture of the same name
    with pytest.raises(ProblemError, match="none of the pictures") as told:
        project.folders.relocate(1, wrong)
    assert "mildew/000.png" in str(told.value)
    with pytest.raises(ProblemError, match="no such folder"):
        project.folders.relocate(1, tmp_path / "nowhere")
    assert project.sources()[0].images == pictures


def test_forgetting_is_undone_and_a_file_that_returns_brings_its_image_back(
    project: Project, pictures: Path, tmp_path: Path
) -> None:
    gone = [pictures / "rust" / "000.png", pictures / "rust" / "001.png"]
    ids = [project.ids(Filter(text=f"rust/{path.name}"))[0] for path in gone]
    for path in gone:
        path.rename(tmp_path / path.name)
    list(project.scan())
    assert project.ids(Filter(missing=True)) == ids
    assert (project.count(), project.facts().quarantined, project.last_scan().missing) == (7, 2, 2)
    project.edit.forget(ids)
    assert (project.count(), project.facts().quarantined, project.facts().images) == (5, 0, 5)
    assert project.count(Filter(missing=True)) == project.count(Filter(quarantined=True)) == 0
    assert project.images(ids)[0].class_name == "rust", "what is named by number is there"
    assert project.history(ids[0])[-1].field == "forgotten"
    list(project.scan())
    assert project.last_scan().missing == 0
    project.edit.undo()
    assert project.ids(Filter(missing=True)) == ids
    project.edit.redo()
    (tmp_path / "000.png").rename(gone[0])
    list(project.scan())
    assert project.image(ids[0]).reason is None
    assert project.image(ids[0]).class_name == "rust"
    assert project.count() == 6
    gone[0].unlink()
    list(project.scan())
    assert project.ids(Filter(missing=True)) == [ids[0]], "gone once more, it is told once more"


def test_images_whose_files_are_there_cannot_be_forgotten(project: Project) -> None:
    with pytest.raises(ProblemError, match="is there"):
        project.edit.forget(project.ids())


def test_a_folder_that_cannot_be_listed_is_no_reason_to_look_again_and_again(
    project: Project, pictures: Path
) -> None:
    pictures.rename(pictures.with_name("away"))
    found = look(project)
    assert [one.images for one in found.absent] == [pictures]
    assert not found.differs, "its images are left as they were"
