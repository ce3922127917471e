"""What the dialogs of the tools look alike in: margins, the row of buttons, which button is the main one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLayout, QPushButton, QVBoxLayout, QWidget

from tldesk.ui.widgets.panel import set_role


def lay_out(dialog: QDialog, parts: Sequence[QWidget | QLayout], grows: QWidget | QLayout) -> None:
    """Put the parts below each other; ``grows`` takes the room that is left."""
    box = QVBoxLayout(dialog)
    box.setContentsMargins(24, 20, 24, 16)
    box.setSpacing(12)
    for part in parts:
        stretch = 1 if part is grows else 0
        if isinstance(part, QLayout):
            box.addLayout(part, stretch)
        else:
            box.addWidget(part, stretch)


def button_row(dialog: QDialog, *buttons: QPushButton) -> QDialogButtonBox:
    """The buttons beside Close."""
    row = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, dialog)
    for button in buttons:
        row.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
    row.rejected.connect(dialog.reject)
    return row


def show_primary(buttons: Sequence[QPushButton], primary: QPushButton, *, highlighted: bool = True) -> None:
    """Make one of the buttons the default one (Return presses it), accent-coloured if ``highlighted``."""
    for button in buttons:
        set_role(button, "primary" if button is primary and highlighted else "")
        button.setDefault(button is primary)


def show_words(where: QLabel, words: str) -> None:
    """Show the words, or hide the label where there are none."""
    where.setText(words)
    where.setVisible(bool(words))
