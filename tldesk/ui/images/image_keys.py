"""The keys of the grid and of the large picture: one table of keys and actions."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

CLASS_KEYS = "123456789abcdefghijklmnopqrstuvwxyz"
UNSURE_KEY = "?"
NO_CLASS = -1


class ImageAction(Enum):
    """An action on the current image."""

    LABEL = auto()  # value: position of the class, or NO_CLASS
    MARK = auto()  # value: "unsure" or "excluded"
    STEP = auto()  # value: 1 to the next image, -1 to the previous one
    ZOOM = auto()  # value: 1 in, -1 out
    OPEN_OR_CLOSE = auto()  # the large picture
    CLOSE = auto()


class KeyAction(NamedTuple):
    """An action, its value, and whether it applies only without Shift, Ctrl, Alt or Meta."""

    action: ImageAction
    value: int | str = 0
    plain: bool = False


_BY_KEY: dict[int, KeyAction] = {
    Qt.Key.Key_0: KeyAction(ImageAction.LABEL, NO_CLASS, plain=True),
    Qt.Key.Key_Backspace: KeyAction(ImageAction.LABEL, NO_CLASS, plain=True),
    Qt.Key.Key_Delete: KeyAction(ImageAction.MARK, "excluded", plain=True),
    Qt.Key.Key_Right: KeyAction(ImageAction.STEP, 1),
    Qt.Key.Key_Down: KeyAction(ImageAction.STEP, 1),
    Qt.Key.Key_PageDown: KeyAction(ImageAction.STEP, 1),
    Qt.Key.Key_Left: KeyAction(ImageAction.STEP, -1),
    Qt.Key.Key_Up: KeyAction(ImageAction.STEP, -1),
    Qt.Key.Key_PageUp: KeyAction(ImageAction.STEP, -1),
    Qt.Key.Key_Return: KeyAction(ImageAction.OPEN_OR_CLOSE),
    Qt.Key.Key_Enter: KeyAction(ImageAction.OPEN_OR_CLOSE),
    Qt.Key.Key_Space: KeyAction(ImageAction.OPEN_OR_CLOSE),
    Qt.Key.Key_Escape: KeyAction(ImageAction.CLOSE),
}
# By the typed text, because the key code of a character depends on the keyboard layout.
_BY_TEXT = {
    UNSURE_KEY: KeyAction(ImageAction.MARK, "unsure"),
    "+": KeyAction(ImageAction.ZOOM, 1),
    "-": KeyAction(ImageAction.ZOOM, -1),
    **{key: KeyAction(ImageAction.LABEL, place, plain=True) for place, key in enumerate(CLASS_KEYS)},
}


def class_key(place: int) -> str:
    """Return the key of the class at a position; "" if there are no keys left."""
    return CLASS_KEYS[place] if 0 <= place < len(CLASS_KEYS) else ""


def action_of(event: QKeyEvent) -> KeyAction | None:
    """Return the action of the pressed key; None for all other keys."""
    found = _BY_KEY.get(event.key()) or _BY_TEXT.get(event.text().lower())
    return None if found is None or (found.plain and _is_modified(event)) else found


def _is_modified(event: QKeyEvent) -> bool:
    return event.modifiers() not in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}
