"""The common layout of the tool dialogs: margins, the row of buttons, the primary button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLayout, QPushButton, QVBoxLayout, QWidget

from tldesk.ui.widgets.panel import set_role


def lay_out(dialog: QDialog, parts: Sequence[QWidget | QLayout], grows: QWidget | QLayout) -> None:
    """Stack the parts vertically; ``grows`` takes the remaining space."""
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
    """Return a row with these buttons and Close."""
    row = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, dialog)
    for button in buttons:
        row.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
    row.rejected.connect(dialog.reject)
    return row


def show_primary(buttons: Sequence[QPushButton], primary: QPushButton, *, highlighted: bool = True) -> None:
    """Make one of the buttons the default (Return presses it), with the accent colour if ``highlighted``."""
    for button in buttons:
        set_role(button, "primary" if button is primary and highlighted else "")
        button.setDefault(button is primary)


def show_words(where: QLabel, words: str) -> None:
    """Show the text, or hide the label if it is empty."""
    where.setText(words)
    where.setVisible(bool(words))
