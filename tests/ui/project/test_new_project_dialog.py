"""Pictures come in by drag and drop and through the table dialog: real files, bad ones among them."""

from __future__ import annotations

import errno
import shutil
import threading
from collections import Counter

from dataset_pictures import draw
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMessageBox
from waiting import wait_for_images

from tldesk.base import file_size
from tldesk.dataset import Filter
from tldesk.ui.project.new_project_dialog import NewProjectDialog
from tldesk.ui.session import project_jobs
from tldesk.ui.session.project_jobs import NewProject


def drop(window, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    place, action = QPointF(700, 400), Qt.DropAction.CopyAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dragEnterEvent(QDragEnterEvent(place.toPoint(), action, data, buttons, keys))
    window.dropEvent(QDropEvent(place, action, data, buttons, keys))


def press_button(window, words):
    box = next(each for each in window.findChildren(QMessageBox) if each.isVisible())
    next(button for button in box.buttons() if button.text() == words).click()


def create(window, qtbot):
    """Press Create in the dialog of a new project, and wait for its pictures."""
    qtbot.waitUntil(lambda: window.findChild(NewProjectDialog) is not None)
    window.findChild(NewProjectDialog).go.click()
    qtbot.waitUntil(lambda: window.session.project is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not window.session.scanning, timeout=60_000)


def columns_shown(dialog):
    """The columns chosen for image, folder, class, group and split."""
    found = dialog.columns
    return [
        combo.currentText() for combo in (found.image, found.folder, found.label, found.group, found.split)
    ]


def table_dialog(window, tmp_path, qtbot, text, *names):
    """Drop a table beside new pictures of these names; return the dialog once the table has been read."""
    for number, name in enumerate(names):
        draw(tmp_path / "set" / name, number, 32)
    (tmp_path / "set" / "labels.csv").write_text(text, encoding="utf-8")
    drop(window, tmp_path / "set" / "labels.csv")
    qtbot.waitUntil(lambda: window.findChild(NewProjectDialog) is not None)
    dialog = window.findChild(NewProjectDialog)
    qtbot.waitUntil(dialog.columns.isVisible)
    return dialog


def choose(combo, text):
    combo.setCurrentIndex(combo.findText(text))


def test_dropped_pictures_are_copied_into_the_open_project(opened, some_photos, tmp_path, qtbot):
    project = opened.session.project
    others = some_photos["other"][:3]
    drop(opened, *others)
    press_button(opened, "Copy")
    wait_for_images(opened, qtbot, 43)
    qtbot.waitUntil(lambda: not opened.session.scanning)
    folder = project.path / "pictures"
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in others)
    assert project.count(Filter(unlabelled=True)) == 3
    assert {one.split is not None for one in project.images(project.ids())} == {True}, "they join the split"
    other = tmp_path / others[0].name  # another picture of the same name
    shutil.copy(others[1], other)
    shutil.copy(others[0], tmp_path / "new.jpg")
    drop(opened, other, tmp_path / "new.jpg", others[2])
    press_button(opened, "Copy")
    wait_for_images(opened, qtbot, 45)
    assert (folder / f"{others[0].stem} [2].jpg").read_bytes() == others[1].read_bytes()
    assert len(list(folder.iterdir())) == 5, "the third is there already"


def test_a_dropped_folder_is_copied_into_a_new_project_and_another_into_that(
    window, leaves, some_photos, tmp_path, qtbot
):
    drop(window, leaves)
    qtbot.waitUntil(lambda: window.findChild(NewProjectDialog) is not None)
    choice = window.findChild(NewProjectDialog).copy
    assert choice.leave.isChecked()
    choice.copy.click()
    size = sum(path.stat().st_size for path in leaves.rglob("*.jpg"))
    qtbot.waitUntil(lambda: f"40 pictures, {file_size(size)}; " in choice.words.text(), timeout=20_000)
    assert " free there" in choice.words.text()
    create(window, qtbot)
    wait_for_images(window, qtbot, 40)
    project = window.session.project
    copied = project.path / "folders" / leaves.name
    assert {one.path.parent.parent for one in project.images(project.ids())} == {copied}
    shutil.rmtree(leaves)
    window.session.rescan()
    qtbot.waitUntil(lambda: not window.session.scanning, timeout=20_000)
    assert project.count(Filter(quarantined=True)) == 0
    qtbot.waitUntil(lambda: not window.tasks.busy)
    qtbot.waitUntil(lambda: not visible_dialogs(window))
    (tmp_path / "more" / "others").mkdir(parents=True)
    for path in some_photos["other"][:10]:
        shutil.copy(path, tmp_path / "more" / "others")
    drop(window, tmp_path / "more")
    press_button(window, f"Add to {project.name}")
    qtbot.waitUntil(lambda: len(visible_dialogs(window)) == 1)
    (dialog,) = visible_dialogs(window)
    dialog.copy.copy.click()
    dialog.go.click()
    number = len(list((tmp_path / "more" / "others").iterdir()))
    wait_for_images(window, qtbot, 40 + number)
    qtbot.waitUntil(lambda: not window.session.scanning)
    assert len(list((project.path / "folders" / "more" / "others").iterdir())) == number


def visible_dialogs(window):
    return [one for one in window.findChildren(NewProjectDialog) if one.isVisible()]


def test_no_room_for_a_copy_is_said_in_the_dialog_and_a_full_disk_leaves_no_project(
    window, leaves, monkeypatch, qtbot
):
    from tldesk.dataset.files import copy_in

    drop(window, leaves)
    qtbot.waitUntil(lambda: window.findChild(NewProjectDialog) is not None)
    dialog = window.findChild(NewProjectDialog)
    monkeypatch.setattr(copy_in.shutil, "disk_usage", lambda _place: shutil._ntuple_diskusage(10, 5, 5))
    dialog.copy.copy.click()
    qtbot.waitUntil(lambda: not dialog.go.isEnabled(), timeout=20_000)
    assert "only 5 bytes is free there" in dialog.problem.text()
    dialog.copy.leave.click()
    assert dialog.go.isEnabled()
    dialog.copy.copy.click()
    monkeypatch.undo()
    dialog.place.currentIndexChanged.emit(0)
    qtbot.waitUntil(dialog.go.isEnabled, timeout=20_000)

    def full(_source, target):
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    monkeypatch.setattr(copy_in.shutil, "copy2", full)
    target = dialog.target()
    dialog.go.click()
    qtbot.waitUntil(lambda: any(each.objectName() == "errorBox" for each in window.findChildren(QMessageBox)))
    box = next(each for each in window.findChildren(QMessageBox) if each.objectName() == "errorBox")
    assert "became full" in box.text() + box.informativeText()
    box.close()
    assert window.session.project is None
    assert not target.exists()


def test_stopping_a_copy_leaves_no_project(leaves, tmp_path):
    stop = threading.Event()
    steps = project_jobs.create(NewProject(tmp_path / "new.tldesk", leaves, copy=True), stop)
    next(steps)
    stop.set()
    assert not list(steps)
    assert not (tmp_path / "new.tldesk").exists()
    assert len(list(leaves.rglob("*.jpg"))) == 40


def test_a_picture_that_cannot_be_copied_says_so(opened, leaves, tmp_path, qtbot):
    gone = tmp_path / "gone.jpg"
    shutil.copy(next((leaves / "rust").iterdir()), gone)
    drop(opened, gone)
    gone.unlink()
    press_button(opened, "Copy")
    qtbot.waitUntil(lambda: any(each.objectName() == "errorBox" for each in opened.findChildren(QMessageBox)))
    box = next(each for each in opened.findChildren(QMessageBox) if each.objectName() == "errorBox")
    assert "gone.jpg" in box.text() + box.informativeText()
    box.close()
    assert opened.session.project.count() == 40


def test_odd_files_by_drop_are_listed_with_reasons_and_a_mended_one_leaves(window, data_dir, tmp_path, qtbot):
    source = tmp_path / "odd"
    shutil.copytree(data_dir / "odd", source)
    drop(window, source)
    create(window, qtbot)
    project = window.session.project
    bad = project.images(project.ids(Filter(quarantined=True)))
    assert bad
    assert all(one.reason and one.reason.endswith(".") for one in bad)
    page = window.pages.images
    page.side.views.choose(7)
    page.refresh()
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == len(bad))
    broken = bad[0]
    good = project.images(project.ids(Filter(text=".png")))[0]
    shutil.copy(good.path, broken.path)
    window.session.rescan()
    qtbot.waitUntil(lambda: window.session.scanning is False and project.image(broken.id).reason is None)
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == len(bad) - 1)


def test_dicom_by_drop_shows_what_the_files_say(window, data_dir, tmp_path, qtbot):
    source = tmp_path / "dicom"
    shutil.copytree(data_dir / "dicom", source)
    drop(window, source)
    create(window, qtbot)
    project, page = window.session.project, window.pages.images
    assert project.count() > project.count(Filter(quarantined=True)) > 0
    qtbot.waitUntil(lambda: page.side.columns.findText("Modality") >= 0, timeout=60_000)
    page.side.columns.setCurrentIndex(page.side.columns.findText("Modality"))
    page.side.columns.activated.emit(page.side.columns.currentIndex())
    page.side.values._pressed(page.side.values.item(0))
    value, number = page.side._shown_values()[0]
    qtbot.waitUntil(lambda: page.grid.images.rowCount() == number)
    shown = project.images(list(page.grid.images.ids()))
    assert {one.facts["Modality"] for one in shown} == {value}
    assert "PatientID" in project.grouping.columns()


def test_blood_cells_through_the_table_dialog(window, data_dir, tmp_path, qtbot):
    source = tmp_path / "blood_cells"
    shutil.copytree(data_dir / "blood_cells", source)
    drop(window, source / "labels.csv")
    qtbot.waitUntil(lambda: window.findChild(NewProjectDialog) is not None)
    dialog = window.findChild(NewProjectDialog)
    qtbot.waitUntil(dialog.columns.matched.isVisible)
    assert columns_shown(dialog) == ["image ID", "none", "class label", "none", "none"]
    assert dialog.columns.preview.item(0, 0).text() == "1"
    create(window, qtbot)
    facts = window.session.project.facts()
    stems = {int(path.stem) for path in (source / "images").iterdir()}
    rows = [line.split(",") for line in (source / "labels.csv").read_text().splitlines()[1:]]
    told = Counter(row[1].strip() for row in rows if row[0].strip() and int(row[0]) in stems)
    assert dict(facts.class_counts) == told
    assert facts.labelled == facts.images == len(stems)
    assert window.session.project.last_scan().rows_without_file, "the table has more rows than images"


SIX = [f"{number}.png" for number in range(6)]


def test_a_doubtful_class_is_asked_with_the_first_rows(window, tmp_path, qtbot):
    rows = "".join(f"{n}.png,{'ab'[n % 2]},{'uvw'[n % 3]}\n" for n in range(6))
    dialog = table_dialog(window, tmp_path, qtbot, f"file,species,disease\n{rows}", *SIX)
    assert columns_shown(dialog) == ["file", "none", "", "none", "none"]
    assert dialog.columns.preview.item(1, 2).text() == "v"
    assert not dialog.go.isEnabled()
    assert "not clear which column of the table is the class" in dialog.problem.text()
    choose(dialog.columns.label, "disease")
    assert dialog.go.isEnabled()
    qtbot.waitUntil(lambda: dialog.columns.matched.text() == "6 of 6 rows match a picture: u 2, v 2, w 2")
    choose(dialog.columns.label, "species")
    qtbot.waitUntil(lambda: dialog.columns.matched.text().endswith(": a 3, b 3"))
    create(window, qtbot)
    assert dict(window.session.project.facts().class_counts) == {"a": 3, "b": 3}


def test_one_column_a_class_and_two_columns_of_names(window, tmp_path, qtbot):
    names = [f"Cam{number % 2}/{number // 2}.png" for number in range(6)]
    rows = "".join(
        f"{n // 2}.png,Cam{n % 2},{n % 3 == 0:d},{n % 3 == 1:d},{n % 3 == 2:d}\n" for n in range(6)
    )
    dialog = table_dialog(window, tmp_path, qtbot, f"File,RelativePath,deer,fox,none\n{rows}", *names)
    assert columns_shown(dialog)[:3] == ["File", "RelativePath", "deer, fox, none (one column each)"]
    assert dialog.columns.matched.text() == "6 of 6 rows match a picture: deer 2, fox 2, none 2"
    choose(dialog.columns.folder, "none")
    qtbot.waitUntil(lambda: dialog.columns.matched.text().startswith("0 of 6 rows match a picture"))
    qtbot.waitUntil(lambda: "6 rows of labels.csv could mean several files" in dialog.found.notes.text())
    choose(dialog.columns.folder, "RelativePath")
    qtbot.waitUntil(lambda: dialog.columns.matched.text().startswith("6 of 6"))
    create(window, qtbot)
    assert dict(window.session.project.facts().class_counts) == {"deer": 2, "fox": 2, "none": 2}


def test_what_is_odd_about_a_table_is_shown_before_the_project_is_made(window, tmp_path, qtbot):
    text = 'A title\nfile,label,size\n0.png,NA,"5 cm\n' + "".join(f"{n}.png,ok,3\n" for n in range(1, 6))
    dialog = table_dialog(window, tmp_path, qtbot, text, *SIX)
    assert dialog.columns.matched.text() == "6 of 6 rows match a picture: NA 1, ok 5"
    qtbot.waitUntil(lambda: "line 1 above the columns' names" in dialog.found.notes.text())
    assert "line 3 of labels.csv is not closed" in dialog.found.notes.text()
    assert 'The class "NA" may mean' in dialog.found.notes.text()
    choose(dialog.table_choice, "Subfolder names (if any)")
    assert not dialog.columns.isVisible()
    assert dialog.go.isEnabled()


def test_a_table_that_cannot_be_read_is_told_in_the_dialog(window, tmp_path, qtbot):
    draw(tmp_path / "set" / "0.png", 0)
    (tmp_path / "set" / "labels.csv").write_text("only one column\n", encoding="utf-8")
    drop(window, tmp_path / "set" / "labels.csv")
    qtbot.waitUntil(lambda: window.findChild(NewProjectDialog) is not None)
    dialog = window.findChild(NewProjectDialog)
    qtbot.waitUntil(lambda: "not a table with at least two columns" in dialog.problem.text())
    assert dialog.table_choice.currentIndex() == 0
    assert not dialog.columns.isVisible()
