"""Searching for a recipe from the Model page: run, stopped, opened again, gone on with, and taken."""

from __future__ import annotations

import pytest
from trained_run import tiny_recipe, trained_copy, trained_folder  # noqa: F401 - fixtures

from tldesk.run.series.search_record import Search
from tldesk.ui.model.tools.search_dialog import SearchDialog


def shown(window, kind):
    return next((one for one in window.findChildren(kind) if one.isVisible()), None)


@pytest.fixture
def page(window, trained_copy, qtbot):  # noqa: F811
    window.session.open_project(trained_copy.path)
    qtbot.waitUntil(lambda: window.session.project is not None, timeout=20_000)
    window.show_page(1)
    page = window.pages.model
    qtbot.waitUntil(lambda: page.recipe is not None, timeout=60_000)
    window.session.set_recipe(tiny_recipe(1))
    return page


def dialog_of(window, page, qtbot) -> SearchDialog:
    page.tools.search_button.click()
    qtbot.waitUntil(lambda: shown(window, SearchDialog) is not None, timeout=20_000)
    return shown(window, SearchDialog)


def test_stopped_opened_again_gone_on_with_and_taken(window, page, qtbot):
    dialog = dialog_of(window, page, qtbot)
    assert not dialog.resume_button.isVisible(), "there is no last search"
    dialog.trials.setValue(3)
    for name in ("line", "augmentation"):
        dialog.parts[name].setChecked(False)
    assert dialog.over == ("rate", "batch")
    dialog.start_button.click()
    assert not dialog.trials.isEnabled()
    qtbot.waitUntil(lambda: len(dialog.table.rows) == 1, timeout=200_000)
    dialog.line.stop.click()
    qtbot.waitUntil(dialog.trials.isEnabled, timeout=60_000)
    done = len(dialog.table.rows)
    assert f"Stopped: {done} of 3 tries are done and kept." in dialog.told.text() or done == 3
    dialog.reject()
    again = dialog_of(window, page, qtbot)
    assert len(again.table.rows) == done
    assert again.trials.value() == 3
    again.trials.setValue(done + 1)
    again.resume_button.click()
    qtbot.waitUntil(lambda: len(again.table.rows) == done + 1, timeout=200_000)
    qtbot.waitUntil(again.trials.isEnabled, timeout=60_000)
    assert "looks better on the validation images than it really is" in again.told.text()
    search = Search.last(window.session.project)
    assert [row[0] for row in again.table.rows] == [str(one.number) for one in search.tries]
    _, dots = again.plot.shown
    assert [dot.y for dot in dots] == [one.balanced_accuracy for one in search.tries]
    assert again.use_button.isEnabled(), "the best is selected"
    again.use_button.click()
    assert page.recipe == search.recipe_of(search.best)


def test_nothing_to_search_and_what_goes_wrong_is_said(window, page, qtbot):
    dialog = dialog_of(window, page, qtbot)
    for box in dialog.parts.values():
        box.setChecked(False)
    assert not dialog.start_button.isEnabled()
    dialog.parts["rate"].setChecked(True)
    window.session._recipe = None
    dialog.start_button.click()
    assert "cannot be trained yet" in dialog.line.problem.text()
    window.session._recipe = tiny_recipe(1).model_copy(update={"backbone": "resnet81"})
    dialog.start_button.click()
    qtbot.waitUntil(lambda: "No network of this name" in dialog.line.problem.text(), timeout=60_000)
    assert dialog.start_button.isEnabled()
    dialog.reject()
