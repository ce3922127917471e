"""What will be found is shown before a project is made, and how the folders are taken can be changed."""

from __future__ import annotations

import threading
import zipfile

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QMessageBox
from test_new_project_dialog import create, drop

from tldesk.dataset.files import unpack, walk
from tldesk.ui.project.new_project_dialog import NewProjectDialog

COFFEE = (
    "5 classes: 1_health 178, 2_miner 180, 3_rust 180, 4_phoma 180, 5_cercospora 90, by folder;"
    " training 495, validation 135, test 178 given."
)
BRAIN = "2 classes: no 148, yes 205, by folder."


def draw_all(root, folders, each=2):
    random = np.random.default_rng(3)
    for folder in folders:
        (root / folder).mkdir(parents=True)
        for number in range(each):
            pixels = random.integers(0, 256, (24, 32, 3), np.uint8)
            Image.fromarray(pixels).save(root / folder / f"{number}.png")
    return root


def dialog_of(window, qtbot):
    qtbot.waitUntil(lambda: window.findChild(NewProjectDialog) is not None)
    dialog = window.findChild(NewProjectDialog)
    qtbot.waitUntil(dialog.found.busy.isHidden, timeout=20_000)
    return dialog


def choose(dialog, qtbot, words):
    """Choose the entry of the list of layouts that begins with these words, and wait for its preview."""
    combo, before = dialog.found.classes, dialog.found.preview
    entries = [combo.itemText(row) for row in range(combo.count())]
    combo.setCurrentIndex(next(row for row, text in enumerate(entries) if text.startswith(words)))
    qtbot.waitUntil(lambda: dialog.found.preview is not before)


def test_the_inner_folders_can_be_chosen_as_the_classes(window, tmp_path, qtbot):
    drop(window, draw_all(tmp_path / "x", ["east/no", "east/yes", "west/no", "west/yes"]))
    dialog = dialog_of(window, qtbot)
    assert dialog.found.words.text() == "2 classes: east 4, west 4, by folder."
    assert "each of them holds the same inner folders (no, yes)" in dialog.found.notes.text()
    assert dialog.found.keep_splits.isHidden(), "the folders give no splits"
    choose(dialog, qtbot, "no classes")
    assert dialog.found.words.text() == "8 pictures, no labels."
    choose(dialog, qtbot, "inner folders: no, yes")
    assert dialog.found.words.text() == "2 classes: no 4, yes 4, by folder."
    assert dialog.found.notes.text() == ""
    create(window, qtbot)
    assert dict(window.session.project.facts().class_counts) == {"no": 4, "yes": 4}


def test_given_splits_can_be_left_alone(window, tmp_path, qtbot):
    drop(window, draw_all(tmp_path / "x", ["Training/a", "Training/b", "Prueba/a", "Prueba/b"], 6))
    dialog = dialog_of(window, qtbot)
    assert dialog.found.words.text() == "2 classes: a 12, b 12, by folder; training 12, test 12 given."
    before = dialog.found.preview
    dialog.found.keep_splits.click()
    qtbot.waitUntil(lambda: dialog.found.preview is not before)
    assert dialog.found.words.text() == "2 classes: a 12, b 12, by folder."
    assert dialog.found.keep_splits.isVisible(), "and can be taken again"
    create(window, qtbot)
    counts = window.session.project.facts().split_counts
    assert counts["test"] < 12


def test_a_table_keeps_the_splits_of_the_folders_unless_they_are_left_alone(window, tmp_path, qtbot):
    images = draw_all(tmp_path / "x", ["train/a", "test/b"], 2)
    rows = [
        f"{place}/{n}.png,{label}" for place in ("train/a", "test/b") for n, label in ((0, "x"), (1, "y"))
    ]
    (tmp_path / "t.csv").write_text("\n".join(["Path,Label", *rows]) + "\n", encoding="utf-8")
    window.opener.new_project(images, tmp_path / "t.csv")
    dialog = dialog_of(window, qtbot)
    assert dialog.found.words.text() == "2 classes: x 2, y 2, by table; training 2, test 2 given."
    dialog.found.keep_splits.click()
    qtbot.waitUntil(lambda: "given" not in dialog.found.words.text())
    dialog.found.keep_splits.click()
    qtbot.waitUntil(lambda: "given" in dialog.found.words.text())
    create(window, qtbot)
    assert window.session.project.facts().split_counts["test"] == 2


def test_a_folder_without_pictures_makes_no_project(window, tmp_path, qtbot):
    (tmp_path / "empty").mkdir()
    window.opener.new_project(tmp_path / "empty")
    dialog = dialog_of(window, qtbot)
    qtbot.waitUntil(lambda: not dialog.go.isEnabled())
    assert "This folder contains no pictures" in dialog.problem.text()
    dialog.reject()


def test_closing_the_dialog_ends_the_search_of_a_large_folder(window, tmp_path, qtbot, monkeypatch):
    begun, ended = threading.Event(), threading.Event()

    def endless(_root, stop=None):
        begun.set()
        stop.wait()
        ended.set()
        return walk.FoundFiles({})

    monkeypatch.setattr(unpack, "find_files", endless)
    window.opener.new_project(draw_all(tmp_path / "x", ["a"]))
    qtbot.waitUntil(begun.is_set)
    dialog = window.findChild(NewProjectDialog)
    assert dialog.found.busy.isVisible()
    assert dialog.go.isEnabled(), "nobody has to wait for the search"
    dialog.reject()
    qtbot.waitUntil(ended.is_set)


@pytest.mark.parametrize(("name", "sentence"), [("coffee_leaf", COFFEE), ("brain_mri", BRAIN)])
def test_real_sets_by_dialog_drop_and_table(window, data_dir, tmp_path, qtbot, name, sentence):
    for bring in (window.opener.new_project, lambda folder: drop(window, folder)):
        bring(data_dir / name)
        dialog = dialog_of(window, qtbot)
        assert dialog.found.words.text() == sentence
        dialog.reject()
        qtbot.waitUntil(lambda: window.findChild(NewProjectDialog) is None)
    pictures = sorted(path for path in (data_dir / name).rglob("*.*") if path.suffix.lower() != ".csv")
    lines = [f"{path.relative_to(data_dir / name).as_posix()},{path.parent.name}" for path in pictures]
    (tmp_path / "t.csv").write_text("\n".join(["file,class", *lines]) + "\n", encoding="utf-8")
    window.opener.new_project(data_dir / name, tmp_path / "t.csv")
    dialog = dialog_of(window, qtbot)
    assert dialog.found.words.text() == sentence.replace("by folder", "by table")
    dialog.reject()


def test_a_packed_folder_says_what_to_do(window, tmp_path, qtbot):
    (tmp_path / "x.rar").write_bytes(b"Rar!")
    drop(window, tmp_path / "x.rar")
    box = next(each for each in window.findChildren(QMessageBox) if each.isVisible())
    assert "this is a packed folder" in box.text()
    assert "Unpack it first" in box.informativeText()
    box.close()


def test_a_dropped_zip_file_is_shown_and_unpacked_into_the_project(window, tmp_path, qtbot):
    images = draw_all(tmp_path / "x", ["set/no", "set/yes"], 4)
    with zipfile.ZipFile(tmp_path / "leaves.zip", "w") as archive:
        for path in sorted(images.rglob("*.png")):
            archive.write(path, path.relative_to(images))
    drop(window, tmp_path / "leaves.zip")
    dialog = dialog_of(window, qtbot)
    assert dialog.found.words.text() == "2 classes: no 4, yes 4, by folder."
    assert (dialog.name.text(), dialog.copy.leave.isVisible()) == ("leaves", False)
    qtbot.waitUntil(lambda: dialog.copy.words.text().startswith("8 pictures, "))
    create(window, qtbot)
    project = window.session.project
    assert dict(project.facts().class_counts) == {"no": 4, "yes": 4}
    assert all(project.path in one.path.parents for one in project.images(project.ids()))


def test_who_stays_together_is_said_before_the_project_is_made(window, tmp_path, qtbot):
    folders = [f"{kind}/patient_{number}" for kind in ("benign", "malignant") for number in range(4)]
    drop(window, draw_all(tmp_path / "x", folders))
    dialog = dialog_of(window, qtbot)
    assert dialog.found.notes.text() == (
        "The images of each of 4 persons (patient_0, patient_1, patient_2 …) stay in one split."
    )
    create(window, qtbot)
    assert not window.session.project.splits.balance().torn


def test_a_damaged_zip_file_is_told_once_beside_the_fields(window, tmp_path, qtbot):
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04" + bytes(range(256)))
    drop(window, tmp_path / "x.zip")
    dialog = dialog_of(window, qtbot)
    qtbot.waitUntil(lambda: dialog.problem.text().count("damaged") == 1)
    assert dialog.problem.text().startswith("⚠ This is not a zip file")
    qtbot.wait(50)
    assert not window.findChildren(QMessageBox)
    assert not dialog.go.isEnabled()
    assert dialog.copy.words.text() == ""


def test_a_dialog_that_grows_stays_on_the_screen(window, tmp_path, qtbot):
    drop(window, draw_all(tmp_path / "x", ["a", "b"]))
    dialog = dialog_of(window, qtbot)
    room = dialog.screen().availableGeometry()
    dialog.move(room.left() + 40, room.bottom() - dialog.height())
    dialog.setMinimumHeight(dialog.height() + 200)
    dialog.found.changed.emit()
    assert room.contains(dialog.frameGeometry())
