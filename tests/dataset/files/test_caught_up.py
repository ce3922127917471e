"""Pictures edited in place are noticed before they are used, by size and time, and read anew."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from dataset_pictures import draw, draw_tree
from PIL import Image

from tldesk.dataset import Filter, Project
from tldesk.dataset.files import rewritten
from tldesk.dataset.files.caught_up import CaughtUp
from tldesk.imaging.hashing import content_hash


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return draw_tree(tmp_path / "pictures", {"ant": 3, "bee": 3})


@pytest.fixture
def project(tmp_path: Path, pictures: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "insects", pictures) as project:
        yield project


def caught_up(project: Project) -> CaughtUp:
    steps = project.folders.catching_up()
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def contents(project: Project) -> dict[str, tuple[str, str | None]]:
    images = project.images(project.ids())
    return {image.content: (image.path.name, image.class_name) for image in images}


def test_edited_pictures_are_read_again_and_keep_their_labels(project: Project, pictures: Path) -> None:
    before = contents(project)
    for number in range(2):
        draw(pictures / f"ant/00{number}.png", 100 + number, side=40)
    found = caught_up(project)
    assert found.words == "2 pictures changed since the last scan and were read again."
    image = project.image(project.ids(Filter(text="ant/000"))[0])
    assert image.content == content_hash(pictures / "ant/000.png")
    assert image.content not in before
    assert (image.width, image.class_name) == (40, "ant")
    assert caught_up(project) == CaughtUp()


def test_an_edit_that_keeps_the_size_is_noticed_by_its_time(project: Project, pictures: Path) -> None:
    file = pictures / "bee/001.png"
    data = bytearray(file.read_bytes())
    stat = file.stat()
    draw(file, 500)
    other = file.read_bytes()[: len(data)].ljust(len(data), b"\0")
    file.write_bytes(other)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns + 2_000_000_000))
    assert file.stat().st_size == stat.st_size
    assert caught_up(project).changed == 1


def test_a_file_that_was_only_touched_is_not_called_changed(project: Project, pictures: Path) -> None:
    before = contents(project)
    os.utime(pictures / "ant/000.png", ns=(1, 1))
    assert caught_up(project) == CaughtUp()
    assert contents(project) == before


def test_two_files_that_swapped_their_names_keep_their_own_labels(project: Project, pictures: Path) -> None:
    before = {content: label for content, (_, label) in contents(project).items()}
    one, other = pictures / "ant/000.png", pictures / "bee/002.png"
    draw(other, 77, side=64)  # another size, so that the exchange shows
    caught_up(project)
    before = {content: label for content, (_, label) in contents(project).items()}
    aside = pictures.parent / "aside.png"
    shutil.move(one, aside)
    shutil.move(other, one)
    shutil.move(aside, other)
    assert caught_up(project).changed == 0
    assert {content: label for content, (_, label) in contents(project).items()} == before


def test_new_and_vanished_pictures_are_left_to_a_rescan_and_said(project: Project, pictures: Path) -> None:
    draw(pictures / "bee/new.png", 9)
    (pictures / "ant/000.png").unlink()
    (pictures / "ant/001.png").unlink()
    found = caught_up(project)
    assert (found.changed, found.words) == (0, "")
    assert found.left_words == "Not scanned yet: 1 new picture, 2 pictures missing or moved."
    assert project.count() == 6


def test_a_changed_table_is_said_and_not_read(tmp_path: Path) -> None:
    pictures = draw_tree(tmp_path / "flat", {".": 2})
    table = tmp_path / "labels.csv"
    table.write_text("file,label\n000.png,ant\n001.png,bee\n", encoding="utf-8")
    with Project.create(tmp_path / "p", pictures, labels=table) as project:
        assert caught_up(project) == CaughtUp()
        table.write_text("file,label\n000.png,ant\n001.png,wasp\n", encoding="utf-8")
        assert caught_up(project).left_words == "Not scanned yet: a changed table (labels.csv)."
        assert [one.name for one in project.classes] == ["ant", "bee"]
        for _ in project.scan():
            pass
        assert caught_up(project) == CaughtUp()


def test_pictures_that_became_unreadable_are_counted(project: Project, pictures: Path) -> None:
    draw(pictures / "ant/000.png", 100, side=40)
    (pictures / "ant/001.png").write_bytes(b"no picture")
    (pictures / "bee/new.png").write_bytes(b"never was one")
    assert caught_up(project).words == (
        "2 pictures changed since the last scan and were read again; 1 of them is left out, because it "
        "cannot be read any more."
    )
    (pictures / "ant/000.png").write_bytes(b"")
    assert caught_up(project).words.endswith("it is left out, because it cannot be read any more.")


def test_a_folder_that_is_gone_is_said_before_its_pictures_are_used(project: Project, pictures: Path) -> None:
    pictures.rename(pictures.parent / "elsewhere")
    found = caught_up(project)
    assert found.absent == (pictures,)
    assert found.words.startswith(f"The folder of pictures {pictures} is not there; only what was read")


def edit_secretly(file: Path) -> None:
    """Change one byte and set the times back."""
    stat, data = file.stat(), bytearray(file.read_bytes())
    data[-20] ^= 255
    file.write_bytes(data)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (stat.st_size, stat.st_mtime_ns)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such time where Python reads it")
def test_an_edit_with_the_same_size_and_time_is_noticed(project: Project, pictures: Path) -> None:
    edit_secretly(pictures / "ant/000.png")
    assert caught_up(project).changed == 1
    assert caught_up(project) == CaughtUp()
    edit_secretly(pictures / "ant/001.png")
    for _ in project.scan():
        pass
    assert project.last_scan().changed == 1
    assert caught_up(project) == CaughtUp()


def test_a_file_that_was_only_touched_has_not_changed(
    project: Project, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pictures / "ant/000.png").chmod(0o640)
    assert caught_up(project) == CaughtUp()
    read = []
    monkeypatch.setattr(rewritten, "hash_or_none", read.append)
    assert caught_up(project) == CaughtUp()
    assert not read, "it is compared once"


@pytest.mark.skipif(os.name == "nt", reason="as above")
def test_swapped_folders_with_files_of_the_same_names_sizes_and_times(tmp_path: Path) -> None:
    for folder, shade in (("ant/wild", 10), ("bee/wild", 200)):
        (tmp_path / "x" / folder).mkdir(parents=True)
        for number in range(2):
            file = tmp_path / "x" / folder / f"{number}.bmp"
            Image.new("L", (64, 64), shade + number).save(file)
            os.utime(file, (1_700_000_000, 1_700_000_000))
    with Project.create(tmp_path / "p", tmp_path / "x") as project:
        for old, new in (("ant", "c"), ("bee", "ant"), ("c", "bee")):
            (tmp_path / "x" / old).rename(tmp_path / "x" / new)
        found = caught_up(project)
        assert found.elsewhere == 4
        assert found.words == "4 images are not in the folders of their classes; they kept their labels."
        images = project.images(project.ids())
        assert all(image.content == content_hash(image.path) for image in images)
        assert caught_up(project) == CaughtUp()


def test_a_copy_in_another_folder_is_not_read_as_a_whole(
    project: Project, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = shutil.copytree(pictures, pictures.with_name("elsewhere"))
    shutil.rmtree(pictures)
    project.folders.relocate(project.sources()[0].id, elsewhere)
    read = []
    monkeypatch.setattr(rewritten, "hash_or_none", read.append)
    assert caught_up(project) == CaughtUp()
    assert not read
    monkeypatch.undo()
    if os.name != "nt":
        edit_secretly(elsewhere / "ant/000.png")
        assert caught_up(project).changed == 1
