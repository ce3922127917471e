"""Saves the Predict page's predictions as a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLocale, QObject, Signal
from PySide6.QtWidgets import QWidget

from tldesk.base import plural
from tldesk.base.spreadsheet import CsvStyle
from tldesk.prediction import Answer, Failure, write_table
from tldesk.ui import errors
from tldesk.ui.lane.tasks import Tasks
from tldesk.ui.session.session import Session
from tldesk.ui.widgets.ask_for_files import LatestAnswers, ask_for_files


class AnswerTable(QObject):
    """Asks for a file and writes one row per picture, in the background."""

    said = Signal(str)

    def __init__(self, page: QWidget, session: Session, tasks: Tasks) -> None:
        super().__init__(page)
        self._page = page
        self._session = session
        self._answers = LatestAnswers(tasks)

    def ask(self, entries: Sequence[Answer | Failure]) -> None:
        """Ask where to save these entries."""
        if not entries:
            self.said.emit(self.tr("There are no predictions to save yet"))
            return
        ask_for_files(
            self._page,
            self._session.settings,
            self.tr("Save table"),
            self.tr("Excel workbook (*.xlsx)") + ";;" + self.tr("CSV for spreadsheet programs (*.csv)"),
            lambda paths: self.write(entries, paths[0]),
            save_as="xlsx",
            name=self.tr("predictions") + ".xlsx",
        )

    def write(self, entries: Sequence[Answer | Failure], file: Path) -> None:
        """Save these entries as a workbook, or as CSV with the separators of the user's own settings."""
        style = CsvStyle.for_reader(QLocale().decimalPoint())
        classes = next((entry.classes for entry in entries if isinstance(entry, Answer)), ())
        rows = plural(len(entries), self.tr("row"), self.tr("rows"))
        told = self.tr("Saved {0} as {1}").format(rows, file.name)
        self._answers.ask(
            "save",
            lambda: write_table(entries, classes, file, style),
            lambda _none: self.said.emit(told),
            self._not_saved,
        )

    def _not_saved(self, error: Exception) -> None:
        errors.show(self._page, error, self.tr("The table was not saved"))
