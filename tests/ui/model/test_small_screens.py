"""On a small screen the Model page is moved about; nothing in it is squeezed or drawn over something else."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from PySide6.QtCore import QRect, Qt

from tldesk.model import card
from tldesk.recipe import preset


@pytest.fixture
def page(opened, qtbot):
    opened.show_page(1)
    page = opened.pages.model
    qtbot.waitUntil(lambda: page.recipe is not None, timeout=20_000)
    page._show(preset("two_phase", "mobilenet_v2", stages=card("mobilenet_v2").stage_names))
    return page


def places(page):
    freeze = page.freeze
    parts = (freeze.strip, freeze.frozen_text, freeze.stairs, freeze.epoch_card, freeze.reasons)
    return [QRect(part.mapTo(page, part.rect().topLeft()), part.size()) for part in parts]


def bars(area):
    return area.horizontalScrollBar().maximum(), area.verticalScrollBar().maximum()


def test_where_there_is_room_no_bar_is_shown_and_else_nothing_overlaps(page, opened, qtbot):
    area = page._stack.widget(0)
    opened.resize(1366, 768)
    qtbot.waitUntil(lambda: opened.width() == 1366 and bars(area) == (0, 0))
    # A screen of 1366 x 768 whose things are shown at 125 %, less the title bar.
    opened.resize(1093, 600)
    qtbot.waitUntil(lambda: all(bars(area)))
    found = places(page)
    assert all(upper.bottom() < lower.top() for upper, lower in pairwise(found)), found
    panels = (page.backbones, page.freeze, page.recipe_panel, page.augmentation)
    whole = [QRect(part.mapTo(page, part.rect().topLeft()), part.size()) for part in panels]
    assert not any(one.intersects(other) for one, other in combinations(whole, 2)), whole


def test_the_keys_bring_what_they_reach_into_sight(page, opened, qtbot):
    area = page._stack.widget(0)
    opened.resize(1093, 600)
    qtbot.waitUntil(lambda: all(bars(area)))
    fields = page.form.augmentation
    before, last = (fields.editor(f"augmentation.{name}") for name in ("saturation", "flip_vertical"))
    before.setFocus()
    qtbot.keyClick(before, Qt.Key.Key_Tab)
    assert opened.focusWidget() == last
    assert area.viewport().rect().contains(QRect(last.mapTo(area, last.rect().topLeft()), last.size()))
    assert area.horizontalScrollBar().value() > 0
