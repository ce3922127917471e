"""A line that says what became of a model's classes since its run."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from tldesk.ui.predict.work import ModelChoice
from tldesk.ui.session.stale_run_words import classes_sentences


class ClassNote(QLabel):
    """Hidden unless classes were renamed, merged or deleted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "warn")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)  # names are no HTML
        self.hide()

    def tell(self, choice: ModelChoice | None) -> None:
        """Show what became of the classes of this model; None for one that belongs to no run."""
        names = None if choice is None else choice.names
        self.setText("" if choice is None or names is None else classes_sentences(names, choice.run))
        self.setVisible(bool(self.text()))
