"""What the inspector and the dialog know of a deep picture's values, and how they say it."""

from __future__ import annotations

import numpy as np
import tifffile
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from tldesk.imaging import IntensityWindow, Rendering
from tldesk.ui.images.deep import rendering_words
from tldesk.ui.images.deep.deep_preview import BINS, ValueFacts, read_deep
from tldesk.ui.images.deep.histogram import Histogram
from tldesk.ui.theme import tokens


def test_values_are_counted_and_the_ends_of_large_pictures_are_not_missed(tmp_path):
    values = np.full((1200, 1100), 700, np.uint16)
    values[3, 4], values[1001, 1002] = 5, 60_000
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="minisblack")
    pixels, facts = read_deep(tmp_path / "a.tif", Rendering(window="600..800"), 100)
    assert max(pixels.shape) == 100
    assert (facts.low, facts.high, facts.bits, facts.frames) == (5, 60_000, 16, 1)
    assert facts.window == IntensityWindow(600, 800)
    assert facts.counts.argmax() == int((700 - 5) / (60_000 - 5) * BINS)


def test_not_a_number_is_not_counted(tmp_path):
    values = np.array([[np.nan, -1.5], [np.inf, 2.25]], np.float32)
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="minisblack")
    _pixels, facts = read_deep(tmp_path / "a.tif", Rendering(), 100)
    assert (facts.low, facts.high, facts.counts.sum()) == (-1.5, 2.25, 2)
    assert rendering_words.lines(facts, Rendering()) == [
        ("Values", "-1.5 to 2.25"),
        ("Window", "-1.5 to 2.25 (its full range)"),
    ]


def test_an_ordinary_picture_has_no_values(tmp_path):
    Image.new("RGB", (20, 10)).save(tmp_path / "a.png")
    assert read_deep(tmp_path / "a.png", Rendering("last", "0..5"), 100)[1] is None


def test_why_a_window_is_in_use():
    def told(window, unit="HU", offered=()):
        facts = ValueFacts(1, 1, 16, 0, 9, unit, IntensityWindow(1, 5), offered, np.ones(BINS, np.int64))
        return rendering_words.window_of(facts, Rendering(window=window))

    assert told("lung") == "1 to 5 HU (lung)"
    assert told("lung", unit="") == "1 to 5 (from the file)"
    assert told("file:SOFT", offered=("soft",)) == "1 to 5 HU (SOFT)"
    assert told("file:SOFT") == "1 to 5 HU (from the file)"
    assert told("1..5") == "1 to 5 HU (fixed)"
    assert told("percentiles") == "1 to 5 HU (1st to 99th percentile)"
    assert rendering_words.window_of(ValueFacts(1, 1, 16), Rendering()) == "the file's lookup table"


def test_the_window_is_dragged_by_its_ends_and_as_a_whole(qtbot):
    histogram, told = Histogram(), []
    histogram.dragged.connect(lambda low, high: told.append((low, high)))
    qtbot.addWidget(histogram)
    histogram.resize(400, 84)
    facts = ValueFacts(1, 1, 16, 0, 4000, "HU", IntensityWindow(1000, 3000), (), np.ones(BINS, np.int64))
    for begin, end, wanted in (
        (100, 50, (500, 3000)),  # the black end, 1000 of 4000 at 100 of 400 px
        (300, 350, (1000, 3500)),
        (200, 250, (1500, 3500)),  # between them: both
        (100, 390, (2996, 3000)),  # never past the other end
    ):
        histogram.show_facts(facts)
        press, move = (QPoint(x, 30) for x in (begin, end))
        qtbot.mousePress(histogram, Qt.MouseButton.LeftButton, pos=press)
        drag(histogram, move)
        histogram.show_facts(facts)  # a picture that was asked for earlier comes meanwhile
        qtbot.mouseRelease(histogram, Qt.MouseButton.LeftButton, pos=move)
        assert told[-1] == wanted


def drag(widget, place):
    """As qtbot.mouseMove, with the button held."""
    held = Qt.MouseButton.LeftButton
    at = QPointF(place)
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, widget.mapToGlobal(at), held, held, Qt.KeyboardModifier.NoModifier
    )
    QCoreApplication.sendEvent(widget, event)


def test_the_histogram_draws_bars_and_the_window_s_ramp(qtbot):
    histogram = Histogram()
    qtbot.addWidget(histogram)
    histogram.resize(320, 84)
    counts = np.zeros(BINS, np.int64)
    counts[0] = counts[-1] = 9
    histogram.show_facts(ValueFacts(1, 1, 16, 0, 100, "HU", IntensityWindow(25, 75), (), counts))
    drawn = histogram.grab().toImage()
    colours = {drawn.pixelColor(x, y).name() for x in range(5, 315) for y in range(3, 60)}
    assert tokens().accent in colours
    assert histogram.accessibleDescription() == "From black to white: 25 to 75 HU"
    middle = drawn.pixelColor(160, 35)
    assert middle.name() != drawn.pixelColor(160, 8).name()  # the ramp crosses here: 50 of 25 to 75
