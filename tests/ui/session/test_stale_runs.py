"""Labels change after a run was evaluated: the window says so, shows them, and counts with today's labels."""

from __future__ import annotations

import numpy as np
import pytest
from trained_run import trained_copy, trained_folder  # noqa: F401 - fixtures

from tldesk.dataset import Project, Split
from tldesk.run import Run
from tldesk.ui.session.operation_changes import OperationChanges


@pytest.fixture
def page(window, trained_copy, qtbot):  # noqa: F811
    window.session.open_project(trained_copy.path)
    page = window.pages.evaluate
    qtbot.waitUntil(lambda: page.result is not None, timeout=30_000)
    window.show_page(3)
    return page


def other_class(project, image):
    return next(one.id for one in project.classes if one.id != project.image(image).class_id)


def wait_for_banner(page, qtbot, words):
    banner = page.since.banner
    qtbot.waitUntil(lambda: banner.isVisible() and words in banner.words.text(), timeout=20_000)
    return [button for button in banner.buttons if button.isVisible()]


def test_changed_labels_are_told_shown_and_counted_anew_and_undo_makes_fresh(page, window, qtbot):
    session, project = window.session, window.session.project
    run = Run.open(project, 1)
    stored = run.predictions(Split.TEST)
    assert page.since.banner.isHidden()
    fresh = page.state_line
    image = int(stored.image_ids[0])
    target = other_class(project, image)
    session.change("Label", lambda edit: edit.label([image], target), OperationChanges(labels=(image,)))
    show, count = wait_for_banner(
        page, qtbot, "Since run 1, changes to these images: 1 has a different label."
    )
    assert "at the time of the run" in page.since.banner.words.text()
    assert page.state_line.endswith("· changed")
    then = page.result.numbers.accuracy.value
    count.click()
    qtbot.waitUntil(lambda: page.result.today, timeout=20_000)
    said, labels = stored.logits.argmax(axis=1), stored.labels.copy()
    labels[0] = 1 - labels[0]
    assert page.result.numbers.accuracy.value == pytest.approx((said == labels).mean())
    assert page.result.numbers.accuracy.value != then
    (back,) = wait_for_banner(page, qtbot, "current labels")
    assert page.state_line.endswith("· updated")
    back.click()
    qtbot.waitUntil(lambda: not page.result.today, timeout=20_000)
    assert page.result.numbers.accuracy.value == then
    show, count = wait_for_banner(page, qtbot, "1 has a different label")
    count.click()
    qtbot.waitUntil(lambda: page.result.today, timeout=20_000)
    session.undo_stack.undo()
    qtbot.waitUntil(lambda: not page.result.today and page.since.banner.isHidden(), timeout=20_000)
    qtbot.waitUntil(lambda: page.state_line == fresh)
    session.undo_stack.redo()
    show, _ = wait_for_banner(page, qtbot, "1 has a different label")
    show.click()
    images = window.pages.images
    qtbot.waitUntil(lambda: list(images.grid.images.ids()) == [image], timeout=20_000)


def test_another_windows_change_marks_the_run_by_word_and_shape(page, window, qtbot, trained_copy):  # noqa: F811
    train = window.pages.train
    qtbot.waitUntil(lambda: len(train.runs.rows) == 1, timeout=20_000)
    assert not train.runs.rows[0].stale
    window.show_page(2)
    clean = train.runs.grab().toImage()
    learnt = Run.open(trained_copy, 1).snapshot.of(Split.TRAIN)[0].image_id
    trained_copy.edit.label([learnt], None)
    qtbot.waitUntil(lambda: train.runs.rows[0].stale, timeout=20_000)
    assert "labels changed" in train.runs.rows[0].below
    assert "1 has a different label" in train.runs.rows[0].tip
    assert train.runs.grab().toImage() != clean
    assert train.table.model().index(0, 8).data() == "finished, labels changed"
    window.show_page(3)
    buttons = wait_for_banner(page, qtbot, "Since run 1, changes to its images: 1 has a different label")
    assert len(buttons) == 1, "the numbers of this split would not be others today"


def test_a_renamed_class_is_said_and_counting_leaves_unknown_labels_out(page, window, qtbot):
    project = window.session.project
    stored = Run.open(project, 1).predictions(Split.TEST)
    first = project.classes[0]
    window.session.change(
        "Rename", lambda edit: edit.rename_class(first.id, "sound"), OperationChanges(classes=True)
    )
    assert wait_for_banner(page, qtbot, f"Since run 1, “{first.name}” was renamed to “sound”.") == []
    qtbot.waitUntil(lambda: page.result.numbers.classes[0] == "sound", timeout=20_000)
    with Project.open(project.path) as other:
        new = other.edit.add_class("scorched").id
        other.edit.label([int(one) for one in stored.image_ids[:2]], new)
    _, count = wait_for_banner(page, qtbot, "2 have a different label")
    count.click()
    qtbot.waitUntil(lambda: page.result.today, timeout=20_000)
    assert page.result.numbers.classes[0] == "sound"
    assert page.result.numbers.n == len(stored.labels) - 2
    assert "2 images omitted" in page.since.banner.words.text()
    said = stored.logits.argmax(axis=1)[2:]
    assert page.result.numbers.accuracy.value == pytest.approx(np.mean(said == stored.labels[2:]))
