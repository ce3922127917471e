"""The staircase of freeze lines."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPainter

from tldesk.ui.model.phase_stairs import PhaseStairs, StairStep
from tldesk.ui.theme import tokens


def test_several_phases_are_columns_cool_above_and_warm_below(qtbot):
    stairs = PhaseStairs()
    qtbot.addWidget(stairs)
    stairs.show_steps([StairStep("head only", 10, 1.0), StairStep("everything", 30, 0.0)])
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
    stairs.show_steps([StairStep("head only", 10, 1.0)])
    assert stairs.isHidden()


def test_narrow_phases_are_named_without_their_epochs_and_nothing_is_cut(qtbot, monkeypatch):
    stairs = PhaseStairs()
    qtbot.addWidget(stairs)
    late = [StairStep(f"from stage{at} · 5 epochs", 5, at / 8, short=f"from stage{at}") for at in (7, 6, 5)]
    stairs.show_steps([StairStep("head only · 30 epochs", 30, 1.0, short="head only"), *late])
    stairs.resize(630, stairs.sizeHint().height())
    painted = []
    monkeypatch.setattr(QPainter, "drawText", lambda _painter, _place, _flags, words: painted.append(words))
    stairs.grab()
    assert painted == ["head only · 30 epochs", "from stage7", "from stage6", "from stage5"]
    # In a wider window there is room for all of it.
    painted.clear()
    stairs.resize(1400, stairs.height())
    stairs.grab()
    assert painted[1:] == [step.title for step in late]
