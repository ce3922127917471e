"""What a later scan makes of files that moved, changed, vanished, came back or were mended."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from dataset_pictures import draw, draw_tree

from tldesk.base import ProblemError
from tldesk.dataset import Filter, Project, ScanReport, Split
from tldesk.dataset.scan.scan import Scan
from tldesk.imaging import PreparedCache


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return draw_tree(tmp_path / "Bilder über allem", {"mildew": 3, "rust": 4})


@pytest.fixture
def project(tmp_path: Path, pictures: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "leaves", pictures) as project:
        yield project


def scan(project: Project) -> ScanReport:
    list(project.scan())
    return project.last_scan()


def labels(project: Project) -> dict[str, str | None]:
    images = project.images(project.ids())
    root = project.sources()[0].images
    return {image.path.relative_to(root).as_posix(): image.class_name for image in images}


def only(project: Project, text: str) -> int:
    (image,) = project.ids(Filter(text=text))
    return image


def test_a_moved_file_keeps_label_split_and_history(project: Project, pictures: Path) -> None:
    project.split()
    number = only(project, "rust/001")
    before = project.image(number)
    (pictures / "elsewhere").mkdir()
    (pictures / "rust/001.png").rename(pictures / "elsewhere/moved.png")
    report = scan(project)
    after = project.image(number)
    assert (report.moved, report.added, report.missing, report.unchanged) == (1, 0, 0, 6)
    assert after.path == pictures / "elsewhere/moved.png"
    assert (after.class_name, after.split, after.reason) == ("rust", before.split, None)
    assert [(event.field, event.how) for event in project.history(number)] == [
        ("label", "folder"),
        ("split", "person"),
    ]
    assert any("elsewhere/moved.png" in note for note in report.notes)


def test_labels_follow_the_pictures_when_files_are_renumbered(tmp_path: Path) -> None:
    folder = draw_tree(tmp_path / "flat", {"": 5})
    with Project.create(tmp_path / "flat", folder) as project:
        ids, classes = project.ids(), [project.edit.add_class(f"c{n}") for n in range(5)]
        for image, own in zip(ids, classes, strict=True):
            project.edit.label([image], own.id)
        contents = {image.content: image.class_name for image in project.images(ids)}
        (folder / "000.png").unlink()
        for number in range(1, 5):
            (folder / f"{number:03d}.png").rename(folder / f"{number - 1:03d}.png")
        report = scan(project)
        assert (report.moved, report.missing, report.changed, report.added) == (4, 1, 0, 0)
        assert {image.content: image.class_name for image in project.images(project.ids())} == contents
        assert project.image(ids[0]).reason is not None, "its picture is gone, though its name is in use"
        assert project.image(ids[1]).path.name == "000.png"


def test_labels_follow_two_pictures_that_swap_their_names(project: Project, pictures: Path) -> None:
    one, other = pictures / "rust/000.png", pictures / "mildew/000.png"
    numbers = only(project, "rust/000"), only(project, "mildew/000")
    one.rename(pictures / "held")
    other.rename(one)
    (pictures / "held").rename(other)
    assert scan(project).moved == 2
    images = project.images(numbers)
    assert [image.path for image in images] == [other, one]
    assert [image.class_name for image in images] == ["rust", "mildew"]


def test_a_changed_file_keeps_its_label_and_the_history_says_so(project: Project, pictures: Path) -> None:
    number = only(project, "rust/002")
    before = project.image(number).content
    draw(pictures / "rust/002.png", 999, side=40)
    report = scan(project)
    image = project.image(number)
    assert (report.changed, report.added, report.unchanged) == (1, 0, 6)
    assert image.content != before
    assert (image.width, image.class_name) == (40, "rust")
    assert [(event.how, event.before, event.after) for event in project.history(number)] == [
        ("folder", None, "rust"),
        ("changed", "rust", "rust"),
    ]


def test_a_touched_file_is_the_same(project: Project, pictures: Path) -> None:
    os.utime(pictures / "rust/000.png", (1, 1))
    report = scan(project)
    assert (report.unchanged, report.changed, report.moved) == (7, 0, 0)


def test_a_vanished_file_is_missing_and_comes_back(project: Project, pictures: Path, tmp_path: Path) -> None:
    number = only(project, "mildew/001")
    shutil.move(pictures / "mildew/001.png", tmp_path / "away.png")
    report = scan(project)
    assert (report.missing, report.quarantined, project.facts().quarantined) == (1, 0, 1)
    image = project.image(number)
    assert image.class_name == "mildew"
    assert image.reason is not None
    assert "no longer there" in image.reason
    assert number not in {item.image_id for item in project.snapshot().items}
    shutil.move(tmp_path / "away.png", pictures / "mildew/001.png")
    report = scan(project)
    assert (report.missing, report.unchanged, report.added) == (0, 7, 0)
    assert project.image(number).reason is None


def test_a_missing_picture_that_turns_up_elsewhere_is_still_itself(project: Project, pictures: Path) -> None:
    number = only(project, "mildew/001")
    data = (pictures / "mildew/001.png").read_bytes()
    (pictures / "mildew/001.png").unlink()
    draw(pictures / "mildew/001.png", 555)
    os.utime(pictures / "mildew/001.png", (5, 5))
    (pictures / "found again.png").write_bytes(data)
    report = scan(project)
    assert (report.moved, report.added, report.missing, report.changed) == (1, 1, 0, 0)
    assert project.image(number).path.name == "found again.png"
    assert labels(project)["mildew/001.png"] == "mildew", "a new image, labelled by its folder"


def test_an_unreadable_file_is_kept_apart_until_it_is_mended(project: Project, pictures: Path) -> None:
    whole = draw(pictures / "rust/new.png", 77).read_bytes()
    (pictures / "rust/new.png").write_bytes(whole[:60])
    report = scan(project)
    number = only_quarantined(project)
    assert (report.added, report.quarantined) == (1, 1)
    assert project.image(number).class_name == "rust"
    project.split()
    assert project.image(number).split is None
    (pictures / "rust/new.png").write_bytes(whole)
    report = scan(project)
    image = project.image(number)
    assert (report.quarantined, report.changed, image.reason, image.width) == (0, 1, None, 24)
    assert image.split is not None, "it came after the split and joined it"


def only_quarantined(project: Project) -> int:
    (number,) = project.ids(Filter(quarantined=True))
    return number


def test_two_files_with_the_same_bytes_are_two_images_with_their_own_labels(
    project: Project, pictures: Path
) -> None:
    shutil.copy(pictures / "rust/000.png", pictures / "mildew/copy.png")
    assert scan(project).added == 1
    assert labels(project)["rust/000.png"] == "rust"
    assert labels(project)["mildew/copy.png"] == "mildew"
    one, other = project.images([only(project, "rust/000"), only(project, "copy")])
    assert one.content == other.content
    assert project.path_of(one.content) in (one.path, other.path)
    project.split()
    one, other = project.images([one.id, other.id])
    assert one.split == other.split


def test_a_persons_label_stands_above_the_folders(project: Project, pictures: Path) -> None:
    number = only(project, "rust/003")
    mildew = project.classes[0].id
    project.edit.label([number], mildew)
    os.utime(pictures / "rust/003.png", (9, 9))
    scan(project)
    assert project.image(number).class_name == "mildew"
    project.edit.label([number], None)
    scan(project)
    assert project.image(number).class_name is None


def test_a_renamed_class_still_is_what_its_folder_means(project: Project, pictures: Path) -> None:
    rust = project.classes[1]
    project.edit.rename_class(rust.id, "Rost")
    draw(pictures / "rust/later.png", 4711)
    scan(project)
    assert [one.name for one in project.classes] == ["mildew", "Rost"]
    assert labels(project)["rust/later.png"] == "Rost"


def test_images_that_come_later_join_the_split_and_nobody_changes_sides(
    project: Project, pictures: Path
) -> None:
    project.split()
    before = {item.image_id: item.split for item in project.snapshot().items}
    for number in range(20):
        draw(pictures / f"rust/later{number}.png", 1000 + number)
    scan(project)
    after = {item.image_id: item.split for item in project.snapshot().items}
    assert len(after) == 27
    assert {number: after[number] for number in before} == before
    assert list(after.values()).count(Split.TRAIN) in range(17, 21)


def test_an_absent_folder_leaves_everything_as_it_was(project: Project, pictures: Path) -> None:
    pictures.rename(pictures.with_name("unplugged"))
    with pytest.raises(ProblemError, match="not there"):
        list(project.scan())
    assert project.facts().quarantined == 0


def test_a_project_that_moved_with_its_pictures_finds_them(tmp_path: Path) -> None:
    draw_tree(tmp_path / "old/photos", {"a": 2, "b": 2})
    Project.create(tmp_path / "old/leaves", tmp_path / "old/photos").close()
    (tmp_path / "old").rename(tmp_path / "new place")
    with Project.open(tmp_path / "new place/leaves.tldesk") as project:
        assert scan(project).unchanged == 4
        assert all(image.path.is_file() for image in project.images(project.ids()))


def test_hidden_files_projects_and_link_loops_are_passed_over(tmp_path: Path) -> None:
    folder = draw_tree(
        tmp_path / "p", {"a": 2, "b": 1, ".hidden": 1, "other.tldesk/cache": 1, "a/.thumbs": 1}
    )
    draw(folder / "a/._000.png", 50)
    (folder / "a/notes.txt").write_text("no picture", encoding="utf-8")
    (folder / "a/loop").symlink_to(folder, target_is_directory=True)
    (folder / "c").symlink_to(folder / "b", target_is_directory=True)
    (folder / "b/gone.png").symlink_to(folder / "nowhere.png")
    with Project.create(folder / "mine", folder) as project:
        assert sorted(labels(project)) == ["a/000.png", "a/001.png", "b/000.png", "b/gone.png"]
        (image,) = project.images(project.ids(Filter(quarantined=True)))
        assert image.path.name == "gone.png"


def test_a_name_that_is_no_text_is_written_out(tmp_path: Path) -> None:
    folder = draw_tree(tmp_path / "p", {"a": 1})
    try:
        shutil.copy(folder / "a/000.png", os.fsencode(folder) + b"/a/\xff\xfe.png")
    except OSError:
        pytest.skip("this file system takes text only")
    with Project.create(tmp_path / "x", folder) as project:
        assert sorted(labels(project).items()) == [("a/000.png", "a"), (r"a/\xff\xfe.png", "a")]
        assert project.facts().quarantined == 0


def test_a_stopped_scan_leaves_a_whole_project_that_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tldesk.dataset.scan.scan._PROGRESS_SECONDS", 0
    )  # or a quick machine is through before
    folder = draw_tree(tmp_path / "many", {"class 10": 60, "class 2": 60})
    stop = threading.Event()
    with Project.create(tmp_path / "many") as project:
        project.add_source(folder)
        for step in project.scan(stop):
            if step.done >= 30:
                stop.set()
        part = project.last_scan()
        assert 0 < part.added < 120
        assert any("stopped" in note for note in part.notes)
        assert project.count() == 120
        assert project.facts().labelled == part.added == 120 - project.facts().unread
        assert [one.name for one in project.classes] == ["class 2", "class 10"]
        report = scan(project)
        assert (report.added, report.unchanged) == (120 - part.added, part.added)


def test_a_scan_that_nobody_listens_to_any_more_keeps_what_it_read(tmp_path: Path) -> None:
    folder = draw_tree(tmp_path / "many", {"a": 40, "b": 40})
    with Project.create(tmp_path / "many") as project:
        project.add_source(folder)
        steps = project.scan()
        while next(steps).done < 1:
            pass
        steps.close()
        facts = project.facts()
        assert facts.labelled == project.last_scan().added > 0
        assert facts.labelled + facts.unread == 80
        assert scan(project).missing == 0
        assert project.count() == 80


def test_progress_counts_up_to_all_files(tmp_path: Path) -> None:
    folder = draw_tree(tmp_path / "p", {"a": 15})
    with Project.create(tmp_path / "x") as project:
        project.add_source(folder)
        steps = list(project.scan())
        assert (steps[-1].done, steps[-1].total) == (15, 15)
        assert [step.done for step in steps] == sorted(step.done for step in steps)


@pytest.mark.parametrize(
    ("counts", "note"),
    [
        ({}, "No pictures"),
        ({"": 1}, "No labels"),
        ({"rust": 1}, 'one class only ("rust")'),
    ],
)
def test_too_little_is_said(tmp_path: Path, counts: dict[str, int], note: str) -> None:
    folder = tmp_path / "few"
    folder.mkdir()
    draw_tree(folder, counts)
    with Project.create(tmp_path / "few", folder) as project:
        assert any(note in text for text in project.last_scan().notes)
        assert project.count() == sum(counts.values())
        assert project.facts().images == sum(counts.values())


def test_a_class_needs_files_that_might_be_pictures(tmp_path: Path) -> None:
    folder = draw_tree(tmp_path / "p", {"a": 2, "b": 2})
    (folder / "broken").mkdir()
    (folder / "broken/x.jpg").write_bytes(b"")
    (folder / "papers").mkdir()
    (folder / "papers/read me.txt").write_text("…", encoding="utf-8")
    (folder / "empty").mkdir()
    with Project.create(tmp_path / "p", folder) as project:
        assert dict(project.facts().class_counts) == {"a": 2, "b": 2, "broken": 0}


def test_two_sources_must_not_overlap(project: Project, pictures: Path) -> None:
    for folder in (pictures, pictures / "rust", pictures.parent):
        with pytest.raises(ProblemError, match="already has the pictures"):
            project.add_source(folder)


def test_a_picture_may_move_from_one_source_to_another(
    project: Project, pictures: Path, tmp_path: Path
) -> None:
    second = draw_tree(tmp_path / "second", {"thrips": 0})
    (second / "thrips").mkdir(parents=True)
    project.add_source(second)
    number = only(project, "rust/000")
    shutil.move(pictures / "rust/000.png", second / "thrips/000.png")
    assert scan(project).moved == 1
    image = project.image(number)
    assert (image.path, image.class_name) == (second / "thrips/000.png", "rust")


def test_a_scan_stopped_while_looking_forgets_nothing(project: Project, pictures: Path) -> None:
    draw_tree(pictures, {"train": 0})
    before = project.images(project.ids())
    stop = threading.Event()
    stop.set()
    list(project.scan(stop))
    steps = project.scan()
    next(steps)
    steps.close()
    assert project.images(project.ids()) == before
    assert project.last_scan().missing == 0
    assert any("stopped" in note for note in project.last_scan().notes)


def test_given_splits_survive_a_stopped_scan(tmp_path: Path) -> None:
    folder = draw_tree(tmp_path / "p", {"train/a": 4, "train/b": 4, "test/a": 2, "test/b": 2, "val/a": 2})
    with Project.create(tmp_path / "p", folder) as project:
        stop = threading.Event()
        stop.set()
        list(project.scan(stop))
        assert project.split() == {Split.TRAIN: 8, Split.VALIDATION: 2, Split.TEST: 4}


CREATE = """
import sys, threading, time
from tldesk.dataset import Project
from tldesk.dataset.scan.scan import Scan
from tldesk.imaging import PreparedCache
project = Project.create(sys.argv[1])
project.add_source(sys.argv[2])
prepared = PreparedCache(project.cache_dir / "prepared")
for step in Scan(project._database, project.sources(), threading.Event(), prepared).run():
    if step.done == 280:  # a batch of 256 is written, the next one is not
        print("now", flush=True)
        time.sleep(60)
"""


def test_a_scan_that_is_killed_goes_on_next_time(tmp_path: Path) -> None:
    folder = draw_tree(tmp_path / "many", {"a": 160, "b": 160})
    command = [sys.executable, "-c", CREATE, str(tmp_path / "p"), str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "now\n"
    process.kill()
    process.wait()
    process.stdout.close()
    with Project.open(tmp_path / "p") as project:
        assert 0 < project.facts().unread < 320
        report = scan(project)
        assert report.unchanged + report.added == 320
        assert project.facts().labelled == 320


def test_what_is_listed_can_be_labelled_and_moved_before_it_is_read(project: Project, pictures: Path) -> None:
    for number in range(3):
        draw(pictures / f"new/{number}.png", 50 + number)
    stop = threading.Event()
    prepared = PreparedCache(project.cache_dir / "prepared")
    for step in Scan(project._database, project.sources(), stop, prepared).run():
        if step.what == "Reading pictures":
            stop.set()
    unread = [image for image in project.images(project.ids(Filter(text="new/"))) if not image.was_read]
    assert unread
    assert all((one.class_name, one.width, one.picture) == ("new", 0, str(one.path)) for one in unread)
    assert project.facts().unread == len(unread)
    last = unread[-1]
    rust = next(one.id for one in project.classes if one.name == "rust")
    project.edit.label([last.id], rust)
    (pictures / "elsewhere").mkdir()
    last.path.rename(pictures / "elsewhere/renamed.png")
    report = scan(project)
    assert (report.added, report.moved, report.changed, report.missing) == (len(unread), 1, 0, 0)
    after = project.image(last.id)
    assert (after.path, after.class_name) == (pictures / "elsewhere/renamed.png", "rust")
    assert after.was_read
    assert project.facts().unread == 0
