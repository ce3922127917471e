"""Small texts that have to be read at a glance: ticks, the rail's lines, numbers in boxes."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QComboBox, QLineEdit, QSpinBox

from tldesk.ui.theme import theme
from tldesk.ui.train.epoch_plot import EpochPlot
from tldesk.ui.widgets.field_editors import QuietComboBox
from tldesk.ui.widgets.number_box import number_box
from tldesk.ui.widgets.plot import Line, tick_texts
from tldesk.ui.window.rail import shortened


@pytest.mark.parametrize(
    ("values", "spacing", "texts"),
    [
        ([0.0, 5e-05, 1e-04], 5e-05, ["0", "0.00005", "0.00010"]),
        ([0.0, 2.5e-06], 2.5e-06, ["0", "0.0000025"]),
        ([0.6, 0.65, 0.7], 0.05, ["0.60", "0.65", "0.70"]),
        ([0.0, 20.0, 40.0], 20.0, ["0", "20", "40"]),
        ([12000.0, 14000.0], 2000.0, ["12000", "14000"]),
    ],
)
def test_ticks_are_plain_figures(values, spacing, texts):
    assert tick_texts(values, spacing) == texts


def test_the_rate_axis_writes_no_powers_of_ten(qtbot):
    plot = EpochPlot("Learning rate by epoch")
    qtbot.addWidget(plot)
    plot.resize(500, 160)
    plot.show_lines([Line(((1.0, 1e-4), (2.0, 5e-5), (3.0, 1e-5)), "#0072b2")], None)
    texts = plot.plot.left.tickStrings([0.0, 5e-05], 1.0, 5e-05)
    assert texts == ["0", "0.00005"]


def test_the_rail_keeps_what_follows_the_dot(qapp):
    metrics = QFontMetrics(qapp.font())
    line = "efficientnet_v2_s · from stage5"
    whole = metrics.horizontalAdvance(line)
    assert shortened(line, metrics, whole) == line
    short = shortened(line, metrics, whole - 20)
    assert short.startswith("efficient")
    assert short.endswith("… · from stage5")
    assert metrics.horizontalAdvance(short) <= whole - 20
    tiny = shortened(line, metrics, metrics.horizontalAdvance(" · from stage5"))
    assert tiny.endswith("…"), "where only the end would be left, the beginning stays"
    assert shortened("no pictures yet", metrics, 60).endswith("…")


def test_a_number_stands_off_the_border_as_in_other_fields(qtbot, qapp):
    theme().apply(qapp, "light")
    box, bare, line = number_box(), QSpinBox(), QLineEdit("7")
    for field in (box, bare, line):
        qtbot.addWidget(field)
        field.show()
    line.setCursorPosition(0)
    for field in (box, bare):
        field.setValue(7)
        field.lineEdit().setCursorPosition(0)
    start = line.cursorRect().x()
    assert abs(_start(box) - start) <= 2
    assert start - _start(bare) > 2, "the style sheet alone does not do it"


def _start(box):
    """Where the text of a box begins, in pixels of the box."""
    return box.lineEdit().mapTo(box, box.lineEdit().cursorRect().topLeft()).x()


def test_a_list_is_as_wide_as_its_words_though_its_box_is_narrow(qtbot, monkeypatch):
    # Without a screen a list cannot take the keyboard, and warns.
    monkeypatch.setattr(QComboBox, "showPopup", lambda _box: None)
    box = QuietComboBox()
    qtbot.addWidget(box)
    words = "Head with a hidden layer (dense 256)"
    box.addItems(["none", words])
    box.resize(80, 30)
    box.showPopup()
    assert box.view().minimumWidth() >= box.fontMetrics().horizontalAdvance(words) + 8
