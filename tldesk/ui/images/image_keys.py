"""The keys of the grid and of the large picture: one table from keys to what they do."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

CLASS_KEYS = "123456789abcdefghijklmnopqrstuvwxyz"
UNSURE_KEY = "?"
NO_CLASS = -1


class Action(Enum):
    """What a key does to the image."""

    LABEL = auto()  # value: place of the class, or NO_CLASS
    MARK = auto()  # value: "unsure" or "excluded"
    STEP = auto()  # value: 1 to the next image, -1 to the previous one
    ZOOM = auto()  # value: 1 in, -1 out
    OPEN_OR_CLOSE = auto()  # the large picture
    CLOSE = auto()


class KeyAction(NamedTuple):
    """An action, its value, and whether it is meant only without Shift, Ctrl, Alt or Meta."""

    action: Action
    value: int | str = 0
    plain: bool = False


_BY_KEY: dict[int, KeyAction] = {
    Qt.Key.Key_0: KeyAction(Action.LABEL, NO_CLASS, plain=True),
    Qt.Key.Key_Backspace: KeyAction(Action.LABEL, NO_CLASS, plain=True),
    Qt.Key.Key_Delete: KeyAction(Action.MARK, "excluded", plain=True),
    Qt.Key.Key_Right: KeyAction(Action.STEP, 1),
    Qt.Key.Key_Down: KeyAction(Action.STEP, 1),
    Qt.Key.Key_PageDown: KeyAction(Action.STEP, 1),
    Qt.Key.Key_Left: KeyAction(Action.STEP, -1),
    Qt.Key.Key_Up: KeyAction(Action.STEP, -1),
    Qt.Key.Key_PageUp: KeyAction(Action.STEP, -1),
    Qt.Key.Key_Return: KeyAction(Action.OPEN_OR_CLOSE),
    Qt.Key.Key_Enter: KeyAction(Action.OPEN_OR_CLOSE),
    Qt.Key.Key_Space: KeyAction(Action.OPEN_OR_CLOSE),
    Qt.Key.Key_Escape: KeyAction(Action.CLOSE),
}
# By what is typed, since the key of a character depends on the keyboard layout.
_BY_TEXT = {
    UNSURE_KEY: KeyAction(Action.MARK, "unsure"),
    "+": KeyAction(Action.ZOOM, 1),
    "-": KeyAction(Action.ZOOM, -1),
    **{key: KeyAction(Action.LABEL, place, plain=True) for place, key in enumerate(CLASS_KEYS)},
}


def class_key(place: int) -> str:
    """The key of the class at a place; "" where the keys are used up."""
    return CLASS_KEYS[place] if 0 <= place < len(CLASS_KEYS) else ""


def action_of(event: QKeyEvent) -> KeyAction | None:
    """What the pressed key does; None for all other keys."""
    found = _BY_KEY.get(event.key()) or _BY_TEXT.get(event.text().lower())
    return None if found is None or (found.plain and _is_modified(event)) else found


def _is_modified(event: QKeyEvent) -> bool:
    return event.modifiers() not in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}
