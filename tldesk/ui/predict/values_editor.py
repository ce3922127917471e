"""Editable column values of one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from tldesk.ui.widgets.panel import label


class ValuesEditor(QWidget):
    """One field per column. Typed text takes effect when Enter is pressed or the field loses the focus."""

    changed = Signal(object)  # dict from column to text, only of columns with a value

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: dict[str, QLineEdit] = {}
        self._shown: dict[str, str] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self.hide()

    def show_values(self, columns: Sequence[str], values: Mapping[str, str], unknown: Sequence[str]) -> None:
        """Show a picture's values; emits no signal.

        Args:
            columns: the model's columns; if empty, the editor is hidden.
            values: the picture's values.
            unknown: columns without a value, or with a value that the model does not know.
        """
        if list(columns) != list(self.lines):
            self._make(columns)
        self._shown = {name: values.get(name, "") for name in columns}
        for name, line in self.lines.items():
            line.setText(self._shown[name])
            lacking = self.tr("unknown to the model") if self._shown[name] else self.tr("no value")
            line.setToolTip(lacking if name in unknown else "")
            line.setPlaceholderText(self.tr("no value"))
            line.setProperty("problem", "true" if name in unknown and self._shown[name] else "false")
            line.style().unpolish(line)
            line.style().polish(line)
        self.setVisible(bool(columns))

    def _make(self, columns: Sequence[str]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.lines = {}
        for row, name in enumerate(columns):
            line = self.lines[name] = QLineEdit()
            line.setAccessibleName(name)
            line.editingFinished.connect(self._finished)
            title = label(name.replace("&", "&&"), "muted")
            title.setBuddy(line)
            self._grid.addWidget(title, row, 0)
            self._grid.addWidget(line, row, 1)

    def _finished(self) -> None:
        typed = {name: line.text().strip() for name, line in self.lines.items()}
        if typed != self._shown:  # leaving a field without typing is not a change
            self._shown = typed
            self.changed.emit({name: text for name, text in typed.items() if text})
