"""Ranking backbones from the Model page: all states of its dialog, with real weights and pictures."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from tldesk.ui.model.tools.rank_dialog import RankDialog
from tldesk.ui.widgets.select_row import select_row


def shown(window, kind):
    return next((one for one in window.findChildren(kind) if one.isVisible()), None)


@pytest.fixture
def page(opened, qtbot):
    opened.show_page(1)
    page = opened.pages.model
    qtbot.waitUntil(lambda: page.recipe is not None, timeout=60_000)
    return page


@pytest.fixture
def weights(weights_source, monkeypatch):
    monkeypatch.setenv("TLDESK_WEIGHTS", str(weights_source))


def dialog_of(window, page, qtbot) -> RankDialog:
    page.tools.rank_button.click()
    qtbot.waitUntil(lambda: shown(window, RankDialog) is not None, timeout=20_000)
    return shown(window, RankDialog)


@pytest.mark.usefixtures("no_starter")
def test_both_are_ranked_and_one_is_taken(weights, opened, page, qtbot):
    dialog = dialog_of(opened, page, qtbot)
    assert dialog.start_button.text() == "Rank all"
    assert not dialog.use_button.isEnabled()
    assert [row[1] for row in dialog.table.rows] == ["–", "–"]
    dialog.start_button.click()
    assert not dialog.start_button.isEnabled()
    assert dialog.line.stop.isVisible()
    qtbot.waitUntil(lambda: dialog.told.text() != "", timeout=200_000)
    assert "Suggested: " in dialog.told.text()
    assert "Cross-validated on " in dialog.told.text()
    shares = [float(row[1].split(" %")[0]) for row in dialog.table.rows]
    assert shares == sorted(shares, reverse=True)
    _, dots = dialog.plot.shown
    assert {dot.name for dot in dots} == {"MobileNet v2", "SqueezeNet 1.1"}
    assert {round(dot.y * 100, 1) for dot in dots} == set(shares)
    assert dialog.use_button.isEnabled(), "the suggested one is selected"
    other = next(row for row, one in enumerate(dialog.table.rows) if one[0] == "SqueezeNet 1.1")
    select_row(dialog.table, other)
    dialog.use_button.click()
    assert page.recipe.backbone == "squeezenet1_1"
    qtbot.waitUntil(lambda: shown(opened, RankDialog) is None, timeout=5000)


def test_stop_keeps_what_is_there_and_closing_ends_it(weights, opened, page, qtbot):
    dialog = dialog_of(opened, page, qtbot)
    dialog.start_button.click()
    dialog.line.stop.click()
    assert not dialog.line.stop.isEnabled()
    qtbot.waitUntil(dialog.start_button.isEnabled, timeout=60_000)
    assert dialog.told.text().startswith("Stopped") or dialog.told.text() == ""
    dialog.start_button.click()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not opened.tasks.busy, timeout=60_000)
    assert shown(opened, RankDialog) is None


@pytest.mark.usefixtures("no_starter")
def test_without_weights_it_says_what_to_do(opened, page, qtbot):
    dialog = dialog_of(opened, page, qtbot)
    assert not dialog.start_button.isEnabled()
    assert dialog.table.rows == ()
    dialog.reject()


def test_a_failure_is_shown_in_the_dialog(weights, opened, page, qtbot, monkeypatch):
    import tldesk.trainer.advice.rank_backbones as module
    from tldesk.base import Problem, ProblemError

    def failing(*_args, **_named):
        raise ProblemError(Problem("images", "they are gone", "Bring them back"))
        yield

    monkeypatch.setattr(module, "ranking", failing)
    dialog = dialog_of(opened, page, qtbot)
    dialog.start_button.click()
    qtbot.waitUntil(dialog.line.problem.isVisible, timeout=60_000)
    assert "They are gone" in dialog.line.problem.text()
    assert dialog.start_button.isEnabled()
    dialog.reject()
