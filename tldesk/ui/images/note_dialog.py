"""A dialog to enter a value for a column of the images' metadata."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from tldesk.ui.images.metadata_column import MetadataColumn


class NoteDialog(QDialog):
    """Column and value are selected from existing ones, or typed."""

    wanted = Signal(str, str)  # column, value; "" removes the value

    def __init__(self, images: str, columns: Sequence[MetadataColumn], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Note a value"))
        self.setMinimumWidth(420)
        self._values = {one.name: [value for value, _ in one.values] for one in columns}
        self.column = QComboBox(self)
        self.value = QComboBox(self)
        for box in (self.column, self.value):
            box.setEditable(True)
        self.column.addItems([one.name for one in columns])
        self.column.setAccessibleName(self.tr("Column"))
        self.value.setAccessibleName(self.tr("Value"))
        self.column.currentTextChanged.connect(self._offer_values)
        words = QLabel(
            self.tr(
                "For {0}: a site, a scanner, an age … Values noted here override the table "
                "of labels. Leave the value empty to remove it."
            ).format(images),
            self,
        )
        words.setWordWrap(True)
        words.setProperty("role", "muted")
        kinds = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel, self)
        self.buttons.button(kinds.Ok).setText(self.tr("Note"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.addRow(self.tr("Column"), self.column)
        form.addRow(self.tr("Value"), self.value)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(words)
        layout.addLayout(form)
        layout.addWidget(self.buttons)
        self._offer_values(self.column.currentText())

    def _offer_values(self, column: str) -> None:
        self.value.clear()
        self.value.addItems(self._values.get(column, []))
        self.value.setEditText("")
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(bool(column.strip()))

    def accept(self) -> None:
        """Emit the column and value, and close."""
        column = self.column.currentText().strip()
        if column:
            self.wanted.emit(column, self.value.currentText().strip())
            super().accept()
