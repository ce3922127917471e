"""The main job on the first page, through the real window: open, label, undo, filter, drop, stop, close."""

from __future__ import annotations

import shutil
import threading
import time

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QComboBox,
    QLineEdit,
    QMessageBox,
)
from waiting import wait_for_images

from tldesk.dataset import Project
from tldesk.ui.images.split.split_dialog import SplitDialog
from tldesk.ui.project.new_project_dialog import NewProjectDialog
from tldesk.ui.session.project_jobs import NewProject


def drop(window, path):
    """Drop a path on the window as a file manager does."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    place = QPointF(700, 400)
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dragEnterEvent(
        enter := QDragEnterEvent(place.toPoint(), Qt.DropAction.CopyAction, data, buttons, keys)
    )
    assert enter.isAccepted()
    assert window.drop_hint.isVisible()
    window.dropEvent(QDropEvent(place, Qt.DropAction.CopyAction, data, buttons, keys))
    assert not window.drop_hint.isVisible()


def press(qtbot, window, key, *, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(window.pages.images.grid, key, modifier)


def label_at(window, row):
    grid = window.pages.images.grid
    return window.session.project.image(grid.images.id_at(row)).class_name


def counts(window):
    page = window.pages.images
    return page.counting.counts.of_class if page.counting.counts else None


def box(window, name):
    found = [
        each for each in window.findChildren(QMessageBox) if each.objectName() == name and each.isVisible()
    ]
    return found[0] if found else None


def press_button(box, words):
    next(button for button in box.buttons() if button.text() == words).click()


def test_dropping_a_folder_makes_a_project_with_labels_from_folders_and_splits(window, leaves, qtbot):
    drop(window, leaves)
    dialog = window.findChild(NewProjectDialog)
    assert dialog.target() == leaves.parent / "Kaffee Blätter.tldesk"
    dialog.go.click()
    wait_for_images(window, qtbot, 40)
    qtbot.waitUntil(lambda: not window.session.scanning)
    qtbot.waitUntil(lambda: counts(window) == (20, 20))
    assert window.windowTitle().startswith("Kaffee Blätter")
    assert window.rail.button(0)._state == "40 images · 2 classes"
    facts = window.session.project.facts()
    assert sum(facts.split_counts.values()) == 40
    assert (leaves.parent / "Kaffee Blätter.tldesk").is_dir()
    assert [path.name for path in window.session.settings.recent()] == ["Kaffee Blätter.tldesk"]


def test_dropping_a_project_opens_it_and_thumbnails_arrive(window, project, qtbot):
    drop(window, project.path)
    wait_for_images(window, qtbot, 40)
    grid = window.pages.images.grid
    content = grid.images.record(0).content
    qtbot.waitUntil(lambda: grid.thumbnails.get(content) is not None)
    assert max(grid.thumbnails.get(content).width(), grid.thumbnails.get(content).height()) == 104


def test_keys_label_and_advance_and_undo_and_redo_take_back_and_forth(opened, qtbot):
    page = opened.pages.images
    page.grid.go_to(0)
    assert label_at(opened, 0) == "healthy"
    press(qtbot, opened, Qt.Key.Key_2)
    assert label_at(opened, 0) == "rust"
    assert page.grid.currentIndex().row() == 1
    qtbot.waitUntil(lambda: counts(opened) == (19, 21))
    qtbot.waitUntil(lambda: page.grid.images.record(0).class_name == "rust")
    undo, redo = opened.actions_.by_words["undo"], opened.actions_.by_words["redo"]
    assert "rust" in undo.text()
    undo.trigger()
    assert label_at(opened, 0) == "healthy"
    qtbot.waitUntil(lambda: counts(opened) == (20, 20))
    redo.trigger()
    assert label_at(opened, 0) == "rust"
    how = [
        (event.how, event.before, event.after)
        for event in opened.session.project.history(page.grid.images.id_at(0))
    ]
    assert how[-3:] == [
        ("person", "healthy", "rust"),
        ("undo", "rust", "healthy"),
        ("redo", "healthy", "rust"),
    ]


def test_several_images_are_labelled_as_one_action_and_stay_selected(opened, qtbot):
    page = opened.pages.images
    page.grid.go_to(2)
    press(qtbot, opened, Qt.Key.Key_Right, modifier=Qt.KeyboardModifier.ShiftModifier)
    press(qtbot, opened, Qt.Key.Key_Right, modifier=Qt.KeyboardModifier.ShiftModifier)
    assert len(page.grid.selected_ids()) == 3
    press(qtbot, opened, Qt.Key.Key_2)
    assert [label_at(opened, row) for row in range(1, 6)] == ["healthy", "rust", "rust", "rust", "healthy"]
    assert len(page.grid.selected_ids()) == 3
    assert opened.session.undo_stack.count() == 1
    opened.session.undo_stack.undo()
    assert {label_at(opened, row) for row in range(6)} == {"healthy"}


def test_undo_survives_a_restart(make_window, project, qtbot):
    first = make_window()
    first.session.open_project(project.path)
    wait_for_images(first, qtbot, 40)
    first.pages.images.grid.go_to(0)
    press(qtbot, first, Qt.Key.Key_2)
    press(qtbot, first, Qt.Key.Key_2)
    first.session.undo_stack.undo()
    first.close()
    second = make_window()
    second.session.open_project(project.path)
    wait_for_images(second, qtbot, 40)
    stack = second.session.undo_stack
    assert (stack.canUndo(), stack.canRedo()) == (True, True)
    stack.undo()
    assert label_at(second, 0) == "healthy"
    stack.redo()
    stack.redo()
    assert [label_at(second, row) for row in range(3)] == ["rust", "rust", "healthy"]
    assert not stack.canRedo()


def test_cleared_labels_are_found_under_unlabelled_and_nothing_matches_is_said(opened, qtbot):
    page = opened.pages.images
    page.grid.go_to(5)
    press(qtbot, opened, Qt.Key.Key_0)
    assert label_at(opened, 5) is None
    image = page.grid.images.id_at(5)
    page.side.views.picked.emit(1)
    page.side.views.choose(1)
    page.refresh()
    qtbot.waitUntil(lambda: list(page.grid.images.ids()) == [image])
    page.bar.search.setText("no such name")
    qtbot.waitUntil(lambda: page.middle.currentWidget() is page.empty)
    assert page.empty.title.text() == "No matching images"
    page.empty.button.click()
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == 40)
    assert page.middle.currentWidget() is page.grid


def test_a_click_on_a_class_filters_and_a_second_click_lets_go(opened, qtbot):
    page = opened.pages.images
    qtbot.waitUntil(lambda: page.side.classes.count() == 2)
    place = page.side.classes.visualItemRect(page.side.classes.item(1)).center()
    qtbot.mouseClick(page.side.classes.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == 20)
    qtbot.waitUntil(lambda: page.grid.images.record(0) is not None)
    assert page.grid.images.record(0).class_name == "rust"
    qtbot.mouseClick(page.side.classes.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == 40)


def test_a_new_class_gets_the_next_key_and_a_rename_can_be_undone(opened, qtbot):
    page = opened.pages.images
    qtbot.keyClicks(page.side.new_class, "mildew")
    qtbot.keyClick(page.side.new_class, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.class_names() == ("healthy", "rust", "mildew"))
    page.grid.go_to(0)
    press(qtbot, opened, Qt.Key.Key_3)
    assert label_at(opened, 0) == "mildew"
    page.editing.rename_to(page.counting.counts.classes[2], "powdery mildew")
    qtbot.waitUntil(lambda: page.class_names()[2] == "powdery mildew")
    opened.session.undo_stack.undo()
    qtbot.waitUntil(lambda: page.class_names()[2] == "mildew")
    opened.session.undo_stack.undo()
    assert label_at(opened, 0) == "healthy"


def test_a_class_name_that_is_taken_is_refused_with_words(opened, qtbot):
    page = opened.pages.images
    qtbot.keyClicks(page.side.new_class, "rust")
    qtbot.keyClick(page.side.new_class, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: box(opened, "errorBox") is not None)
    assert "rust" in box(opened, "errorBox").text()
    assert page.class_names() == ("healthy", "rust")


def test_the_inspector_tells_label_split_size_and_history(opened, qtbot):
    page = opened.pages.images
    page.grid.go_to(0)
    record = opened.session.project.image(page.grid.images.id_at(0))
    shown = page.inspector
    qtbot.waitUntil(lambda: shown.name.text().replace("\u200b", "") == record.path.name)
    words = [
        shown.facts.itemAt(row, shown.facts.ItemRole.FieldRole).widget().text()
        for row in range(shown.facts.rowCount())
    ]
    assert "healthy" in words
    assert f"{record.width:,} × {record.height:,} px" in words
    assert "unlabelled → healthy" in shown.history.text()


def test_quarantined_files_show_their_reason(window, leaves, tmp_path, qtbot):
    (leaves / "rust" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 this is no picture")
    window.session.create_project(NewProject(tmp_path / "q.tldesk", leaves))
    wait_for_images(window, qtbot, 41)
    qtbot.waitUntil(lambda: not window.session.scanning)
    page = window.pages.images
    page.side.views.choose(7)
    page.refresh()
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == 1)
    page.grid.go_to(0)
    qtbot.waitUntil(lambda: not page.inspector.reason.isHidden())
    reason = window.session.project.image(page.grid.images.id_at(0)).reason
    assert reason
    assert reason in page.inspector.reason.text()


def test_a_scan_that_is_stopped_keeps_what_it_found_and_a_later_one_goes_on(
    window, some_photos, tmp_path, qtbot
):
    source = tmp_path / "many"
    for copy in range(20):
        (source / f"{copy}").mkdir(parents=True)
        for path in some_photos["rust"][:32]:
            shutil.copy(path, source / f"{copy}")
    for number, path in enumerate(sorted(source.rglob("*.jpg"))):
        path.write_bytes(path.read_bytes() + str(number).encode())  # no two the same
    total = len(list(source.rglob("*.jpg")))
    task = window.session.create_project(NewProject(tmp_path / "many.tldesk", source))
    qtbot.waitUntil(lambda: task.done > 0, timeout=20_000)
    assert window.status.stop.isVisible()
    window.status.stop.click()
    assert window.status.words.text() == "Stopping…"
    qtbot.waitUntil(lambda: not window.session.scanning, timeout=20_000)
    assert task.state == "stopped"
    project = window.session.project
    assert project.count() == total, "all are listed"
    assert 0 < project.facts().unread < total
    window.session.rescan()
    qtbot.waitUntil(lambda: not window.session.scanning, timeout=60_000)
    assert project.count() == total
    assert project.facts().unread == 0


def test_what_is_no_project_is_refused_in_words_and_the_open_one_stays(opened, tmp_path, qtbot):
    (tmp_path / "empty.tldesk").mkdir()
    before = opened.session.project
    opened.opener.open_project(tmp_path / "empty.tldesk")
    qtbot.waitUntil(lambda: box(opened, "errorBox") is not None)
    assert "empty.tldesk" in box(opened, "errorBox").text()
    assert opened.session.project is before


def test_dropping_something_else_explains_what_can_be_dropped(window, tmp_path, qtbot):
    (tmp_path / "letter.docx").write_text("x", encoding="utf-8")
    drop(window, tmp_path / "letter.docx")
    assert "letter.docx" in box(window, "errorBox").text()


def test_a_table_beside_the_pictures_is_guessed_and_shown(window, leaves, tmp_path, qtbot):
    flat = tmp_path / "flat"
    flat.mkdir()
    lines = ["photo;finding;plant"]
    for number, path in enumerate(sorted(leaves.rglob("*.jpg"))):
        shutil.copy(path, flat / path.name)
        lines.append(f"{path.stem};{path.parent.name};p{number // 4}")
    (flat / "table.csv").write_text("\n".join(lines), encoding="utf-8")
    window.opener.new_project(flat)
    dialog = window.findChild(NewProjectDialog)
    qtbot.waitUntil(lambda: dialog.columns.matched.text().startswith("40 of 40 rows match a picture: "))
    columns = (dialog.columns.image, dialog.columns.label, dialog.columns.group, dialog.columns.split)
    assert [combo.currentText() for combo in columns] == ["photo", "finding", "plant", "none"]
    assert dialog.columns.preview.item(0, 1).text() == "healthy"
    dialog.go.click()
    wait_for_images(window, qtbot, 40)
    qtbot.waitUntil(lambda: not window.session.scanning)
    facts = window.session.project.facts()
    assert dict(facts.class_counts) == {"healthy": 20, "rust": 20}
    assert facts.groups == 10


def test_check_lists_what_it_found_and_a_click_shows_those_images(window, leaves, tmp_path, qtbot):
    first = min((leaves / "healthy").glob("*.jpg"))
    shutil.copy(first, leaves / "rust" / "copy.jpg")
    with Project.create(tmp_path / "c.tldesk", leaves) as made:
        made.split()
    window.session.open_project(tmp_path / "c.tldesk")
    wait_for_images(window, qtbot, 41)
    page = window.pages.images
    page.checking.check()
    qtbot.waitUntil(lambda: page.side.findings.count() > 0, timeout=20_000)
    titles = [found.title for found in page.checking.findings]
    assert "Conflicting labels" in titles
    place = titles.index("Conflicting labels")
    item = page.side.findings.item(place)
    page.side.findings.itemClicked.emit(item)
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == 2)
    names = {record.path.name for record in window.session.project.images(list(page.grid.images.ids()))}
    assert names == {first.name, "copy.jpg"}


def test_closing_while_something_runs_asks_waits_and_ends_it(opened, qtbot):
    begun, ended = threading.Event(), []

    def work(stop):
        begun.set()
        try:
            while not stop.wait(0.01):
                yield None
        finally:
            time.sleep(0.1)  # saving takes a moment
            ended.append(threading.current_thread())

    opened.tasks.stream("Training run 4", work)
    qtbot.waitUntil(begun.is_set)  # what has not begun has nothing to end
    assert not opened.close()
    asked = box(opened, "closeBox")
    assert asked.text() == "Training run 4 has not finished yet."
    press_button(asked, "Keep running")
    assert opened.isVisible()
    assert opened.tasks.busy
    opened.close()
    qtbot.waitUntil(lambda: box(opened, "closeBox") is not None)
    press_button(box(opened, "closeBox"), "Stop and close")
    qtbot.waitUntil(lambda: not opened.isVisible())
    assert len(ended) == 1
    assert opened.session.settings.data("geometry")
    assert opened.session.project is None


def test_closing_asks_once_even_if_what_was_stopped_begins_something_else(opened, qtbot):
    begun = []

    def work(stop):
        while not stop.wait(0.01):
            yield None

    def begin_another():
        begun.append(opened.tasks.stream("Predicting", work))

    opened.tasks.stream("Training run 4", work, on_stopped=begin_another)
    opened.close()
    press_button(box(opened, "closeBox"), "Stop and close")
    qtbot.waitUntil(lambda: not opened.isVisible())
    assert [task.title for task in begun] == ["Predicting"]


def test_what_was_asked_for_has_its_first_image_selected_so_that_keys_work(opened, qtbot):
    page = opened.pages.images
    ids = list(page.grid.images.ids())
    page.grid.go_to(0)
    page.show_images(ids[3:6], "rust, called miner")
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == 3)
    assert list(page.grid.selected_ids()) == [ids[3]]


def test_an_error_on_the_compute_thread_is_shown_with_its_details(opened, qtbot):
    def fail():
        raise RuntimeError("CUDA error: device-side assert")

    opened.tasks.compute("Training run 1", fail)
    qtbot.waitUntil(lambda: box(opened, "errorBox") is not None)
    shown = box(opened, "errorBox")
    assert "device-side assert" in shown.text()
    assert "RuntimeError" in shown.detailedText()


def test_everything_that_can_be_used_has_a_name_for_those_who_cannot_see_it(opened, qtbot):
    opened.pages.images.split()
    opened.opener.new_project(opened.session.project.path.parent)
    kinds = (QAbstractButton, QLineEdit, QComboBox, QAbstractSlider, QAbstractItemView)
    nameless = [
        (type(widget).__name__, widget.objectName(), type(widget.parent()).__name__)
        for top in (
            opened.rail,
            opened.status,
            opened.welcome,
            opened.pages.images,
            opened.findChild(SplitDialog),
        )
        for kind in kinds
        for widget in top.findChildren(kind)
        if not (widget.accessibleName() or getattr(widget, "text", str)() or widget.toolTip())
        and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not widget.isHidden()
        and not isinstance(widget.parent().parent(), QComboBox)  # Qt's own pop-up list
    ]
    assert nameless == []


def test_every_menu_entry_that_does_something_has_a_key_of_its_own(opened):
    keys = {}
    for menu in opened.menuBar().actions():
        for action in menu.menu().actions():
            if action.isSeparator() or action.menu():
                continue
            assert action.shortcut().toString() or "\t" in action.text(), action.text()
            for key in action.shortcuts():
                keys.setdefault(key.toString(), []).append(action.text())
    assert {key: names for key, names in keys.items() if len(names) > 1} == {}


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_the_window_fits_a_small_laptop_in_both_colours(opened, qtbot, choice):
    opened.wear(choice)
    try:
        assert opened.minimumSizeHint().width() <= 1366
        assert opened.minimumSizeHint().height() <= 768
        assert opened.session.settings.text("theme") == choice
    finally:
        opened.wear("light")
