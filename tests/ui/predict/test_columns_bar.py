"""The Predict page with a model that learnt from columns."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from column_project import make_column_project, value_rows, write_rows
from PySide6.QtCore import Qt
from tiny_project import BACKBONE, random_weights

from tldesk.dataset import Project
from tldesk.model.wanted_columns import columns_of
from tldesk.prediction import Answer
from tldesk.prediction.predictor import Predictor
from tldesk.recipe import preset, with_overrides
from tldesk.run import Run
from tldesk.trainer.plan import make_plan


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("columns")
    with pytest.MonkeyPatch.context() as patch, make_column_project(place) as project:
        patch.setenv("TLDESK_HOME", str(place / "home"))
        random_weights(place / "weights", patch)
        changes = ["input_size=64", "phases.0.epochs=8", "columns=age, site"]
        recipe = with_overrides(preset("feature_extraction", BACKBONE, stages=()), changes)
        run = Run.create(project, make_plan(project, recipe, device="cpu"))
        for _ in run.train():
            pass
        run.finish()
    return place


@pytest.fixture
def page(window, folder, qtbot):
    window.session.open_project(folder / "rauschen.tldesk")
    qtbot.waitUntil(lambda: window.pages.images.grid.images.rowCount() == 80, timeout=20_000)
    page = window.pages.predict
    qtbot.waitUntil(lambda: window.session.model is not None, timeout=20_000)
    window.show_page(4)
    qtbot.waitUntil(lambda: page.columns.wanted == ("age", "site"), timeout=20_000)
    return page


@pytest.fixture
def strangers(folder, tmp_path):
    """Four pictures that the project does not know."""
    return [
        Path(shutil.copy(folder / "bilder" / f"test0{number}.png", tmp_path / f"neu {number}.png"))
        for number in range(4)
    ]


def ready(page, count):
    return not page.predicting and len(page.entries) == count


def values(page):
    return [dict(entry.values) for entry in page.entries if isinstance(entry, Answer)]


def test_images_of_the_project_bring_their_own_values(page, folder, qtbot):
    assert not page.columns.isHidden()
    assert page.columns.button.text() == "Table with age, site…"
    assert "This model also uses age, site." in page.columns.words.text()
    pictures = [folder / "bilder" / f"test{number:02d}.png" for number in range(6)]
    page.open_paths(pictures)
    qtbot.waitUntil(lambda: ready(page, 6), timeout=60_000)
    truth = {row["file"]: row for row in value_rows()}
    assert [entry.predicted for entry in page.entries] == [truth[path.name]["label"] for path in pictures]
    assert (
        page.columns.words.text()
        == "Of 6 pictures the model does not know: site of 1. There it answers without."
    )


def test_a_table_speaks_for_strangers_and_is_taken_back(page, strangers, tmp_path, qtbot):
    page.open_paths(strangers)
    qtbot.waitUntil(lambda: ready(page, 4), timeout=60_000)
    assert values(page) == [{}] * 4
    assert "age of 4, site of 4" in page.columns.words.text()
    rows = [{"file": path.name, "age": age} for path, age in zip(strangers, ("30", "75", "30"), strict=False)]
    table = write_rows(tmp_path / "neu.csv", rows)
    page.columns.set_table(table)
    qtbot.waitUntil(lambda: ready(page, 4) and values(page)[0] == {"age": "30"}, timeout=60_000)
    assert [entry.predicted for entry in page.entries[:3]] == ["gesund", "krank", "gesund"]
    assert 'neu.csv has no column "site".' in page.columns.words.text()
    assert "age of 1, site of 4" in page.columns.words.text()
    by_hand = Predictor.open(page.window().session.model).predict(strangers[1], {"age": "75"})
    assert page.entries[1].probability == pytest.approx(by_hand.probability, abs=1e-3)
    page.columns.drop_button.click()
    qtbot.waitUntil(lambda: ready(page, 4) and values(page) == [{}] * 4, timeout=60_000)
    assert page.columns.drop_button.isHidden()


def test_a_table_that_does_not_fit_is_told_beside_the_button(page, strangers, tmp_path, qtbot):
    page.columns.set_table(write_rows(tmp_path / "wrong.csv", [{"file": "neu 0.png", "colour": "red"}]))
    page.open_paths(strangers)
    qtbot.waitUntil(lambda: ready(page, 4), timeout=60_000)
    assert 'The table has no column "age" or "site"' in page.columns.problem.text()
    page.columns.set_table(None)
    assert page.columns.problem.isHidden()
    qtbot.waitUntil(lambda: ready(page, 4), timeout=60_000)


def test_a_value_can_be_typed_for_one_picture(page, strangers, qtbot):
    page.open_paths(strangers[:2])
    qtbot.waitUntil(lambda: ready(page, 2), timeout=60_000)
    page.results.choose(1)
    lines = page.answer.values.lines
    assert list(lines) == ["age", "site"]
    qtbot.waitUntil(lines["age"].isVisible)
    for age, said in (("30", "gesund"), ("75", "krank")):
        lines["age"].setFocus()
        lines["age"].selectAll()
        qtbot.keyClicks(lines["age"], age)
        qtbot.keyClick(lines["age"], Qt.Key.Key_Return)
        qtbot.waitUntil(lambda age=age: values(page)[1] == {"age": age}, timeout=60_000)
        assert page.entries[1].predicted == page.results.rows[1].title == said
        assert lines["age"].text() == age
    assert values(page)[0] == {}
    lines["site"].setFocus()
    qtbot.keyClicks(lines["site"], "Mond")
    qtbot.keyClick(lines["site"], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: values(page)[1] == {"age": "75", "site": "Mond"}, timeout=60_000)
    assert page.entries[1].unknown == ("site",)
    assert lines["site"].toolTip() == "unknown to the model"


def test_a_model_of_pictures_alone_asks_for_nothing(page, folder, tmp_path, qtbot):
    with Project.open(folder / "rauschen.tldesk") as project:
        file = Run.open(project, 1).model
    assert columns_of(file) == ("age", "site")
    nothing = tmp_path / "nothing.tlmodel"
    nothing.write_bytes(b"no model")
    assert columns_of(nothing) == columns_of(tmp_path / "gone.tlmodel") == ()
    page.window().session.set_model(nothing)
    qtbot.waitUntil(page.columns.isHidden)
