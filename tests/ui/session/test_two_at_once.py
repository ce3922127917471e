"""Two windows, or a window and a command, on the same project: nothing is lost, and it is told."""

from __future__ import annotations

import subprocess
import sys

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from waiting import wait_for_images

from tldesk.dataset import Project

LABEL = """
import sys
from tldesk.dataset import Project
with Project.open(sys.argv[1]) as project:
    rust = project.classes[1]
    for number in project.ids()[5:10]:
        project.edit.label([number], rust.id)
"""


def error_box(window):
    found = [each for each in window.findChildren(QMessageBox) if each.objectName() == "errorBox"]
    return found[0] if found else None


def test_what_another_program_labels_appears_and_can_be_undone(opened, qtbot):
    page = opened.pages.images
    qtbot.waitUntil(lambda: page.counting.counts is not None and page.counting.counts.of_class == (20, 20))
    subprocess.run([sys.executable, "-c", LABEL, str(opened.session.project.path)], check=True)
    qtbot.waitUntil(lambda: page.counting.counts.of_class == (15, 25), timeout=10_000)
    assert opened.session.undo_stack.undoText() == "Label 1 image as rust"
    opened.session.undo_stack.undo()
    qtbot.waitUntil(lambda: page.counting.counts.of_class == (16, 24))


def test_undo_never_takes_back_somebody_elses_edit_unseen(opened, qtbot):
    page, project = opened.pages.images, opened.session.project
    page.grid.go_to(0)
    qtbot.keyClick(page.grid, Qt.Key.Key_2)
    with Project.open(project.path) as other:
        other.edit.label(other.ids()[10:12], other.classes[1].id)
    opened.session.undo_stack.undo()
    assert "changed elsewhere" in error_box(opened).text() + error_box(opened).informativeText()
    error_box(opened).close()
    assert project.image(project.ids()[0]).class_name == "rust", "neither edit was touched"
    assert project.image(project.ids()[10]).class_name == "rust"
    qtbot.waitUntil(lambda: opened.session.undo_stack.undoText() == "Label 2 images as rust")
    opened.session.undo_stack.undo()
    opened.session.undo_stack.undo()
    assert {project.image(number).class_name for number in project.ids()[:12]} == {"healthy"}


def test_two_windows_label_the_same_project(make_window, project, qtbot):
    first, second = make_window(), make_window()
    for window in (first, second):
        window.session.open_project(project.path)
        wait_for_images(window, qtbot, 40)
    first.pages.images.grid.go_to(0)
    second.pages.images.grid.go_to(1)
    for window in (first, second):
        qtbot.waitUntil(lambda w=window: w.pages.images.counting.counts is not None)
    qtbot.keyClick(first.pages.images.grid, Qt.Key.Key_2)
    qtbot.keyClick(second.pages.images.grid, Qt.Key.Key_2)
    for window in (first, second):
        qtbot.waitUntil(lambda w=window: w.pages.images.counting.counts.of_class == (18, 22), timeout=10_000)
        qtbot.waitUntil(lambda w=window: w.session.undo_stack.count() == 2, timeout=10_000)
