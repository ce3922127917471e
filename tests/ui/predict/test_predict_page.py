"""The Predict page in the real window: answers, heat map, marks, similar images, table, failures."""

from __future__ import annotations

import csv
import os
import shutil
import sys

import numpy as np
import pytest
from openpyxl import load_workbook
from PySide6.QtCore import QLocale, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from trained_run import trained, trained_folder  # noqa: F401 - fixtures

from tldesk.prediction import Answer, Failure
from tldesk.prediction.predictor import Predictor
from tldesk.run import Run


@pytest.fixture
def page(window, trained, qtbot):  # noqa: F811
    window.session.open_project(trained.path)
    page = window.pages.predict
    qtbot.waitUntil(lambda: window.session.model is not None, timeout=30_000)
    window.show_page(4)
    return page


@pytest.fixture
def new_pictures(some_photos, tmp_path):
    folder = tmp_path / "neue Blätter"
    folder.mkdir()
    for kind in ("healthy", "rust"):
        for path in some_photos[kind][20:22]:  # none that the run learnt from
            shutil.copy(path, folder / path.name)
    (folder / "z kaputt.jpg").write_bytes(b"no picture at all")
    return folder


@pytest.fixture
def predicted(page, new_pictures, qtbot):
    page.open_paths([new_pictures])
    qtbot.waitUntil(lambda: not page.predicting and len(page.entries) == 5, timeout=60_000)
    return page


def test_answers_are_the_predictors_own(predicted, trained):  # noqa: F811
    by_hand = Predictor.open(Run.open(trained, 1).model)
    for entry in predicted.entries[:4]:
        assert isinstance(entry, Answer)
        again = by_hand.predict(entry.path)
        assert entry.predicted == again.predicted
        assert entry.probability == pytest.approx(again.probability, abs=1e-3)
    failure = predicted.entries[4]
    assert isinstance(failure, Failure)
    assert predicted.state_line == "5 new pictures"
    assert "1 could not be read" in predicted.summary.text()


def test_a_failure_says_why_where_the_picture_would_be(predicted):
    predicted.results.choose(4)
    assert predicted.saliency.view.words == predicted.entries[4].error
    assert predicted.answer.sure.text.startswith("No prediction")
    assert predicted.results.rows[4].mark == "unreadable"


def test_the_heat_map_lies_over_the_picture_and_can_be_faded(predicted, qtbot):
    page = predicted
    view = page.saliency.view
    qtbot.waitUntil(lambda: view.has_picture and view.has_overlay, timeout=60_000)
    page.saliency.strength.setValue(100)
    with_map = pixels(view)
    page.saliency.strength.setValue(0)
    without = pixels(view)
    page.saliency.on.click()
    assert np.array_equal(pixels(view), without)
    assert not page.saliency.strength.isEnabled()
    overlay = view._overlay
    if any(overlay.pixelColor(x, overlay.height() // 2).alpha() for x in range(overlay.width())):
        assert not np.array_equal(with_map, without)
    assert page.saliency.check.text()


def test_another_class_can_be_explained(predicted, qtbot):
    page = predicted
    qtbot.waitUntil(lambda: page.saliency.view.has_overlay, timeout=60_000)
    other = next(c for c in page.entries[0].classes if c != page.entries[0].predicted)
    page.saliency.classes.setCurrentText(other)
    page.saliency.classes.activated.emit(page.saliency.classes.currentIndex())
    qtbot.waitUntil(lambda: other in page.saliency.check.text(), timeout=60_000)


def test_bars_are_in_the_projects_colours_highest_first(predicted, trained):  # noqa: F811
    predicted.results.choose(1)
    shares = predicted.answer.bars.shares
    colours = {one.name: one.colour for one in trained.classes}
    assert [share.colour for share in shares] == [colours[share.name] for share in shares]
    assert shares[0].probability == max(predicted.entries[1].probabilities)
    assert sum(share.probability for share in shares) == pytest.approx(1.0)


def test_similar_training_images_come_from_the_project(predicted, qtbot):
    near = predicted.entries[0].neighbours
    qtbot.waitUntil(lambda: len(predicted.similar.images.items) == len(near) > 0)
    assert [item.title for item in predicted.similar.images.items] == [one.label for one in near]
    assert all(item.path is not None and item.path.is_file() for item in predicted.similar.images.items)


def test_the_table_has_a_row_a_picture(predicted, tmp_path, qtbot):
    file = tmp_path / "Antworten.csv"
    predicted.table.write(predicted.entries, file)
    qtbot.waitUntil(file.is_file)
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    assert [row["path"] for row in rows] == [str(entry.path) for entry in predicted.entries]
    assert [row["predicted"] for row in rows[:4]] == [entry.predicted for entry in predicted.entries[:4]]
    assert rows[4]["error"] == predicted.entries[4].error


def test_the_table_for_a_reader_with_german_settings_and_as_a_workbook(predicted, tmp_path, qtbot):
    answer = predicted.entries[0]
    before = QLocale()
    QLocale.setDefault(QLocale("de_DE"))
    try:
        predicted.table.write(predicted.entries, tmp_path / "Antworten.csv")
        qtbot.waitUntil((tmp_path / "Antworten.csv").is_file)
    finally:
        QLocale.setDefault(before)
    text = (tmp_path / "Antworten.csv").read_text("utf-8-sig")
    first = next(csv.DictReader(text.splitlines(), delimiter=";"))
    assert first["path"] == str(answer.path)
    assert first["probability"] == f"{answer.probability:.6f}".replace(".", ",")
    predicted.table.write(predicted.entries, tmp_path / "Antworten.xlsx")
    qtbot.waitUntil((tmp_path / "Antworten.xlsx").is_file)
    rows = list(load_workbook(tmp_path / "Antworten.xlsx").active.iter_rows(values_only=True))
    assert rows[1][:2] == (str(answer.path), answer.predicted)
    assert rows[1][2] == pytest.approx(answer.probability, abs=1e-6)
    assert rows[5][-1] == predicted.entries[4].error


def test_pictures_dropped_on_the_page_are_predicted(page, new_pictures, qtbot):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(min(new_pictures.iterdir())))])
    event = QDropEvent(
        QPointF(300, 300),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    page.dropEvent(event)
    qtbot.waitUntil(lambda: len(page.entries) == 1 and not page.predicting, timeout=60_000)


def test_clear_forgets_answers_that_are_still_coming(page, new_pictures, qtbot):
    page.open_paths([new_pictures])
    page.clear()
    qtbot.waitUntil(lambda: not page._tasks.busy, timeout=60_000)
    assert page.entries == ()
    assert page.results.rows == ()
    assert page.empty.isVisible()


def test_without_a_model_it_says_what_to_do(opened, new_pictures, qtbot):
    page = opened.pages.predict
    opened.show_page(4)
    assert page.empty.isVisible()
    assert "Train a model first" in page.empty.words.text()
    with qtbot.waitSignal(page.said) as told:
        page.open_paths([new_pictures])
    assert "no model yet" in told.args[0]


def pixels(view):
    image = view.grab().toImage().convertToFormat(view.grab().toImage().Format.Format_RGB888)
    return np.frombuffer(image.constBits(), np.uint8).copy()


@pytest.mark.skipif(sys.platform != "linux", reason="no such names and pipes there")
def test_pipes_and_names_of_any_bytes_have_their_rows(page, new_pictures, tmp_path, qtbot):
    first = next(new_pictures.glob("*[0-9]*.jpg"))
    os.mkfifo(new_pictures / "pipe.jpg")
    (new_pictures / "1.NEF").write_bytes(b"raw")
    shutil.copy(first, new_pictures / os.fsdecode(b"f\xfcnf.jpg"))
    page.open_paths([new_pictures])
    qtbot.waitUntil(lambda: not page.predicting and len(page.entries) == 7, timeout=60_000)
    by_name = {entry.path.name: entry for entry in page.entries}
    assert isinstance(by_name[r"f\xfcnf.jpg"], Answer)
    assert by_name["pipe.jpg"].error.startswith("This is a pipe, not a file, and was not opened.")
    assert "Left out, because tldesk does not read these files: 1 NEF." in page.summary.text()
    page.table.write(page.entries, tmp_path / "t.csv")
    qtbot.waitUntil((tmp_path / "t.csv").exists)
    rows = list(csv.DictReader((tmp_path / "t.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 7
    assert str(new_pictures / r"f\xfcnf.jpg") in [row["path"] for row in rows]
    page.clear()
    assert page.summary.text() == ""
