"""The balance of the split, its locked test set, and the question what belongs together."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from waiting import wait_for_images

from tldesk.dataset import CopyGroups, Filter, FolderGroups, NoGroups, Project, Split
from tldesk.ui.images.split.balance_dialog import BalanceDialog
from tldesk.ui.images.split.group_dialog import GroupDialog
from tldesk.ui.session.session import NewProject, SplitWish


def shown(window, kind):
    return next((one for one in window.findChildren(kind) if one.isVisible()), None)


def wait_for(window, kind, qtbot):
    qtbot.waitUntil(lambda: shown(window, kind) is not None, timeout=20_000)
    return shown(window, kind)


def test_the_balance_counts_classes_and_a_cell_opens_its_images(opened, qtbot):
    page = opened.pages.images
    page.bar.balance_button.click()
    dialog = wait_for(opened, BalanceDialog, qtbot)
    qtbot.waitUntil(lambda: len(dialog.table.rows) == 3)
    assert dialog.table.rows == (
        ("healthy", "20", "14 · 70 %", "3 · 15 %", "3 · 15 %", "–"),
        ("rust", "20", "14 · 70 %", "3 · 15 %", "3 · 15 %", "–"),
        ("all labelled", "40", "28 · 70 %", "6 · 15 %", "6 · 15 %", "–"),
    )
    assert dialog.words.text() == "Every class is split in the expected proportions."
    assert dialog.table.isColumnHidden(5)
    dialog.table.setCurrentIndex(dialog.table.model().index(1, 4))
    assert dialog.show_them.isEnabled()
    qtbot.keyClick(dialog.table, Qt.Key.Key_Return)
    wait_for_images(opened, qtbot, 3)
    images = opened.session.project.images(list(page.grid.images.ids()))
    assert {(one.class_name, one.split) for one in images} == {("rust", Split.TEST)}
    assert page.checking.findings[0].title == "rust, test"


def test_a_missing_class_is_marked_by_a_sign_and_a_word(window, leaves, tmp_path, qtbot):
    pictures = tmp_path / "given"
    for split, names in (("train", ("healthy", "rust")), ("val", ("healthy", "rust")), ("test", ("rust",))):
        for name in names:
            target = pictures / split / name
            target.mkdir(parents=True)
            files = sorted((leaves / name).iterdir())
            for path in files[5:13] if split == "train" else files[:3] if split == "val" else files[3:5]:
                shutil.copy(path, target)
    with Project.create(tmp_path / "g.tldesk", pictures) as made:
        made.split()
    window.session.open_project(tmp_path / "g.tldesk")
    wait_for_images(window, qtbot, 24)
    window.pages.images.splitting.show_balance()
    dialog = wait_for(window, BalanceDialog, qtbot)
    qtbot.waitUntil(lambda: len(dialog.table.rows) == 3)
    assert dialog.table.rows[0][4] == "⚠ none   0 · 0 %"
    assert "“healthy”" in dialog.words.text()


def test_a_split_without_labels_shows_no_balance_by_itself_and_says_why_when_asked(
    window, leaves, tmp_path, qtbot
):
    pictures = tmp_path / "flat"
    pictures.mkdir()
    for path in sorted((leaves / "rust").iterdir())[:10]:
        shutil.copy(path, pictures)
    with Project.create(tmp_path / "f.tldesk", pictures):
        pass
    window.session.open_project(tmp_path / "f.tldesk")
    wait_for_images(window, qtbot, 10)
    page = window.pages.images
    with qtbot.waitSignal(window.session.splitDone):
        window.session.split(SplitWish(NoGroups(), (0.6, 0.2, 0.2), 0, keep_given=False))
    page.splitting.show_balance()
    dialog = wait_for(window, BalanceDialog, qtbot)
    assert len(window.findChildren(BalanceDialog)) == 1
    assert [row[0] for row in dialog.table.rows] == ["unlabelled", "all labelled"]
    assert "No image has a label yet" in dialog.words.text()


def test_splitting_shows_what_came_of_it(opened, qtbot):
    page = opened.pages.images
    page.split()
    page.splitting.dialog.together.setCurrentIndex(0)
    page.splitting.dialog.shares[0].setValue(50)
    page.splitting.dialog.shares[2].setValue(35)
    page.splitting.dialog.buttons.buttons()[0].click()
    dialog = wait_for(opened, BalanceDialog, qtbot)
    qtbot.waitUntil(lambda: len(dialog.table.rows) == 3)
    assert dialog.table.rows[2][2:5] == ("20 · 50 %", "6 · 15 %", "14 · 35 %")
    dialog.split_button.click()
    again = page.splitting.dialog
    qtbot.waitUntil(lambda: [box.value() for box in again.shares] == [50, 15, 35])
    assert again.group_by() == NoGroups()


def test_the_test_set_is_locked_and_unlocked_in_the_split_dialog_and_that_is_undone(opened, qtbot):
    project, page = opened.session.project, opened.pages.images
    test = project.ids(Filter(split=Split.TEST))
    page.split()
    dialog = page.splitting.dialog
    qtbot.waitUntil(dialog.lock.button.isEnabled)
    assert dialog.lock.state.text() == "Not locked: 6 test images"
    dialog.lock.button.click()
    qtbot.waitUntil(lambda: dialog.lock.locked)
    assert project.splits.locked
    assert not dialog.shares[2].isEnabled()
    dialog.together.setCurrentIndex(0)
    dialog.seed.setValue(11)
    dialog.buttons.buttons()[0].click()
    balance = wait_for(opened, BalanceDialog, qtbot)
    qtbot.waitUntil(lambda: "locked" in balance.words.text())
    assert project.ids(Filter(split=Split.TEST)) == test
    assert project.splits.rule.seed == 11
    balance.split_button.click()
    dialog = page.splitting.dialog
    qtbot.waitUntil(lambda: dialog.lock.locked)
    dialog.lock.button.click()
    box = next(one for one in dialog.findChildren(QMessageBox) if one.objectName() == "unlockBox")
    assert "can no longer be tested" in box.informativeText()
    assert project.splits.locked, "not before somebody says yes"
    next(button for button in box.buttons() if button.text() == "Unlock").click()
    qtbot.waitUntil(lambda: not dialog.lock.locked)
    assert not project.splits.locked
    dialog.reject()
    assert opened.session.undo_stack.undoText() == "Unlock the test set"
    opened.session.undo_stack.undo()
    qtbot.waitUntil(lambda: project.splits.locked)


@pytest.fixture
def copies(leaves: Path) -> Path:
    """The leaves and a turned copy of each, named after it."""
    for path in list(leaves.rglob("*.jpg")):
        with Image.open(path) as image:
            image.rotate(180).save(path.with_name(f"{path.stem}_rot180.jpg"))
    return leaves


def test_a_new_project_asks_what_belongs_together(window, copies, tmp_path, qtbot):
    window.session.create_project(NewProject(tmp_path / "new.tldesk", copies))
    dialog = wait_for(window, GroupDialog, qtbot)
    titles = [button.text() for button in dialog.choices.buttons()]
    assert titles[0] == "Edited copies and their originals, by name"
    assert titles[-1] == "Every image on its own"
    assert dialog.choices.checkedButton().text() == titles[0], "sure ones are chosen already"
    assert "80 images in 40 groups of up to 2" in dialog.choices.buttons()[0].accessibleDescription()
    dialog.go.click()
    project = window.session.project
    qtbot.waitUntil(lambda: project.facts().groups == 40)
    balance = wait_for(window, BalanceDialog, qtbot)
    qtbot.waitUntil(lambda: bool(balance.table.rows) and balance.table.rows[-1][:2] == ("groups", "40"))
    assert project.splits.group_by == CopyGroups()
    assert project.splits.balance().torn == 0
    balance.reject()
    assert window.session.undo_stack.undoText() == "Split the images"


def test_not_now_changes_nothing_and_by_itself_is_remembered(window, copies, tmp_path, qtbot):
    window.session.create_project(NewProject(tmp_path / "new.tldesk", copies))
    dialog = wait_for(window, GroupDialog, qtbot)
    project = window.session.project
    before = project.snapshot()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert (project.snapshot(), project.splits.group_by) == (before, None)
    window.pages.images.splitting.ask_together()
    qtbot.waitUntil(lambda: shown(window, GroupDialog) not in {None, dialog})
    dialog = shown(window, GroupDialog)
    dialog.choices.buttons()[-1].setChecked(True)
    dialog.go.click()
    qtbot.waitUntil(lambda: project.splits.group_by == NoGroups())
    assert project.snapshot() == before
    undo = window.session.undo_stack
    qtbot.waitUntil(lambda: undo.undoText() == "Say which images belong together")
    undo.undo()
    qtbot.waitUntil(lambda: project.splits.group_by is None)


def test_nothing_is_asked_where_nothing_fits_or_somebody_has_said(opened, qtbot):
    splitting = opened.pages.images.splitting
    asked = []
    splitting._ask = lambda project, found: asked.append(list(found))
    splitting.ask_together()
    qtbot.waitUntil(lambda: len(asked) == 1)
    with_rule = opened.session.project
    if asked[0]:
        with_rule.set_groups(NoGroups())
    splitting.ask_together()
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert asked[1] == []


def test_a_rule_said_before_is_shown_in_the_split_dialog(window, leaves, tmp_path, qtbot):
    for name in ("healthy", "rust"):
        for number, path in enumerate(sorted((leaves / name).iterdir())):
            folder = leaves / name / f"plot {number % 5}"
            folder.mkdir(exist_ok=True)
            path.rename(folder / path.name)
    with Project.create(tmp_path / "p.tldesk", leaves) as made:
        made.split(by_group=FolderGroups(), seed=3)
    window.session.open_project(tmp_path / "p.tldesk")
    wait_for_images(window, qtbot, 40)
    window.pages.images.split()
    dialog = window.pages.images.splitting.dialog
    qtbot.waitUntil(lambda: dialog.group_by() == FolderGroups())
    assert dialog.seed.value() == 3
