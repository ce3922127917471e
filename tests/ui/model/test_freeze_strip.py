"""The freeze strip: mouse, keys, and what a screen reader is told."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible

from tldesk.ui.model.freeze_strip import FreezeStrip, StageBlock

STAGES = (StageBlock("stem", 0.05), StageBlock("early", 0.15), StageBlock("late", 0.8))


@pytest.fixture
def strip(qtbot):
    made = FreezeStrip()
    qtbot.addWidget(made)
    made.resize(600, 100)
    made.set_stages(STAGES, "late", "2 classes")
    made.show()
    return made


def test_keys_move_the_line_and_tell_its_name(strip, qtbot):
    told = []
    strip.lineChanged.connect(told.append)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Home, Qt.Key.Key_Left):
        qtbot.keyClick(strip, key)
    assert told == ["early", "late", "all", "none"]
    assert strip.line == "none"


@pytest.mark.parametrize(("frozen", "line"), [(0, "none"), (1, "early"), (2, "late"), (3, "all")])
def test_the_mouse_takes_the_line_to_the_nearest_boundary(strip, qtbot, frozen, line):
    start = QPoint(round(strip.boundary_x(2)), 50)
    end = QPoint(round(strip.boundary_x(frozen)) + 3, 50)
    qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(strip, end)
    qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=end)
    assert strip.line == line


def test_larger_stages_are_wider_and_all_fit(strip):
    xs = [strip.boundary_x(value) for value in range(4)]
    widths = [after - before for before, after in pairwise(xs)]
    assert widths == sorted(widths)
    assert xs[-1] < strip.width() - 92  # the head has its place on the right


def test_setting_the_line_tells_nobody(strip, qtbot):
    with qtbot.assertNotEmitted(strip.lineChanged):
        strip.set_line("all")
    assert strip.line == "all"


def test_a_screen_reader_gets_a_slider_with_its_value_and_words(strip):
    reader = QAccessible.queryAccessibleInterface(strip)
    assert reader.role() == QAccessible.Role.Slider
    assert reader.valueInterface().currentValue() == 2
    assert strip.accessibleDescription() == "Frozen: stem, early. Trained: late, head."


def test_frozen_and_trained_stages_are_drawn_apart(strip):
    image = strip.grab().toImage()
    cold = image.pixelColor(round(strip.boundary_x(0)) + 8, 30)
    warm = image.pixelColor(round(strip.boundary_x(2)) + 12, 30)
    assert cold.blue() > cold.red()
    assert warm.red() > warm.blue()
