"""What lies among pictures, in the window: said before a project is made and after, and never opened."""

from __future__ import annotations

import os
import shutil
import sys

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QMessageBox

from tldesk.dataset import FindingKind, Project
from tldesk.ui.project.new_project_dialog import NewProjectDialog
from tldesk.ui.settings import Settings

SAID = "Left out, because tldesk does not read these files: 3 NEF, 1 JXL."


def drop(window, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(700, 400), Qt.DropAction.CopyAction, data, buttons, keys))


@pytest.fixture
def mixed(some_photos, tmp_path):
    """Two classes that differ by case, RAW files, a system's thumbnails, a pipe, names that are no UTF-8."""
    folder = tmp_path / "mixed"
    for name, photos in (("Rust", some_photos["rust"][:4]), ("rust", some_photos["healthy"][:2])):
        (folder / name).mkdir(parents=True)
        for photo in photos:
            shutil.copy(photo, folder / name)
    for number in range(3):
        (folder / f"Rust/{number}.NEF").write_bytes(b"raw")
    (folder / "rust/1.jxl").write_bytes(b"jxl")
    (folder / "@eaDir/1.jpg").mkdir(parents=True)
    shutil.copy(some_photos["other"][0], folder / "@eaDir/1.jpg/SYNOPHOTO_THUMB_XL.jpg")
    if sys.platform == "linux":
        os.mkfifo(folder / "rust/pipe.jpg")
        shutil.copy(some_photos["other"][1], folder / "rust" / os.fsdecode(b"f\xfcnf.jpg"))
    return folder


def make_project(window, mixed, qtbot):
    drop(window, mixed)
    qtbot.waitUntil(lambda: window.findChild(NewProjectDialog) is not None)
    dialog = window.findChild(NewProjectDialog)
    qtbot.waitUntil(dialog.found.notes.isVisible, timeout=20_000)
    said = dialog.found.notes.text()
    dialog.go.click()
    qtbot.waitUntil(lambda: window.session.project is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not window.session.scanning, timeout=60_000)
    return said


@pytest.mark.skipif(sys.platform != "linux", reason="no such names and pipes there")
def test_it_is_said_before_the_project_is_made_and_after(window, mixed, qtbot):
    said = make_project(window, mixed, qtbot)
    passed = "Passed over, because systems and devices keep their own files there: 1 × @eaDir."
    assert said.splitlines() == [
        "Rust and rust differ only in capitals, blanks, hyphens or underscores, and will be "
        "different classes.",
        "3 NEF files and 1 JXL file were left out: tldesk does not read them.",
        "rust/pipe.jpg (a pipe) is not a file and was never opened.",
        passed,
    ]
    page = window.pages.images
    qtbot.waitUntil(lambda: len(page.files.findings) == 2, timeout=20_000)
    left_out = next(one for one in page.files.findings if one.kind is FindingKind.LEFT_OUT)
    never = "Never opened, because these are pipes, devices or sockets: rust/pipe.jpg."
    assert left_out.words == f"{SAID} {never} {passed}"
    names = [image.path.name for image in window.session.project.images(window.session.project.ids())]
    assert len(names) == 7
    assert r"f\xfcnf.jpg" in names
    assert window.session.project.facts().quarantined == 0


def test_classes_that_differ_by_case_are_asked_about_and_merged(window, mixed, qtbot):
    make_project(window, mixed, qtbot)
    banner, project = window.pages.images.files.banner, window.session.project
    qtbot.waitUntil(banner.isVisible, timeout=20_000)
    assert banner.words.text().startswith("The classes Rust (4) and rust (")
    next(button for button in banner.buttons if button.text() == "Merge them").click()
    qtbot.waitUntil(lambda: [one.name for one in project.classes] == ["Rust"], timeout=20_000)
    assert dict(project.facts().class_counts) == {"Rust": project.count()}
    qtbot.waitUntil(banner.isHidden, timeout=20_000)
    window.session.undo_stack.undo()
    qtbot.waitUntil(lambda: len(project.classes) == 2, timeout=20_000)


def test_both_classes_may_be_kept(window, mixed, qtbot):
    make_project(window, mixed, qtbot)
    page, project = window.pages.images, window.session.project
    qtbot.waitUntil(page.files.banner.isVisible, timeout=20_000)
    next(button for button in page.files.banner.buttons if button.text() == "Keep both").click()
    qtbot.waitUntil(page.files.banner.isHidden, timeout=20_000)
    assert [one.kind for one in page.files.findings] == [FindingKind.LEFT_OUT]
    assert len(project.classes) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes there")
def test_a_dropped_pipe_is_refused(window, tmp_path, qtbot):
    os.mkfifo(tmp_path / "pipe.jpg")
    drop(window, tmp_path / "pipe.jpg")
    qtbot.waitUntil(lambda: any(box.isVisible() for box in window.findChildren(QMessageBox)))
    box = next(box for box in window.findChildren(QMessageBox) if box.isVisible())
    assert "this is a pipe, not a file" in box.text() + box.informativeText()
    box.close()


@pytest.mark.skipif(sys.platform != "linux", reason="names there are text")
def test_projects_and_pictures_may_have_names_that_are_no_utf8(window, leaves, tmp_path, qtbot):
    strange = leaves.rename(tmp_path / os.fsdecode(b"Bl\xe4tter"))
    (strange / "rust").rename(strange / os.fsdecode(b"R\xf6st"))
    with Project.create(tmp_path / os.fsdecode(b"Pr\xfcfung"), strange) as made:
        path = made.path
    window.session.open_project(path)
    page = window.pages.images
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == 40, timeout=20_000)
    qtbot.waitUntil(lambda: page.files._seen is not None, timeout=20_000)
    project = window.session.project
    assert [one.name for one in project.classes] == ["healthy", r"R\xf6st"]
    assert project.facts().quarantined == 0
    assert page.files.banner.isHidden()
    qtbot.wait(20)  # folders keep their times in steps
    shutil.copy(next((strange / "healthy").iterdir()), strange / os.fsdecode(b"R\xf6st") / "new.jpg")
    page.files._next = 0.0
    page.files.look_if_changed()
    qtbot.waitUntil(lambda: "1 new picture" in page.files.banner.words.text(), timeout=20_000)
    window.session.rescan()
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == 41, timeout=20_000)
    assert path in Settings().recent(), "read back from the disk"
