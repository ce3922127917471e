"""Words in the place of content are never cut."""

from __future__ import annotations

from tldesk.ui.widgets.state_panel import StatePanel


def test_words_over_two_lines_have_the_height_of_two_lines(qtbot):
    panel = StatePanel()
    qtbot.addWidget(panel)
    panel.resize(900, 500)
    words = "Drop pictures or a folder here. Each gets its class, how sure that is, and why. " * 2
    panel.tell("drop", "No pictures yet", words, ("Open pictures…", lambda: None))
    panel.show()
    qtbot.waitExposed(panel)
    assert panel.words.height() >= panel.words.heightForWidth(panel.words.width())
    assert panel.words.height() >= 2 * panel.words.fontMetrics().height()


def test_no_words_take_no_place(qtbot):
    panel = StatePanel()
    qtbot.addWidget(panel)
    panel.tell("drop", "Getting ready…", "")
    panel.show()
    assert not panel.words.isVisible()
