"""Sizes a dialog to its contents and keeps all of it on the screen, where its buttons are."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def fit_on_screen(dialog: QWidget) -> None:
    """Give a dialog the size that its contents need; move it if it would reach beyond its screen.

    Qt leaves a dialog that grows where it is: one that shows a table after it was opened would have its
    buttons below a small screen.
    """
    dialog.adjustSize()
    if not dialog.isVisible():
        return  # it is placed when it is shown
    room, frame = dialog.screen().availableGeometry(), dialog.frameGeometry()
    right = min(frame.left(), room.right() - frame.width() + 1)
    up = min(frame.top(), room.bottom() - frame.height() + 1)
    place = (max(room.left(), right), max(room.top(), up))
    if place != (frame.left(), frame.top()):
        dialog.move(*place)
