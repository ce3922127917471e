"""The staircase of freeze lines."""

from __future__ import annotations

from PySide6.QtGui import QColor

from tldesk.ui.theme import tokens
from tldesk.ui.widgets.phase_stairs import PhaseStairs, Step


def test_several_phases_are_columns_cool_above_and_warm_below(qtbot):
    stairs = PhaseStairs()
    qtbot.addWidget(stairs)
    stairs.show_steps([Step("head only", 10, 1.0), Step("everything", 30, 0.0)])
    assert stairs.isVisibleTo(None)
    stairs.resize(400, stairs.sizeHint().height())
    image = stairs.grab().toImage()
    ratio = image.width() / 400

    def at(x, y):
        return QColor(image.pixel(round(x * ratio), round(y * ratio)))

    cool, warm = QColor(tokens().frozen_fill), QColor(tokens().trained_fill)
    assert at(20, 8) == cool
    assert at(20, 43) == warm, "the head always learns"
    assert at(380, 8) == at(380, 43) == warm
    first, second = stairs._places()
    assert second.width() > 1.5 * first.width(), "three times the epochs"
    assert stairs.accessibleDescription() == "head only. everything"


def test_one_phase_needs_no_stairs(qtbot):
    stairs = PhaseStairs()
    qtbot.addWidget(stairs)
    stairs.show_steps([Step("head only", 10, 1.0)])
    assert stairs.isHidden()
