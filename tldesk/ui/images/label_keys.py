"""The keys that say what an image shows, the same in the grid and beside the large picture."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

CLASS_KEYS = "123456789abcdefghijklmnopqrstuvwxyz"
UNSURE_KEY = "?"
_CLEAR = (Qt.Key.Key_0, Qt.Key.Key_Backspace)


def class_key(place: int) -> str:
    """The key of the class at a place, "" where the keys are used up."""
    return CLASS_KEYS[place] if 0 <= place < len(CLASS_KEYS) else ""


def class_of(event: QKeyEvent) -> int | None:
    """The place of the class whose key was pressed, -1 for no class; None for any other key."""
    if _modified(event):
        return None
    if event.key() in _CLEAR:
        return -1
    typed = event.text().lower()
    return CLASS_KEYS.index(typed) if len(typed) == 1 and typed in CLASS_KEYS else None


def mark_of(event: QKeyEvent) -> str | None:
    """The mark whose key was pressed ("unsure": question mark, "excluded": Delete), None for any other."""
    if event.text() == UNSURE_KEY:
        return "unsure"
    return "excluded" if event.key() == Qt.Key.Key_Delete and not _modified(event) else None


def _modified(event: QKeyEvent) -> bool:
    return event.modifiers() not in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}
