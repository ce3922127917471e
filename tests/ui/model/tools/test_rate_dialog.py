"""Finding a learning rate from the Model page: every state of its dialog, and taking what it found."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from trained_run import tiny_recipe, trained_copy, trained_folder  # noqa: F401 - fixtures

from tldesk.trainer.advice.rate_curve import RateCurve
from tldesk.ui.model.tools.rate_dialog import RateDialog


def shown(window, kind):
    return next((one for one in window.findChildren(kind) if one.isVisible()), None)


@pytest.fixture
def page(window, trained_copy, qtbot):  # noqa: F811
    window.session.open_project(trained_copy.path)
    qtbot.waitUntil(lambda: window.session.project is not None, timeout=20_000)
    window.show_page(1)
    page = window.pages.model
    qtbot.waitUntil(lambda: page.recipe is not None, timeout=60_000)
    window.session.set_recipe(tiny_recipe(2))
    return page


def dialog_of(window, page) -> RateDialog:
    page.tools.rate_button.click()
    return shown(window, RateDialog)


def test_a_rate_is_found_and_taken(window, page, qtbot):
    dialog = dialog_of(window, page)
    assert dialog.start_button.isDefault()
    assert not dialog.use_button.isEnabled()
    dialog.start_button.click()
    assert not dialog.phases.isEnabled()
    qtbot.waitUntil(lambda: dialog.told.text() != "", timeout=200_000)
    smoothed, _raw = dialog.plot.shown[0]
    assert len(smoothed.points) > 20
    dialog.rate.setText("7")
    assert dialog.line.problem.isVisible()
    assert not dialog.use_button.isEnabled()
    dialog.rate.setText("0.0123")
    assert not dialog.line.problem.isVisible()
    dialog.use_button.click()
    assert page.recipe.phases[-1].learning_rate == 0.0123
    assert window.session.recipe == page.recipe


def test_stopped_and_closed_while_it_runs(window, page, qtbot):
    dialog = dialog_of(window, page)
    dialog.start_button.click()
    qtbot.waitUntil(lambda: bool(dialog.plot.shown[0]), timeout=200_000)
    dialog.line.stop.click()
    qtbot.waitUntil(dialog.start_button.isEnabled, timeout=60_000)
    assert dialog.told.text().startswith("Stopped after ")
    dialog.start_button.click()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.tasks.busy, timeout=60_000)
    assert page.recipe == tiny_recipe(2), "nothing was changed"


def test_the_suggestion_is_put_into_the_field_and_marked(window, page, qtbot):
    dialog = dialog_of(window, page)
    rates = tuple(10 ** (place / 10 - 6) for place in range(60))
    falling = tuple(3.0 - place / 30 for place in range(60))
    curve = RateCurve(0, rates, falling, falling, 60, exploded=False)
    dialog.begin()
    dialog.show_curve(curve)
    dialog.end("done")
    assert float(dialog.rate.text()) == curve.suggestion
    assert "Suggested: " in dialog.told.text()
    (dot,) = dialog.plot.shown[1]
    assert dot.x == pytest.approx(curve.suggestion, rel=0.15)
    dialog.plot.moved.emit(0.002)
    assert dialog.rate.text() == "0.002"
    flat = RateCurve(0, rates, (1.0,) * 60, (1.0,) * 60, 60, exploded=True)
    dialog.begin()
    dialog.show_curve(flat)
    dialog.end("done")
    assert "none can be suggested" in dialog.told.text()
    assert "test ended at" in dialog.told.text()
    assert dialog.rate.text() == ""
    dialog.reject()


def test_a_solved_head_and_a_recipe_that_is_wrong(window, page, qtbot):
    recipe = tiny_recipe(2)
    phase = recipe.phases[0].model_copy(update={"freeze": "all", "solver": "auto"})
    solved = recipe.model_copy(update={"phases": (phase,), "weights": "pretrained"})
    window.session._recipe = solved
    dialog = dialog_of(window, page)
    assert dialog.phases.count() == 0
    assert not dialog.start_button.isEnabled()
    dialog.reject()
    window.session._recipe = None
    page.tools.rate_button.click()
    qtbot.waitUntil(lambda: shown(window, QMessageBox) is not None)
    assert "cannot be trained yet" in shown(window, QMessageBox).text()
    shown(window, QMessageBox).close()
