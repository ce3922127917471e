"""A box to select a model: one of the project's runs, or any model file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from tldesk.ui.predict.work import ModelChoice
from tldesk.ui.widgets.field_editors import QuietComboBox

_OTHER = "other"


class ModelBox(QuietComboBox):
    """Emits the selected file, or a request for another file."""

    filePicked = Signal(object)  # Path
    otherAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[ModelChoice, ...] = ()
        self._current: Path | None = None
        self.setMinimumContentsLength(28)
        self.setAccessibleName(self.tr("Model"))
        self.activated.connect(lambda _index: self._picked())

    def fill(self, choices: Sequence[ModelChoice], current: Path | None) -> None:
        """Show new models with one of them selected; emits no signal."""
        self._choices = tuple(choices)
        self._current = current
        self.clear()
        for choice in self._choices:
            self.addItem(choice.title, str(choice.file))
        if current is not None and self.findData(str(current)) < 0:
            self.addItem(current.name, str(current))
        if self.count() == 0:
            self.addItem(self.tr("no model yet"), "")
        self.addItem(self.tr("Another model file…"), _OTHER)
        self.setCurrentIndex(max(self.findData(str(current)), 0))

    @property
    def chosen(self) -> ModelChoice | None:
        """The selected model; None if it is none of those that were given."""
        return next((one for one in self._choices if one.file == self._current), None)

    def _picked(self) -> None:
        picked = self.currentData()
        if picked == _OTHER:
            self.fill(self._choices, self._current)
            self.otherAsked.emit()
        elif picked:
            self.filePicked.emit(Path(picked))
