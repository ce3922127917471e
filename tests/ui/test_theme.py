"""Colours can be read, icons can be drawn, the stylesheet knows its names."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from tldesk.base import resource
from tldesk.ui import theme as t

TEXT_PAIRS = [
    (text, ground)
    for ground in ("window", "chrome", "surface", "field", "selection", "hover")
    for text in ("text", "muted")
] + [
    ("accent", "surface"),
    ("accent", "window"),
    ("accent", "chrome"),
    ("accent_text", "accent"),
    ("accent_text", "accent_hover"),
    ("good", "surface"),
    ("good", "good_fill"),
    ("warn", "surface"),
    ("warn", "warn_fill"),
    ("bad", "surface"),
    ("bad", "bad_fill"),
    ("frozen_text", "frozen_fill"),
    ("trained_text", "trained_fill"),
    ("text", "mat"),
]
EDGE_PAIRS = [
    ("field_border", "surface"),
    ("field_border", "window"),
    ("accent", "window"),
    ("accent", "mat"),
]


def test_contrast_is_the_one_of_wcag():
    assert t.contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert t.contrast("#777777", "#ffffff") == pytest.approx(
        4.48, abs=0.005
    )  # the well-known grey that just fails


@pytest.mark.parametrize("worn", [t.LIGHT, t.DARK], ids=["light", "dark"])
def test_every_text_is_at_aa_and_every_edge_at_3(worn):
    texts = {pair: t.contrast(getattr(worn, pair[0]), getattr(worn, pair[1])) for pair in TEXT_PAIRS}
    edges = {pair: t.contrast(getattr(worn, pair[0]), getattr(worn, pair[1])) for pair in EDGE_PAIRS}
    assert {pair: ratio for pair, ratio in texts.items() if ratio < 4.5} == {}
    assert {pair: ratio for pair, ratio in edges.items() if ratio < 3} == {}


@pytest.mark.parametrize("worn", [t.LIGHT, t.DARK], ids=["light", "dark"])
def test_the_stylesheet_has_no_name_left(worn):
    assert not re.search(r"@\w", t.stylesheet(worn))
    for name in re.findall(r"url\((.+?)\)", t.stylesheet(worn)):
        assert resource("icons").joinpath(name.rsplit("/", 1)[1]).is_file()


def test_every_icon_draws_something_in_the_colour_asked_for(qapp):
    files = sorted(resource("icons").glob("*.svg"))
    assert len(files) > 30
    for file in files:
        image = t.pixmap(file.stem, 48, "#ff0000").toImage()
        inks = {
            image.pixelColor(x, y).name()
            for x in range(48)
            for y in range(48)
            if image.pixelColor(x, y).alpha() == 255
        }
        assert inks, file
        if "currentColor" in file.read_text(encoding="utf-8"):
            assert inks == {"#ff0000"}, file


def test_choosing_dark_changes_palette_stylesheet_and_icons(qtbot):
    app = QApplication.instance()
    button = QPushButton("Stop")
    qtbot.addWidget(button)
    t.set_icon(button, "stop")
    try:
        t.theme().apply(app, "light")
        before = button.icon().pixmap(16).toImage()
        t.theme().apply(app, "dark")
        assert t.tokens() is t.DARK
        assert app.palette().windowText().color().name() == t.DARK.text
        assert button.icon().pixmap(16).toImage() != before
    finally:
        t.theme().apply(app, "light")
    assert t.tokens() is t.LIGHT


class _Dressed(QObject):
    """Counts by widget how often a style sheet was applied to it."""

    def __init__(self):
        super().__init__()
        self.times = Counter()

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.StyleChange:
            self.times[watched] += 1
        return False


def test_another_theme_is_applied_as_often_to_what_lies_deep(qtbot):
    app = QApplication.instance()
    t.theme().apply(app, "light")
    top = QWidget()
    qtbot.addWidget(top)
    chain = [top]
    for _ in range(12):
        chain.append(QWidget(chain[-1]))
    top.show()
    dressed = _Dressed()
    app.installEventFilter(dressed)
    try:
        t.theme().apply(app, "dark")
        changed = sum(dressed.times.values())
        t.theme().apply(app, "dark")
        assert sum(dressed.times.values()) == changed, "it is worn already"
    finally:
        app.removeEventFilter(dressed)
        t.theme().apply(app, "light")
    assert {dressed.times[one] for one in chain} == {2}, "without a sheet, and with the new one"
