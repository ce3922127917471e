"""The Train page in the real window: a real training, its curves, stop, resume, failure."""

from __future__ import annotations

import shutil
from contextlib import closing

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from trained_run import tiny_recipe, trained_copy, trained_folder  # noqa: F401 - fixtures

from tldesk.dataset import Filter
from tldesk.run import Run
from tldesk.trainer.events import EpochFinished
from tldesk.trainer.plan import make_plan
from tldesk.ui.train import work


def shown(window, qtbot, project):
    window.session.open_project(project.path)
    qtbot.waitUntil(lambda: window.session.project is not None, timeout=20_000)
    window.show_page(1)
    model = window.pages.model
    qtbot.waitUntil(lambda: model.recipe is not None, timeout=20_000)
    window.show_page(2)
    return window.pages.train


@pytest.fixture
def page(opened, qtbot):
    opened.show_page(1)
    model = opened.pages.model
    qtbot.waitUntil(lambda: model.recipe is not None, timeout=20_000)
    opened.show_page(2)
    return opened.pages.train


def start(page, recipe):
    page._session.set_recipe(recipe)
    assert page.start_button.isEnabled()
    page.start_button.click()


def idle(page, qtbot):
    qtbot.waitUntil(lambda: not page.training, timeout=200_000)


def test_a_run_is_trained_with_its_epochs_drawn_and_its_model_kept(page, opened, qtbot):
    assert page.empty.isVisible()
    states = []
    page.stateLineChanged.connect(lambda: states.append(page.state_line))
    start(page, tiny_recipe(2))
    assert page.stop_button.isEnabled()
    assert not page.start_button.isEnabled()
    idle(page, qtbot)
    qtbot.waitUntil(lambda: bool(page.runs.rows) and page.runs.rows[0].state == "finished")
    run = Run.open(opened.session.project, 1)
    history = run.history()
    assert len(history) == 2
    qtbot.waitUntil(lambda: page.curves._main is not None and len(page.curves._main.epochs) == 2)
    assert page.curves._main.epochs == history
    assert page.curves.isVisible()
    assert opened.session.run.number == 1
    assert opened.session.model == run.model
    assert "run 1 · training" in states
    assert page.state_line.startswith("run 1 · best")
    best = run.summary
    assert f"best epoch {best.best_epoch}" in page.message.text()
    assert page.table.rows[0][:4] == ("1", "tiny", "squeezenet1_1", "everything")
    bands, epochs = page._bands_of(1)
    assert (bands[0].first_epoch, bands[0].epochs, epochs) == (1, 2, 2)


def test_stop_keeps_the_best_and_the_run_can_go_on(page, opened, qtbot):
    start(page, tiny_recipe(200, "long"))
    qtbot.waitUntil(
        lambda: page._training.live is not None and bool(page._training.live.curves.epochs), timeout=120_000
    )
    page.stop_button.click()
    assert not page.stop_button.isEnabled()
    assert "Stopping" in page.stop_button.text()
    idle(page, qtbot)
    qtbot.waitUntil(lambda: bool(page.runs.rows) and page.runs.rows[0].state == "stopped")
    run = Run.open(opened.session.project, 1)
    done = len(run.history())
    assert done >= 1
    assert run.model is not None
    assert run.summary.best_epoch >= 1
    assert "its best epoch" in page.message.text()
    assert page.resume_button.isVisible()
    page.resume_button.click()
    qtbot.waitUntil(
        lambda: page._training.live is not None and len(page._training.live.curves.epochs) > done,
        timeout=120_000,
    )
    page.stop()
    idle(page, qtbot)
    epochs = [event.epoch for event in run.history()]
    assert epochs == list(range(1, len(epochs) + 1))
    assert len(epochs) > done
    assert len(Run.runs(opened.session.project)) == 1


def test_what_cannot_be_trained_says_why_and_leaves_the_page_usable(page, opened, leaves, qtbot):
    recipe = tiny_recipe()
    page._session.set_recipe(recipe)
    shutil.rmtree(leaves)  # the disk with the pictures was taken away
    page.start_button.click()
    qtbot.waitUntil(lambda: page.findChild(QMessageBox) is not None, timeout=60_000)
    assert not page.training
    qtbot.waitUntil(lambda: bool(page.runs.rows) and page.runs.rows[0].state == "failed", timeout=60_000)
    assert page.message.text()
    assert opened.session.model is None
    page.findChild(QMessageBox).close()
    assert page.start_button.isEnabled()


def test_a_recipe_with_a_problem_cannot_be_started(page, opened):
    opened.session.set_recipe(tiny_recipe().model_copy(update={"weights": "pretrained"}))
    # The Model page saw that the weights are missing and took it back.
    assert opened.session.recipe is None
    assert not page.start_button.isEnabled()


def test_without_a_trainable_recipe_start_is_disabled_and_says_where_to_look(page, opened):
    opened.session.set_recipe(None)
    assert not page.start_button.isEnabled()
    assert "Model page" in page.start_button.toolTip()


def test_an_interrupted_run_is_shown_and_resumed(window, trained_copy, qtbot):  # noqa: F811
    run = Run.create(trained_copy, make_plan(trained_copy, tiny_recipe(3), "cpu"))
    with closing(run.train()) as events:
        for event in events:
            if isinstance(event, EpochFinished):
                break  # whoever listened goes away: like a kill
    page = shown(window, qtbot, trained_copy)
    qtbot.waitUntil(lambda: len(page.runs.rows) == 2, timeout=20_000)
    assert [row.state for row in page.runs.rows] == ["interrupted", "finished"]
    page.runs.choose(2)
    page._show_current()
    assert "was interrupted after epoch 1" in page.message.text()
    page.resume_button.click()
    idle(page, qtbot)
    qtbot.waitUntil(lambda: page.runs.rows[0].state == "finished")
    assert [event.epoch for event in Run.open(trained_copy, 2).history()] == [1, 2, 3]


def test_ticked_runs_are_laid_over_the_chosen_one(window, trained_copy, qtbot):  # noqa: F811
    for name in ("second", "third"):
        run = Run.create(trained_copy, make_plan(trained_copy, tiny_recipe(1, name), "cpu"))
        list(run.train())
    page = shown(window, qtbot, trained_copy)
    qtbot.waitUntil(lambda: len(page.runs.rows) == 3)
    page.runs.setFocus()
    page.runs.choose(1)
    page._show_current()
    qtbot.keyClick(page.runs, Qt.Key.Key_Space)  # the chosen one is drawn once, ticked or not
    page.runs.toggle(2)
    page.runs.toggle(3)
    assert [len(run.epochs) for run in page.curves._others] == [1, 1]
    assert len({run.colour for run in [page.curves._main, *page.curves._others]}) == 3


def test_phases_that_end_early_move_the_later_ones():
    recipe = tiny_recipe(5)
    phase = recipe.phases[0]
    recipe = recipe.model_copy(update={"phases": (phase, phase)})
    planned = work.planned_bands(recipe, str)
    assert [(band.first_epoch, band.epochs) for band in planned] == [(1, 5), (6, 5)]
    history = [epoch(number, 0 if number <= 3 else 1) for number in range(1, 6)]
    running = work.happened_bands(planned, history, over=False)
    assert [(band.first_epoch, band.epochs) for band in running] == [(1, 3), (4, 5)]
    over = work.happened_bands(planned, history, over=True)
    assert [(band.first_epoch, band.epochs) for band in over] == [(1, 3), (4, 2)]


def epoch(number, phase):
    return EpochFinished(number, phase, 1.0, 0.5, 1.0, 0.5, 0.5, 0.001, 1.0, None, best=number == 1)


def test_pictures_edited_meanwhile_are_read_again_and_said_before_the_training(page, opened, leaves, qtbot):
    edited = sorted((leaves / "rust").iterdir())[:3]
    for file in edited:
        with Image.open(file) as picture:
            smaller = picture.convert("RGB").resize((90, 70))
        smaller.save(file)
    start(page, tiny_recipe(1))
    qtbot.waitUntil(page.notice.isVisible, timeout=60_000)
    assert page.notice.text() == "3 pictures changed since the last scan and were read again."
    page.stop_button.click()
    idle(page, qtbot)
    project = opened.session.project
    images = project.images(project.ids(Filter(text="rust")))
    assert {(image.width, image.height) for image in images if image.path in edited} == {(90, 70)}
