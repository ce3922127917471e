"""Keys of the grid and the large picture, as the table has them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from tldesk.ui.images.image_keys import NO_CLASS, ImageAction, action_of, class_key

NONE, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


def press(key, text="", modifiers=NONE):
    found = action_of(QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text))
    return None if found is None else (found.action, found.value)


@pytest.mark.parametrize(
    ("key", "text", "modifiers", "done"),
    [
        (Qt.Key.Key_1, "1", NONE, (ImageAction.LABEL, 0)),
        (Qt.Key.Key_1, "1", Qt.KeyboardModifier.KeypadModifier, (ImageAction.LABEL, 0)),
        (Qt.Key.Key_A, "a", NONE, (ImageAction.LABEL, 9)),
        (Qt.Key.Key_A, "A", SHIFT, None),
        (Qt.Key.Key_A, "\x01", CTRL, None),
        (Qt.Key.Key_0, "0", NONE, (ImageAction.LABEL, NO_CLASS)),
        (Qt.Key.Key_Backspace, "\b", NONE, (ImageAction.LABEL, NO_CLASS)),
        (Qt.Key.Key_Question, "?", SHIFT, (ImageAction.MARK, "unsure")),
        (Qt.Key.Key_Delete, "\x7f", NONE, (ImageAction.MARK, "excluded")),
        (Qt.Key.Key_Delete, "\x7f", SHIFT, None),
        (Qt.Key.Key_Plus, "+", NONE, (ImageAction.ZOOM, 1)),
        (Qt.Key.Key_Minus, "-", NONE, (ImageAction.ZOOM, -1)),
        (Qt.Key.Key_Right, "", NONE, (ImageAction.STEP, 1)),
        (Qt.Key.Key_PageUp, "", NONE, (ImageAction.STEP, -1)),
        (Qt.Key.Key_Space, " ", NONE, (ImageAction.OPEN_OR_CLOSE, 0)),
        (Qt.Key.Key_Escape, "\x1b", NONE, (ImageAction.CLOSE, 0)),
        (Qt.Key.Key_Shift, "", SHIFT, None),
        (Qt.Key.Key_F5, "", NONE, None),
    ],
)
def test_a_key_does_one_thing(key, text, modifiers, done):
    assert press(key, text, modifiers) == done


def test_the_shown_key_of_a_class_gives_that_class():
    keys = [class_key(place) for place in range(36)]
    assert keys[-1] == "", "used up"
    assert [press(0, key) for key in keys[:-1]] == [(ImageAction.LABEL, place) for place in range(35)]
