"""What is drawn lies where the numbers say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QImage

from tldesk.trainer.events import EpochFinished
from tldesk.ui.evaluate.confusion_matrix import ConfusionView
from tldesk.ui.evaluate.reliability_diagram import DiagramBin, ReliabilityView
from tldesk.ui.model.views_preview import ViewsPreview
from tldesk.ui.train.curves import CurvesView, RunCurves
from tldesk.ui.train.run_list import RunList, RunRow, tick_rect
from tldesk.ui.widgets.phase_band import PhaseBand
from tldesk.ui.widgets.picture_view import PictureView, image_of
from tldesk.ui.widgets.probability_bars import ClassShare, ProbabilityBars


def epoch(number, *, best=False):
    return EpochFinished(number, 0, 1 / number, 0.5, 1.2 / number, 0.6, 0.5, 0.001, 1.0, None, best)


@pytest.fixture
def curves(qtbot):
    view = CurvesView()
    qtbot.addWidget(view)
    view.resize(700, 600)
    view.show()
    return view


def items_of(plot, kind):
    return [item for item in plot.plot.view.childGroup.childItems() if type(item).__name__ == kind]


def drawn_lines(plot):
    """The curves that have points; those without are kept for a run to come."""
    curves = [item.getData() for item in items_of(plot, "PlotCurveItem")]
    return [(list(xs), list(np.round(ys, 3))) for xs, ys in curves if xs is not None and len(xs)]


def test_curves_phases_and_best_epoch_are_drawn(curves, qtbot):
    main = RunCurves("#0072b2", [epoch(1), epoch(2, best=True), epoch(3)])
    curves.set_phases([PhaseBand(1, 2, "head only", True), PhaseBand(3, 3, "from late", False)], 5)
    curves.set_runs(main, [RunCurves("#e69f00", [epoch(1), epoch(2)])])
    qtbot.waitUntil(lambda: curves.redraws > 0)
    drawn = drawn_lines(curves._loss)
    assert ([1, 2], [1.2, 0.6]) in drawn  # the other run: validation only
    assert ([1, 2, 3], [1.2, 0.6, 0.4]) in drawn
    assert ([1, 2, 3], [1.0, 0.5, 0.333]) in drawn  # training of the run in the foreground
    (best,) = items_of(curves._loss, "InfiniteLine")
    assert best.value() == 2
    regions = items_of(curves._loss, "LinearRegionItem")
    assert [region.getRegion() for region in regions] == [(0.5, 2.5), (2.5, 5.5)]


def test_a_run_without_epochs_draws_nothing_and_does_not_fail(curves, qtbot):
    curves.set_runs(RunCurves("#0072b2"))
    qtbot.waitUntil(lambda: curves.redraws > 0)
    assert drawn_lines(curves._loss) == []


def test_many_events_are_few_redraws_and_none_while_hidden(curves, qtbot):
    qtbot.waitUntil(lambda: curves.redraws == 1)
    for _ in range(500):
        curves.refresh()
    qtbot.wait(700)
    assert curves.redraws == 2
    curves.hide()
    curves.refresh()
    qtbot.wait(700)
    assert curves.redraws == 2


def test_what_comes_between_two_plots_is_drawn_too(curves, qtbot):
    qtbot.waitUntil(lambda: curves.redraws == 1)
    main = RunCurves("#0072b2", [epoch(1)])
    curves.set_runs(main)
    qtbot.waitUntil(lambda: bool(curves._turns))  # the first plot is drawn, the others are not
    assert drawn_lines(curves._loss)
    assert not drawn_lines(curves._rate)
    main.epochs.append(epoch(2))
    curves.refresh()
    qtbot.waitUntil(lambda: len(drawn_lines(curves._loss)[0][0]) == 2)


def test_the_best_epoch_is_marked_by_one_line_that_moves(curves, qtbot):
    main = RunCurves("#0072b2", [epoch(1)])
    curves.set_runs(main)
    qtbot.waitUntil(lambda: bool(drawn_lines(curves._loss)))
    (mark,) = items_of(curves._loss, "InfiniteLine")
    assert not mark.isVisible()
    main.epochs.append(epoch(2, best=True))
    curves.refresh()
    qtbot.waitUntil(mark.isVisible)
    assert mark.value() == 2


def test_a_head_that_is_solved_has_no_rate_to_show(curves, qtbot):
    solved = replace(epoch(1), learning_rate=0.0, strength=0.01)
    curves.set_runs(RunCurves("#0072b2", [solved]))
    qtbot.waitUntil(lambda: not curves._rate.isVisible())
    curves.set_runs(RunCurves("#0072b2", [solved, epoch(2)]))
    qtbot.waitUntil(curves._rate.isVisible)
    assert drawn_lines(curves._rate) == [([2], [0.001])]


def test_curves_grow_without_being_made_anew_and_vanish_with_their_run(curves, qtbot):
    main = RunCurves("#0072b2", [epoch(1, best=True)])
    curves.set_runs(main, [RunCurves("#e69f00", [epoch(1), epoch(2)])])
    qtbot.waitUntil(lambda: curves.redraws == 1)
    made = items_of(curves._loss, "PlotCurveItem")
    main.epochs.append(epoch(2))
    curves.set_runs(main)
    qtbot.waitUntil(lambda: curves.redraws == 2)
    assert items_of(curves._loss, "PlotCurveItem") == made
    assert sorted(drawn_lines(curves._loss)) == [([1, 2], [1.0, 0.5]), ([1, 2], [1.2, 0.6])]


def test_the_overlay_changes_the_picture_by_its_strength(qtbot):
    view = PictureView()
    qtbot.addWidget(view)
    view.resize(200, 200)
    view.set_picture(image_of(np.zeros((100, 50, 3), np.uint8)))
    assert view.picture_rect().width() == 100
    assert view.picture_rect().left() == 50
    marks = np.zeros((2, 1, 4), np.uint8)
    marks[0] = (255, 0, 0, 255)
    view.set_overlay(image_of(marks))
    view.set_strength(0.5)
    image = view.grab().toImage()
    assert image.pixelColor(100, 20).red() == pytest.approx(128, abs=2)
    assert image.pixelColor(100, 180).red() == 0
    view.set_overlay_shown(False)
    assert view.grab().toImage().pixelColor(100, 20).red() == 0


def test_eight_views_stand_in_two_rows_inside_the_widget(qtbot):
    preview = ViewsPreview()
    qtbot.addWidget(preview)
    preview.resize(500, 200)
    places = preview.places()
    assert len({place.top() for place in places}) == 2
    assert all(preview.rect().contains(place) for place in places)
    assert len({place.width() for place in places} | {place.height() for place in places}) == 1
    red = QImage(8, 8, QImage.Format.Format_RGB888)
    red.fill(QColor("#ff0000"))
    preview.set_views([red] * 8, "leaf.jpg")
    assert preview.grab().toImage().pixelColor(places[5].center()).name() == "#ff0000"


def test_dots_of_the_diagram_lie_at_said_and_right(qtbot):
    view = ReliabilityView()
    qtbot.addWidget(view)
    view.resize(300, 300)
    view.set_bins([DiagramBin(0.5, 0.25, 4), DiagramBin(0.9, 1.0, 12), DiagramBin(0.1, 0.0, 0)])
    assert len(view.bins) == 2
    zero, one = view.point(0, 0), view.point(1, 1)
    middle = view.point(0.5, 0.25)
    assert middle.x() == pytest.approx((zero.x() + one.x()) / 2)
    assert middle.y() == pytest.approx(zero.y() + (one.y() - zero.y()) / 4)
    assert "confidence 50 %, accuracy 25 %, 4 images" in view.accessibleDescription()


def test_bars_are_sorted_and_read_aloud(qtbot):
    bars = ProbabilityBars()
    qtbot.addWidget(bars)
    bars.set_shares([ClassShare("rust", 0.2, "#e69f00"), ClassShare("healthy", 0.8, "#0072b2")])
    assert [share.name for share in bars.shares] == ["healthy", "rust"]
    assert bars.accessibleDescription() == "healthy 80 %, rust 20 %"


def test_confusion_cells_say_in_words_what_they_count(qtbot):
    view = ConfusionView()
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.set_counts(["healthy", "rust"], [[8, 2], [0, 0]])
    model = view.model()
    words = model.data(model.index(0, 1), Qt.ItemDataRole.AccessibleTextRole)
    assert words == "2 of 10 images of class healthy were predicted as rust (20 %)"
    assert model.share(1, 0) == 0.0
    reader = QAccessible.queryAccessibleInterface(view)
    assert reader.role() == QAccessible.Role.Table


def test_a_click_on_the_box_ticks_and_beside_it_chooses(qtbot):
    runs = RunList()
    qtbot.addWidget(runs)
    runs.resize(300, 200)
    runs.set_rows([RunRow(number, f"way {number}", "90 %", "finished", "#0072b2") for number in (2, 1)])
    runs.show()
    chosen = []
    runs.runChosen.connect(chosen.append)
    second = runs.visualRect(runs.model().index(1, 0))
    qtbot.mouseClick(runs.viewport(), Qt.MouseButton.LeftButton, pos=tick_rect(second).center())
    assert runs.ticked == {1}
    qtbot.mouseClick(runs.viewport(), Qt.MouseButton.LeftButton, pos=second.center() + QPoint(20, 0))
    assert chosen[-1] == 1
    assert runs.ticked == {1}
    qtbot.keyClick(runs, Qt.Key.Key_Up)
    qtbot.keyClick(runs, Qt.Key.Key_Space)
    assert runs.ticked == {1, 2}
