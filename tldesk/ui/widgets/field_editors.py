"""Editors for one field of a recipe, made from the field's description. Invalid input stays visible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from tldesk.base import Problem
from tldesk.recipe import FieldHelp

_BESIDE = 12  # px next to the texts of a list


class Editor(Protocol):
    """The interface of an editor that the form uses."""

    def widget(self) -> QWidget:
        """The control."""

    def put(self, value: object) -> None:
        """Show a value; emits no signal."""

    def get(self) -> object:
        """Return the value as typed: a string if it cannot be parsed as a number."""

    def mistake(self, path: str) -> Problem | None:
        """Return the mistake in the typed text, before the recipe is validated; None if there is none."""


class NumberEditor:
    """A line for a number.

    Up and Down change it; empty means "the backbone's own" or "automatic" where permitted.
    """

    def __init__(self, about: FieldHelp, changed: Callable[[], None], parent: QWidget | None = None) -> None:
        self._about = about
        self._line = _NumberLine(self._step, parent)
        if about.optional:
            self._line.setPlaceholderText(_tr("usual size"))
        if about.word:
            self._line.setPlaceholderText(_tr("automatic"))
        self._changed = changed
        self._line.textEdited.connect(lambda _text: changed())

    def widget(self) -> QWidget:
        """The line edit."""
        return self._line

    def put(self, value: object) -> None:
        """Show a number; if the typed text is already equal, it is kept."""
        if self.mistake("") is None and self._line.text() and self.get() == value:
            return
        self._line.setText("" if value in (None, self._about.word) else number_text(value))

    def get(self) -> object:
        """Return int, float, None or the field's word (if empty and permitted), or the text as typed."""
        word = self._about.word
        if word and self._line.text().strip().lower() in ("", word):
            return word
        return parsed_number(
            self._line.text(), whole=self._about.kind == "whole", optional=self._about.optional
        )

    def mistake(self, path: str) -> Problem | None:
        """Return a problem if the text is not a number."""
        value = self.get()
        if not isinstance(value, str) or value == self._about.word != "":
            return None
        if not value.strip():
            return Problem(path, _tr("A number is missing"), _tr("Write one"))
        fix = (
            _tr("Write a whole number") if self._about.kind == "whole" else _tr("Write a number such as 0.01")
        )
        return Problem(path, _tr("“{0}” cannot be used").format(value.strip()), fix)

    def _step(self, up: bool) -> None:
        value = self.get()
        if not isinstance(value, int | float) or isinstance(value, bool):
            return
        self._line.setText(number_text(stepped(value, self._about, up=up)))
        self._changed()


class ChoiceEditor:
    """A combo box with the permitted values."""

    def __init__(self, about: FieldHelp, changed: Callable[[], None], parent: QWidget | None = None) -> None:
        self._box = QuietComboBox(parent)
        for choice in about.choices:
            self._box.addItem(choice.replace("_", " "), choice)
        self._permitted = self._box.count()
        self._box.activated.connect(lambda _index: changed())

    def widget(self) -> QWidget:
        """The combo box."""
        return self._box

    def put(self, value: object) -> None:
        """Select a value; one that is not permitted stays visible until another is set."""
        while self._box.count() > self._permitted:
            self._box.removeItem(self._permitted)
        if self._box.findData(value) < 0:
            self._box.addItem(str(value), value)
        self._box.setCurrentIndex(self._box.findData(value))

    def get(self) -> object:
        """Return the selected value."""
        return self._box.currentData()

    def mistake(self, path: str) -> Problem | None:
        """Return None: only valid values can be selected."""
        del path
        return None


class SwitchEditor:
    """A tick box with its own title."""

    def __init__(self, about: FieldHelp, changed: Callable[[], None], parent: QWidget | None = None) -> None:
        self._box = QCheckBox(about.title, parent)
        self._box.clicked.connect(lambda _on: changed())

    def widget(self) -> QWidget:
        """The tick box."""
        return self._box

    def put(self, value: object) -> None:
        """Set the tick."""
        self._box.setChecked(bool(value))

    def get(self) -> object:
        """Return whether it is ticked."""
        return self._box.isChecked()

    def mistake(self, path: str) -> Problem | None:
        """Return None: both values are valid."""
        del path
        return None


class QuietComboBox(QComboBox):
    """A combo box that ignores the wheel while the form is being scrolled over it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the form, unless the box has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def showPopup(self) -> None:
        """Make the list as wide as its longest entry, however narrow the box is."""
        view = self.view()
        view.setMinimumWidth(view.sizeHintForColumn(0) + 2 * view.frameWidth() + _BESIDE)
        super().showPopup()


class _NumberLine(QLineEdit):
    def __init__(self, step: Callable[[bool], None], parent: QWidget | None) -> None:
        super().__init__(parent)
        self._step = step
        self.setMinimumWidth(48)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            self._step(event.key() == Qt.Key.Key_Up)
            return
        super().keyPressEvent(event)


def editor_for(about: FieldHelp, changed: Callable[[], None], parent: QWidget | None = None) -> Editor:
    """Return an editor for a field of kind "whole", "number", "choice" or "switch".

    ``parent`` is the parent of its control.

    Raises:
        ValueError: the field is of another kind.
    """
    if about.kind in {"whole", "number"}:
        return NumberEditor(about, changed, parent)
    if about.kind == "choice":
        return ChoiceEditor(about, changed, parent)
    if about.kind == "switch":
        return SwitchEditor(about, changed, parent)
    raise ValueError(f"no editor for a field of kind {about.kind}")


def number_text(value: object) -> str:
    """Format a number: ``0.00001`` and not ``1e-05``; ``8`` and not ``8.0``."""
    if isinstance(value, float):
        return np.format_float_positional(value, trim="-")
    return str(value)


def rate_text(rate: float) -> str:
    """Format a suggested learning rate with two significant digits: ``0.000011``."""
    return number_text(float(f"{rate:.1e}"))


def parsed_number(text: str, *, whole: bool, optional: bool) -> int | float | str | None:
    """Parse a number (comma or point); None if empty and optional, else the text as it is."""
    plain = text.strip().replace(",", ".")
    if not plain and optional:
        return None
    try:
        return int(plain) if whole else float(plain)
    except ValueError:
        return text


def stepped(value: float, about: FieldHelp, *, up: bool) -> float:
    """Return the next value for a press of Up or Down, within the field's bounds.

    Whole numbers change by one (sizes over 32 by 8), learning rates (open at zero) are doubled or halved,
    shares change by 0.05, angles by 5.
    """
    low = about.low if about.low is not None else float("-inf")
    high = about.high if about.high is not None else float("inf")
    if about.kind == "whole":
        by = 8 if low >= 32 else 1
        return int(min(max(value + (by if up else -by), low), high))
    if about.low_open:
        return min(float(f"{value * (2 if up else 0.5):.3g}"), high)
    step = 0.05 if high <= 1 else (5.0 if high >= 180 else 0.5)
    return round(min(max(value + (step if up else -step), low), high), 4)


def _tr(text: str) -> str:
    return QCoreApplication.translate("fields", text)
