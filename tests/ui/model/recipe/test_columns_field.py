"""Columns beside the picture, on the Model and the Evaluate page in the real window."""

from __future__ import annotations

import pytest
from column_project import make_column_project, value_rows
from PySide6.QtCore import Qt
from tiny_project import BACKBONE, random_weights

from tldesk.recipe import preset, with_overrides
from tldesk.run import Run
from tldesk.trainer.plan import make_plan


@pytest.fixture
def noise(tmp_path, monkeypatch):
    random_weights(tmp_path / "weights", monkeypatch)
    with make_column_project(tmp_path) as project:
        yield project


@pytest.fixture
def page(window, noise, qtbot):
    window.session.open_project(noise.path)
    qtbot.waitUntil(lambda: window.pages.images.grid.images.rowCount() == 80, timeout=20_000)
    window.show_page(1)
    page = window.pages.model
    qtbot.waitUntil(lambda: page.recipe is not None, timeout=20_000)
    qtbot.waitUntil(lambda: page.recipe_panel.columns is not None, timeout=20_000)
    return page


def test_the_projects_columns_can_be_ticked(page, window, qtbot):
    columns = page.form.columns
    assert not columns.isHidden()
    assert list(columns.boxes) == ["age", "site", "weather"]
    gaps = sum(row["site"] == "" for row in value_rows())
    assert columns.boxes["age"].text() == "age (numbers, in all 80 images)"
    assert columns.boxes["site"].text() == f"site (2 words, missing in {gaps} of 80 images)"
    assert "known only after the diagnosis" in columns._hint.text()
    assert page.recipe.columns == ()
    columns.boxes["weather"].setFocus()
    qtbot.keyClick(columns.boxes["weather"], Qt.Key.Key_Space)
    assert page.recipe.columns == ("weather",)
    assert window.session.recipe.columns == ("weather",)
    assert columns.warning.isHidden()
    columns.boxes["age"].click()
    assert page.recipe.columns == ("weather", "age")
    assert "'age' alone tells the class of 100.0 %" in columns.warning.text()
    columns.boxes["weather"].click()
    assert page.recipe.columns == ("age",)


def test_a_recipe_with_an_unknown_column_is_told_beside_it(page, window, qtbot):
    page._show(page.recipe.model_copy(update={"columns": ("ages", "age")}))
    columns = page.form.columns
    assert "no column called 'ages'" in columns.message.text()
    assert "Perhaps you mean age" in columns.message.text()
    assert window.session.recipe is None
    qtbot.waitUntil(columns.boxes["age"].isVisible)
    page.train_button.click()
    assert page.window().focusWidget() is columns.boxes["age"]
    columns.boxes["ages"].click()
    assert page.problems == ()
    assert window.session.recipe.columns == ("age",)
    assert list(columns.boxes) == ["age", "site", "weather"]


def test_neighbours_cannot_learn_from_columns(page):
    page._show(preset("nearest_neighbours", BACKBONE, stages=()).model_copy(update={"columns": ("age",)}))
    assert "Nearest neighbours compare pictures" in page.form.columns.message.text()


def test_a_value_noted_meanwhile_is_seen(page, window, noise, qtbot):
    ids = noise.ids()
    for place, image in enumerate(ids):
        noise.edit.note([image], "camera", ("Canon", "Nikon", "Leica")[place % 3])
    window.show_page(0)
    window.session.imagesChanged.emit()
    window.show_page(1)
    qtbot.waitUntil(lambda: "camera" in page.form.columns.boxes, timeout=20_000)


def test_without_columns_nothing_is_offered(opened, qtbot):
    opened.show_page(1)
    page = opened.pages.model
    qtbot.waitUntil(lambda: page.recipe_panel.columns is not None, timeout=20_000)
    assert page.form.columns.isHidden()


def test_the_evaluate_page_says_what_was_learnt_from(window, noise, qtbot):
    changes = ["input_size=64", "phases.0.epochs=6", "columns=age, site"]
    recipe = with_overrides(preset("feature_extraction", BACKBONE, stages=()), changes)
    run = Run.create(noise, make_plan(noise, recipe, device="cpu"))
    for _ in run.train():
        pass
    run.finish()
    window.session.open_project(noise.path)
    qtbot.waitUntil(lambda: window.pages.images.grid.images.rowCount() == 80, timeout=20_000)
    window.show_page(3)
    page = window.pages.evaluate
    words = "Besides the images, the model uses these columns: age, site"
    qtbot.waitUntil(lambda: words in page.note.text(), timeout=30_000)
