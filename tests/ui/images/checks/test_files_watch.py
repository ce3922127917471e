"""Files and folders move, change and go away under an open window: it notices, says so, and mends."""

from __future__ import annotations

import shutil

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from waiting import wait_for_images

from tldesk.dataset import Filter, Project


def banner_of(window):
    return window.pages.images.files.banner


def wait_for(window, qtbot, words):
    """Wait for the banner; its buttons by their words."""
    banner = banner_of(window)
    qtbot.waitUntil(lambda: banner.isVisible() and words in banner.words.text(), timeout=20_000)
    return {button.text(): button for button in banner.buttons if button.isVisible()}


def come_back(window):
    """Use another program, then this one again."""
    window.pages.images.files._next = 0.0
    window.pages.images.files._state_changed(Qt.ApplicationState.ApplicationActive)


@pytest.fixture
def watched(opened, qtbot):
    """The window after its first look at the files, which otherwise waits for the visible pictures."""
    files = opened.pages.images.files
    qtbot.waitUntil(lambda: files._later.isActive() or files._seen is not None)
    if files._seen is None:
        files._later.start(0)
    qtbot.waitUntil(lambda: opened.pages.images.files._seen is not None, timeout=20_000)
    assert banner_of(opened).isHidden()
    return opened


def test_new_and_vanished_files_are_offered_when_the_window_is_used_again(watched, leaves, qtbot):
    first = sorted((leaves / "rust").iterdir())
    shutil.copy(first[0], leaves / "rust" / "new.jpg")
    first[1].unlink()
    come_back(watched)
    buttons = wait_for(watched, qtbot, "1 new picture, 1 missing or moved")
    assert watched.session.project.count() == 40, "nothing is read unasked"
    buttons["Rescan"].click()
    wait_for_images(watched, qtbot, 41)
    wait_for(watched, qtbot, "1 file is missing")


def test_coming_back_reads_no_file_where_no_folder_differs(watched, monkeypatch, qtbot):
    looks = []
    files = watched.pages.images.files
    monkeypatch.setattr(files, "look", lambda: looks.append(1))
    come_back(watched)
    qtbot.wait(300)
    assert not looks
    files._next = float("inf")
    (watched.session.project.sources()[0].images / "more").mkdir()
    files._state_changed(Qt.ApplicationState.ApplicationActive)
    qtbot.wait(300)
    assert not looks, "not again so soon"
    come_back(watched)
    qtbot.waitUntil(lambda: looks == [1])


def test_missing_files_are_shown_forgotten_and_back_after_undo(watched, leaves, qtbot):
    project, page = watched.session.project, watched.pages.images
    gone = sorted((leaves / "rust").iterdir())[:3]
    ids = set(project.ids(Filter(text="rust"))[:3])
    for path in gone:
        path.unlink()
    watched.session.rescan()
    buttons = wait_for(watched, qtbot, "3 files are missing")
    assert page.checking.findings[0].title == "Missing files"
    buttons["Show them"].click()
    qtbot.waitUntil(lambda: set(page.grid.images.ids()) == ids, timeout=20_000)
    buttons["Forget them"].click()
    wait_for_images(watched, qtbot, 37)
    qtbot.waitUntil(lambda: banner_of(watched).isHidden())
    qtbot.waitUntil(lambda: not page.checking.findings)
    assert watched.session.undo_stack.undoText() == "Forget 3 missing images"
    watched.session.undo_stack.undo()
    buttons = wait_for(watched, qtbot, "3 files are missing")
    assert project.count() == 40
    buttons["Later"].click()
    assert banner_of(watched).isHidden()
    come_back(watched)
    qtbot.wait(300)
    assert banner_of(watched).isHidden(), "later is later"


def test_files_that_changed_are_listed_after_a_scan(watched, leaves, qtbot):
    project, page = watched.session.project, watched.pages.images
    first = min((leaves / "rust").iterdir())
    shutil.copy(max((leaves / "healthy").iterdir()), first)
    (image,) = project.ids(Filter(text=first.name))
    watched.session.rescan()
    qtbot.waitUntil(
        lambda: [(one.title, one.ids) for one in page.checking.findings] == [("Changed files", (image,))],
        timeout=20_000,
    )
    assert project.image(image).class_name == "rust"


def test_a_folder_that_lies_elsewhere_is_shown_by_the_user(watched, leaves, tmp_path, qtbot):
    project = watched.session.project
    away = tmp_path / "another stick" / "images"
    away.parent.mkdir()
    leaves.rename(away)
    come_back(watched)
    buttons = wait_for(watched, qtbot, f"The folder {leaves} was not found")
    (tmp_path / "wrong").mkdir()
    buttons["Locate folder…"].click()
    choose(watched, qtbot, tmp_path / "wrong")
    qtbot.waitUntil(lambda: bool(errors(watched)), timeout=20_000)
    (box,) = errors(watched)
    assert "none of the pictures" in box.text() + box.informativeText()
    box.close()
    buttons["Locate folder…"].click()
    choose(watched, qtbot, away)
    qtbot.waitUntil(lambda: project.sources()[0].images == away, timeout=20_000)
    qtbot.waitUntil(lambda: banner_of(watched).isHidden() and not watched.session.scanning, timeout=20_000)
    assert project.count(Filter(quarantined=True)) == 0
    assert all(one.path.is_file() for one in project.images(project.ids()))


def test_a_folder_that_is_not_there_as_the_project_opens(window, project, leaves, qtbot):
    leaves.rename(leaves.with_name("away"))
    window.session.open_project(project.path)
    wait_for_images(window, qtbot, 40)
    buttons = wait_for(window, qtbot, "was not found")
    leaves.with_name("away").rename(leaves)
    buttons["Rescan"].click()
    qtbot.waitUntil(lambda: banner_of(window).isHidden(), timeout=20_000)


def test_a_command_that_mends_the_folder_is_noticed(watched, leaves, tmp_path, qtbot):
    leaves.rename(tmp_path / "moved")
    come_back(watched)
    wait_for(watched, qtbot, "was not found")
    with Project.open(watched.session.project.path) as other:
        other.folders.relocate(1, tmp_path / "moved")
        list(other.scan())
    come_back(watched)
    qtbot.waitUntil(lambda: banner_of(watched).isHidden(), timeout=20_000)
    image = watched.session.project.ids()[0]
    assert watched.session.project.image(image).path.is_file()


def choose(window, qtbot, folder):
    dialogs = lambda: [one for one in window.findChildren(QFileDialog) if one.isVisible()]  # noqa: E731
    qtbot.waitUntil(lambda: len(dialogs()) == 1)
    (dialog,) = dialogs()
    dialog.filesSelected.emit([str(folder)])
    dialog.close()


def errors(window):
    from PySide6.QtWidgets import QMessageBox

    return [
        one for one in window.findChildren(QMessageBox) if one.objectName() == "errorBox" and one.isVisible()
    ]
