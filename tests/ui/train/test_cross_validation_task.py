"""Cross-validation from the Train menu: folds asked for, trained with progress, stopped, and their table."""

from __future__ import annotations

import shutil

import pytest
from PIL import Image
from PySide6.QtWidgets import QMessageBox
from trained_run import tiny_recipe, trained_copy, trained_folder  # noqa: F401 - fixtures

from tldesk.run import Run
from tldesk.ui.train.cross_validation_dialogs import CrossDialog, FoldsDialog


def shown(window, kind):
    return next((one for one in window.findChildren(kind) if one.isVisible()), None)


@pytest.fixture
def ready(window, trained_copy, qtbot):  # noqa: F811
    window.session.open_project(trained_copy.path)
    qtbot.waitUntil(lambda: window.session.project is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not window.tasks.busy, timeout=60_000)
    window.session.set_recipe(tiny_recipe(1))
    return window


def ask(window, folds):
    window.actions_.by_words["Cross-validate…"].trigger()
    dialog = shown(window, FoldsDialog)
    assert dialog.folds.value() == 5
    dialog.folds.setValue(folds)
    dialog.go.click()


def test_two_folds_with_progress_and_their_table(ready, qtbot):
    told = []
    ready.tasks.taskStarted.connect(
        lambda task: task.progressed.connect(lambda: told.append((task.text, task.done, task.total)))
    )
    ask(ready, 2)
    qtbot.waitUntil(lambda: shown(ready, CrossDialog) is not None, timeout=200_000)
    dialog = shown(ready, CrossDialog)
    rows = dialog.table.rows
    assert [row[0] for row in rows] == ["1 of 2", "2 of 2", "mean", "standard deviation"]
    assert [row[1] for row in rows[:2]] == ["2", "3"]
    assert sum(int(row[2]) for row in rows[:2]) == 24
    values = [float(row[3].removesuffix(" %")) for row in rows]
    assert values[2] == pytest.approx((values[0] + values[1]) / 2, abs=0.11)
    assert "All 24 images" in dialog.words.text()
    assert ("Fold 1 of 2, epoch", 1, 2) in told
    assert ("Fold 2 of 2, epoch", 2, 2) in told
    page = ready.pages.train
    qtbot.waitUntil(lambda: len(page.runs.rows) == 3)
    assert page.runs.rows[0].title == "Fold 2 of 2, tiny"
    assert ready.cross_validating.task is None


def test_stop_keeps_what_is_done_and_says_so(ready, qtbot):
    ready.session.set_recipe(tiny_recipe(30))
    ask(ready, 3)
    project = ready.session.project
    qtbot.waitUntil(
        lambda: len(Run.runs(project)) == 2 and bool(Run.runs(project)[1].history()), timeout=200_000
    )
    ready.status.stop.click()
    qtbot.waitUntil(lambda: shown(ready, CrossDialog) is not None, timeout=200_000)
    dialog = shown(ready, CrossDialog)
    assert [row[0] for row in dialog.table.rows] == ["1 of 3, stopped"]
    assert "only 0 of 3 folds were completed" in dialog.words.text()
    assert [run.status for run in Run.runs(project)] == ["finished", "stopped"]


def test_changed_pictures_are_said_while_it_runs(ready, tmp_path, qtbot):
    project = ready.session.project
    own = shutil.copytree(project.sources()[0].images, tmp_path / "own")  # other tests read the same ones
    project.folders.relocate(1, own)
    image = project.images(project.ids())[0]
    with Image.open(image.path) as picture:
        smaller = picture.convert("RGB").resize((90, 70))
    smaller.save(image.path)
    ready.session.set_recipe(tiny_recipe(30))
    ask(ready, 3)
    notice = ready.pages.train.notice
    qtbot.waitUntil(lambda: notice.text() != "", timeout=60_000)
    assert notice.text() == "1 picture changed since the last scan and was read again."
    assert ready.cross_validating.task is not None, "it is still running"
    ready.status.stop.click()
    qtbot.waitUntil(lambda: ready.cross_validating.task is None, timeout=200_000)


def test_what_is_missing_is_said_instead(ready, qtbot):
    ready.session.set_recipe(None)
    ready.cross_validating.ask()
    box = next(each for each in ready.findChildren(QMessageBox) if each.isVisible())
    assert "no recipe" in box.text()
    box.close()
    ready.session.set_recipe(tiny_recipe(1))
    ready.cross_validating.start(21)
    qtbot.waitUntil(lambda: shown(ready, QMessageBox) is not None, timeout=60_000)
    assert "cross-validation is not possible with 21 folds" in shown(ready, QMessageBox).text()
    assert len(Run.runs(ready.session.project)) == 1
