"""The Evaluate page in the real window: the numbers are the run's, and every cell opens its images."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from shown_texts import shown_texts
from trained_run import trained, trained_folder  # noqa: F401 - fixtures

from tldesk.dataset import Split
from tldesk.evaluation import softmax
from tldesk.run import Run


@pytest.fixture
def page(window, trained, qtbot):  # noqa: F811
    window.session.open_project(trained.path)
    page = window.pages.evaluate
    qtbot.waitUntil(lambda: page.result is not None, timeout=30_000)
    window.show_page(3)
    return page


@pytest.fixture
def run(trained):  # noqa: F811
    return Run.open(trained, 1)


def choose_split(page, split, qtbot):
    page.splits.setCurrentIndex(page.splits.findData(split))
    page.splits.activated.emit(page.splits.currentIndex())
    qtbot.waitUntil(lambda: page.result is not None and page.result.split == split, timeout=30_000)


def test_it_begins_with_the_test_split_and_shows_the_runs_numbers(page, run):
    numbers = run.evaluate(Split.TEST)
    assert page.result.split == Split.TEST
    assert shown_texts(page.cards.accuracy)[0] == f"{numbers.accuracy.value * 100:.1f} %"
    low, high = f"{numbers.accuracy.low * 100:.1f}", f"{numbers.accuracy.high * 100:.1f}"
    assert shown_texts(page.cards.accuracy)[2] == f"{low} – {high} % (95 % interval)"
    assert shown_texts(page.cards.calibration)[0] == f"{numbers.ece * 100:.1f} %"
    model = page.confusion.model()
    shown = [[int(model.data(model.index(r, c))) for c in range(2)] for r in range(2)]
    assert shown == [list(row) for row in numbers.confusion]
    assert [row.count for row in page.table.rows] == [one.n for one in numbers.per_class]
    assert sum(one.count for one in page.reliability.bins) == numbers.n
    assert page.state_line.startswith(f"test {numbers.accuracy.value * 100:.1f} %")


def test_showing_the_page_chooses_no_cell(page):
    # The focus goes to the matrix; what is shown stays the surest mistakes until a cell is chosen.
    assert page.back_button.isHidden()
    assert page.shown_ids == tuple(one.image_id for one in page.result.mistakes())


def test_few_images_and_validation_are_said_honestly(page, qtbot):
    assert "Few images" in page.note.text()
    choose_split(page, Split.VALIDATION, qtbot)
    assert "optimistic" in page.note.text()
    assert "validation" in page.heading.text()


def test_a_cell_shows_just_its_images_and_opens_them_on_the_images_page(page, run, window, qtbot):
    stored = run.predictions(Split.TEST)
    said = stored.logits.argmax(axis=1)
    truth, answer = int(stored.labels[0]), int(said[0])
    wanted = {int(i) for i in stored.image_ids[(stored.labels == truth) & (said == answer)]}
    index = page.confusion.model().index(truth, answer)
    place = page.confusion.visualRect(index).center()
    qtbot.mouseClick(page.confusion.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert set(page.shown_ids) == wanted
    probabilities = softmax(stored.logits, page.result.numbers.temperature).max(axis=1)
    surest = int(stored.image_ids[(stored.labels == truth) & (said == answer)][0])
    by_hand = {int(i): p for i, p in zip(stored.image_ids, probabilities, strict=True)}
    assert [by_hand[i] for i in page.shown_ids] == sorted((by_hand[i] for i in wanted), reverse=True)
    assert surest in page.shown_ids
    with qtbot.waitSignal(page.imagesAsked) as told:
        qtbot.mouseDClick(page.confusion.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert set(told.args[0]) == wanted
    assert window.stack.currentWidget() is window.pages.images


def test_arrow_keys_walk_through_the_cells(page, qtbot):
    page.confusion.setFocus()
    page.confusion.setCurrentIndex(page.confusion.model().index(0, 0))
    qtbot.keyClick(page.confusion, Qt.Key.Key_Right)
    counts = page.result.numbers.confusion
    assert len(page.shown_ids) == counts[0][1]
    assert page.strip_panel.accessibleName().startswith(f"{counts[0][1]} image")
    page.back_button.click()
    wrong = sum(sum(row) for row in counts) - sum(counts[i][i] for i in range(2))
    assert len(page.shown_ids) == wrong


def test_pictures_of_the_strip_are_read(page, qtbot):
    choose_split(page, Split.TRAIN, qtbot)
    counts = np.array(page.result.numbers.confusion)
    truth, said = np.unravel_index(counts.argmax(), counts.shape)
    page.show_cell(int(truth), int(said))
    model = page.strip.model()
    qtbot.waitUntil(lambda: _read(model, 0), timeout=20_000)
    image = model.data(model.index(0), Qt.ItemDataRole.UserRole + 1)
    assert max(image.width(), image.height()) == 152
    assert page.strip.visualRect(model.index(0)).contains(QPoint(20, 20))


def _read(model, row):
    image = model.data(model.index(row), Qt.ItemDataRole.UserRole + 1)
    return image is not None and not image.isNull()


def test_without_a_run_it_says_what_to_do(opened, qtbot):
    page = opened.pages.evaluate
    opened.show_page(3)
    assert page.empty.isVisible()
    assert "Train a model first" in page.empty.words.text()
    assert page.state_line == "nothing to evaluate yet"
