"""What a recipe costs is measured when the Model page is seen, and follows the freeze line at once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from shown_texts import shown_texts

from tldesk.engine import device_named
from tldesk.model import card
from tldesk.recipe import preset
from tldesk.trainer.costs.cost_book import BackboneCosts, CostBook, StageCost, costs_key

CARD = card("mobilenet_v2")


@pytest.fixture
def page(opened, qtbot):
    """The engine is there; the project's forty leaves: 28 to learn from, 6 to choose by."""
    session = opened.session
    session._torch_loaded = True
    session.set_device(device_named("cpu"))
    found = opened.pages.model
    qtbot.waitUntil(lambda: found.recipe is not None, timeout=20_000)
    return found


def two_phase():
    return preset("two_phase", CARD.name, stages=CARD.stage_names)


def keep_costs(session, recipe, forward=0.5):
    stages = (StageCost(forward, 2 * forward, 0.1, 10**6, 1000),) * len(CARD.stages)
    CostBook().put(costs_key(CARD, recipe, session.device), BackboneCosts(stages, 0.001, 0.0))


def test_costs_that_are_known_show_at_once_and_follow_the_line(page, opened, qtbot):
    recipe = two_phase()
    keep_costs(opened.session, recipe)
    page._show(recipe)
    assert shown_texts(page.freeze.epoch_card)[0] == "–", "nobody sees the page"
    opened.show_page(1)
    qtbot.waitUntil(lambda: shown_texts(page.freeze.epoch_card)[0] != "–", timeout=20_000)
    # three of eight stages learn: 28 * 3 * 1.5 s, 6 looks * 3 * 0.5 s
    assert shown_texts(page.freeze.epoch_card)[0] == "2 min"
    assert [step.title for step in page.freeze.stairs.steps] == [
        "head only · 30 epochs",
        "from stage5 · 10 epochs",
    ]
    qtbot.keyClick(page.freeze.strip, Qt.Key.Key_Home)
    assert page.freeze.strip.line == "none"
    assert shown_texts(page.freeze.epoch_card)[0] == "6 min"
    assert page.freeze.stairs.steps[1].frozen == 0.0


def test_what_is_not_known_is_measured_and_one_that_fails_says_so(page, opened, qtbot, monkeypatch):
    def fail(*_args):
        raise RuntimeError("out of memory")

    monkeypatch.setattr("tldesk.trainer.costs.measure_stages.measure", fail)
    page._show(two_phase())
    opened.show_page(1)
    assert shown_texts(page.freeze.epoch_card)[2] == "measuring…"
    qtbot.waitUntil(lambda: shown_texts(page.freeze.epoch_card)[2] == "measurement failed", timeout=20_000)


def test_a_training_that_ended_mends_what_is_said(page, opened, qtbot):
    recipe = two_phase()
    keep_costs(opened.session, recipe)
    page._show(recipe)
    opened.show_page(1)
    qtbot.waitUntil(lambda: shown_texts(page.freeze.epoch_card)[0] == "2 min", timeout=20_000)
    CostBook().tell(costs_key(CARD, recipe, opened.session.device), 1.0, 3.0)
    opened.session.runsChanged.emit()
    qtbot.waitUntil(lambda: shown_texts(page.freeze.epoch_card)[0] == "7 min", timeout=20_000)
